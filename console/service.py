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


def run_lanes(open_loops: Sequence[Callable[[], Loop]], on_open: Callable[[Loop], None], *, mind_stdin: bool) -> Exit:
    """Run every lane on a thread of its own; return after a clean stop by SIGTERM or SIGINT.

    If a lane ends by an error, the whole process ends at once with the error's status: what the others had not
    committed never happened.

    Args:
        open_loops: each takes one lane; called on the lane's own thread.
        on_open: told of each loop as soon as its lane is taken.
        mind_stdin: stop also when standard input closes, so that a child never outlives its supervisor.
    """
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    stopping = threading.Event()
    loops: list[Loop] = []

    def live(open_loop: Callable[[], Loop]) -> None:
        try:
            loop = open_loop()
            loops.append(loop)
            on_open(loop)
            if stopping.is_set():
                loop.stop()
            loop.run()
            ended.put(None)
        # Any error of a lane ends the process: it is carried to the main thread, which decides the status.
        except BaseException as error:  # noqa: BLE001
            ended.put(error)

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        stopping.set()
        for loop in list(loops):
            loop.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if mind_stdin:
        threading.Thread(target=_when_stdin_closes, args=(stop,), daemon=True).start()
    for open_loop in open_loops:
        threading.Thread(target=live, args=(open_loop,), daemon=True).start()
    for _ in open_loops:
        error = _next(ended)
        if error is not None:
            _end(error)
    return Exit.WELL


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
