"""A watch tried from the page before it is saved: the back-test of the command line, one at a time."""

import tempfile
import threading
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from console.backtest import history, told, unseen
from console.errors import NotFound
from console.watch_choice import choose
from wire.catalogue import Catalogue
from wire.errors import BadSettings
from wire.log.port import Log
from wire.messages import Alert
from wire.settings import Settings

LOOK_BACK = timedelta(days=30)
# History is read whole and judged event by event: two at once would only make each other late.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came out: faults of the draft, or the alerts that it would have raised among `looked` story events."""

    draft: str
    faults: list[str] = field(default_factory=list)
    told: list[Alert] | None = None
    looked: int = 0
    unseen: list[str] = field(default_factory=list)  # entities that nothing in the log mentions


def try_watch(draft: str, settings: Settings, catalogue: Catalogue, log: Log, now: datetime) -> Tried:
    """Back-test the one `[[watch]]` of `draft`; nothing is saved or sent."""
    try:
        name = _name(draft)
        with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
            file.write(draft)
            file.flush()
            chosen = choose(settings, catalogue, name, Path(file.name), None)
    except BadSettings as error:
        return Tried(draft=draft, faults=[str(fault) for fault in error.faults])
    except (NotFound, ValueError) as error:
        return Tried(draft=draft, faults=[str(error)])
    since = now - LOOK_BACK
    with _one_at_a_time:
        past = history(log, since)
        found = told(chosen.watch, past.records, chosen.catalogue, since)
    nowhere = sorted(unseen(chosen.watch, past))
    return Tried(draft=draft, told=found, looked=len(past.records), unseen=nowhere)


def _name(draft: str) -> str:
    """The name of the draft's watch; `ValueError` in words for people where there is none or more."""
    try:
        watches = tomllib.loads(draft).get("watch", [])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is no TOML: {error}") from None
    if not isinstance(watches, list) or len(watches) != 1 or not isinstance(watches[0], dict):
        raise ValueError("write one watch, as in wirewatch.toml: it begins with [[watch]]")
    name = watches[0].get("name")
    if not isinstance(name, str):
        raise ValueError("the watch needs a name")
    return name


def starter(settings: Settings) -> str:
    """A draft to begin with."""
    channel = next((channel.name for channel in settings.channel), "terminal")
    return (
        f'[[watch]]\nname = "my-watch"\nall = ["elon-musk", "vladimir-putin"]\nscope = "sentence"\n'
        f'channels = ["{channel}"]\n'
    )
