"""One life of one stage: the real command in a process of its own, which a hook may end at the n-th hit of a point.

The process is forked from one that has imported everything, so that a life begins in some 50 ms.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from wire import crash
from wire.errors import Exit

_CONTEXT: ForkServerContext = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "console.main",
        "console.services.run_stage",
        "ingest.edge",
        "ingest.stage",
        "cluster.stage",
        "alerts.stage",
        "alerts.deliver",
        "alerts.channels.build",
        "alerts.perform",
        "wire.log.kafka",
        "tests.crash.small_enrich",
        "tests.crash.mutations",
        "tests.crash.life",
    ]
)


@dataclass(frozen=True)
class Crash:
    """Kill -9 at the `hit`-th hit of `point`, counted from 1 in each life; or a milder fault there.

    `raising`: an answer is lost; `stopping`: the process is stopped, until somebody continues it.
    """

    point: str
    hit: int = 1
    raising: bool = False
    stopping: bool = False

    @property
    def may_survive(self) -> bool:
        """Whether the fault itself leaves the process alive."""
        return self.raising or self.stopping


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What a life is to be: the stage and its settings, where its output goes, how it is to end."""

    stage: str
    settings: Path
    output: Path
    crash: Crash | None = None
    mutation: str | None = None
    real_model: bool = False  # else enrich has a small encoder


def begin(orders: Orders) -> BaseProcess:
    """Start a life."""
    process = _CONTEXT.Process(target=_live, args=(orders,), name=orders.stage)
    process.start()
    return process


def _live(orders: Orders) -> None:
    # As the command does, some milliseconds earlier.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(Exit.WELL))
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    from console import main
    from console.services import run_stage
    from tests.crash.mutations import MUTATIONS
    from tests.crash.small_enrich import small_enrich

    # Some lives end in native code; their memory image on a disk that is nearly full would be the next fault.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    output = os.open(orders.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if not orders.real_model:
        setattr(run_stage, "_enrich", small_enrich)  # noqa: B010
    if orders.mutation is not None:
        MUTATIONS[orders.mutation].apply()
    if orders.crash is not None:
        crash.install(hook_for(orders.crash))
    sys.argv = ["wirewatch", "stage", orders.stage, "--settings", str(orders.settings)]
    main.main()


def hook_for(wanted: Crash) -> Callable[[str], None]:
    """The hook that does what is wanted at the wanted hit."""
    hits = 0
    lock = threading.Lock()

    def hook(point: str) -> None:
        nonlocal hits
        if point != wanted.point:
            return
        with lock:
            hits += 1
            if hits == wanted.hit:
                os.write(2, f"{'fault' if wanted.may_survive else 'killed'} at {point}, hit {hits}\n".encode())
                if wanted.raising:
                    raise ConnectionError("the answer was lost")
                os.kill(os.getpid(), signal.SIGSTOP if wanted.stopping else signal.SIGKILL)

    return hook
