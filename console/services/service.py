"""One service: all lanes of one stage in this process, until a signal or until one of them must end."""

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType

from wire.errors import Exit, WireError
from wire.loop import Loop

_log = logging.getLogger(__name__)


class Service:
    """The lanes of one process, until a signal; with `anew` they end well and are opened once more."""

    def __init__(self, *, mind_stdin: bool, on_hangup: Callable[[], None] = lambda: None) -> None:
        """Takes SIGTERM, SIGINT, SIGHUP and SIGUSR1 from now on; at the last each lane says what its state is.

        Args:
            mind_stdin: stop also when standard input closes, so that a child never outlives its supervisor.
            on_hangup: called at SIGHUP.
        """
        self._stopping = threading.Event()
        self._anew = threading.Event()
        self._loops: list[Loop] = []
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGHUP, lambda _signal, _frame: on_hangup())
        signal.signal(signal.SIGUSR1, self._tell)
        if mind_stdin:
            threading.Thread(target=_when_stdin_closes, args=(self.stop,), daemon=True).start()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """End the lanes well, for good; from any thread or a signal handler."""
        self._stopping.set()
        self._end_loops()

    def anew(self) -> None:
        """End the lanes well, to be opened once more; from any thread."""
        self._anew.set()
        self._end_loops()

    def _tell(self, _signal: int, _frame: FrameType | None) -> None:
        for loop in list(self._loops):
            loop.tell()

    def _end_loops(self) -> None:
        for loop in list(self._loops):
            loop.stop()

    def run(self, open_loops: Sequence[Callable[[], Loop]], on_open: Callable[[Loop], None]) -> bool:
        """Run every lane on a thread of its own until they have ended well; True if they are to be opened once more.

        If a lane ends by an error, the whole process ends at once with the error's status: what the others had not
        committed never happened.

        Args:
            open_loops: each takes one lane; called on the lane's own thread.
            on_open: told of each loop as soon as its lane is taken.
        """
        ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._loops = []

        def live(open_loop: Callable[[], Loop]) -> None:
            try:
                loop = open_loop()
                self._loops.append(loop)
                on_open(loop)
                if self._stopping.is_set() or self._anew.is_set():
                    loop.stop()
                loop.run()
                ended.put(None)
            # Any error of a lane ends the process: it is carried to the main thread, which decides the status.
            except BaseException as error:  # noqa: BLE001
                ended.put(error)

        for open_loop in open_loops:
            threading.Thread(target=live, args=(open_loop,), daemon=True).start()
        for _ in open_loops:
            error = _next(ended)
            if error is not None:
                _end(error)
        again = self._anew.is_set() and not self._stopping.is_set()
        # Before the caller takes the new rules: what changes after that ends the next run at once.
        self._anew.clear()
        return again


def _next(ended: "queue.SimpleQueue[BaseException | None]") -> BaseException | None:
    while True:  # a wait without a limit would keep Python from running the signal handlers
        try:
            return ended.get(timeout=0.5)
        except queue.Empty:
            continue


def _when_stdin_closes(stop: Callable[[], None]) -> None:
    # Not through `sys.stdin`: its lock, held by a thread that waits, aborts the interpreter's shutdown.
    while os.read(0, 1024):
        pass
    stop()


def _end(error: BaseException) -> None:
    status = error.exit if isinstance(error, WireError) else Exit.ERROR
    if isinstance(error, WireError):
        _log.error(str(error), extra={"code": error.code, "status": int(status)})
    else:
        _log.critical("the process ends by a fault", exc_info=error, extra={"status": int(status)})
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(status)
