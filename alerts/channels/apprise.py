"""Alerts through any service that Apprise knows, in a process of its own.

Apprise writes addresses into its logs, and a call of it cannot be ended: a process can, and what it prints is dropped.
"""

import asyncio
import sys

import msgspec
from pydantic import SecretStr

from alerts.channels.text import as_text
from alerts.message import Message
from alerts.outcome import Accepted, Found, NoAnswer, Outcome, Refused, TryLater


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to the process on its standard input."""

    url: str
    title: str
    body: str


# Exit statuses of the process.
ACCEPTED, NOT_TAKEN, NO_SERVICE, NOT_INSTALLED = 0, 20, 21, 22


class AppriseSender:
    """Sends each message as plain text; Apprise tells only whether the service took it."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url

    async def send(self, message: Message) -> Outcome:
        """See `Channel`."""
        title = ("(may repeat) " if message.may_repeat else "") + f"[{message.watch}] {message.subject}"
        parcel = Parcel(url=self._url.get_secret_value(), title=title, body=as_text(message))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "alerts.channels.apprise_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await process.communicate(msgspec.json.encode(parcel))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _outcome(process.returncode)

    async def find(self, message: Message) -> Found:
        """See `Channel`; Apprise cannot look."""
        return None


def _outcome(status: int | None) -> Outcome:
    match status:
        case 0:
            return Accepted()
        case 20:
            return TryLater(reason="the service did not take it")
        case 21:
            return Refused(reason="Apprise knows no service for this address")
        case 22:
            return Refused(reason="Apprise is not installed: pip install 'wirewatch[apprise]'")
        case _:
            return NoAnswer(reason=f"Apprise ended with status {status}")
