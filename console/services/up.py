"""All stages and the live page on one machine: supervised, minded, ended together."""

import logging
import os
import signal
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from console.checkup.status import read_progress
from console.open_log import open_log
from console.options import say
from console.services.minder import Minder, pinger
from console.services.supervisor import Supervisor, page_command, stage_command
from wire.errors import Exit, TopicMismatch
from wire.settings import Settings
from wire.settings_file import load_settings
from wire.topics import STAGES

_log = logging.getLogger(__name__)
# A service that was started again less often than this may still be on its way up.
_STARTS_THAT_ARE_TROUBLE = 3


def run_up(path: Path, *, with_page: bool) -> Exit:
    """Run everything until a signal; 3 where a stage needs somebody.

    Raises:
        WireError: the log is not there or not as the catalogue says, or the settings are not good.
    """
    settings, _ = load_settings(path)
    commands = {name: stage_command(name, str(path)) for name in STAGES}
    if with_page and _installed("starlette", "uvicorn", "jinja2"):
        commands["page"] = page_command(str(path))
    supervisor = Supervisor(commands, beside=["page"])
    with closing(open_log(settings.log)) as log:
        if settings.log.kind == "sqlite":
            log.create()
        if different := log.differences():
            raise TopicMismatch(different)
        minder = Minder(
            settings.health,
            log=log,
            progress=partial(read_progress, log),
            down=partial(down, supervisor),
            folder=(settings.log.path if settings.log.kind == "sqlite" else settings.index.path).parent,
            channels=_operators(settings),
            now=lambda: datetime.now(UTC),
            ping=_ping(settings),
        )
        signal.signal(signal.SIGTERM, supervisor.stop)
        signal.signal(signal.SIGINT, supervisor.stop)
        _log.info("up", extra={"log": settings.log.kind, "stages": len(STAGES)})
        minder.start()
        try:
            return supervisor.run()
        finally:
            minder.stop()


def down(supervisor: Supervisor) -> dict[str, str]:
    """Why services do not run, by name: those given up, and those that die again and again."""
    found = {}
    for child in list(supervisor.children.values()):
        if child.final is not None:
            found[child.name] = f"it ended with status {child.final} and needs somebody"
        elif child.failures >= _STARTS_THAT_ARE_TROUBLE:
            found[child.name] = f"it died {child.failures} times in a row"
    return found


def _operators(settings: Settings) -> tuple[str, ...]:
    return settings.deliver.operators or tuple(channel.name for channel in settings.channel[:1])


def _ping(settings: Settings) -> "partial[None] | None":
    chosen = settings.health.dead_man
    if chosen is None:
        return None
    return partial(pinger(chosen.read(os.environ, "health.dead_man").get_secret_value()))


def _installed(*modules: str) -> bool:
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        say("note: no live page, it needs: pip install 'wirewatch[page]'")
    return not missing
