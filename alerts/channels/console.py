"""Alerts on the service's standard output."""

import threading
from typing import TextIO

from alerts.channels.text import as_text
from alerts.channels.threads import on_own_thread
from alerts.message import Message
from alerts.outcome import Accepted, Found, NoAnswer, Outcome


class ConsoleSender:
    """Writes each message as text, whole; a reader that does not read (a full pipe) holds up this channel alone."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._turn = threading.Lock()

    async def send(self, message: Message) -> Outcome:
        """See `Channel`; of a write that has begun, nobody can take the rest back."""
        cancelled = threading.Event()
        text = as_text(message) + "\n"
        try:
            await on_own_thread(lambda: self._write(text, cancelled), cancelled.set)
        except OSError as error:
            return NoAnswer(reason=f"standard output: {error.strerror or type(error).__name__}")
        return Accepted()

    async def find(self, message: Message) -> Found:
        """See `Channel`; nobody can look into a terminal."""
        return None

    def _write(self, text: str, cancelled: threading.Event) -> None:
        encoding = self._output.encoding or "utf-8"
        with self._turn:
            if not cancelled.is_set():
                self._output.write(text.encode(encoding, "replace").decode(encoding))
                self._output.flush()
