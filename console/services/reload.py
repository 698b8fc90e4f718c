"""Settings that change while a stage runs: noticed, judged as a whole, and taken over between two commits.

A stage is made anew from its state, as after a restart, so nothing is lost; rules that are wrong change nothing.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from wire.catalogue import Catalogue
from wire.errors import BadSettings
from wire.settings import Settings
from wire.settings_file import load_settings
from wire.settings_stamp import stamp_of

_log = logging.getLogger(__name__)
# How often files are looked at; people who save a file wait no longer than twice this.
_EVERY = timedelta(seconds=1)

# What a stage that can be made anew is made of; a change of anything else takes effect at the next start.
_MADE_OF: Mapping[str, Callable[[Settings, Catalogue], object]] = {
    "enrich": lambda s, c: (c.digest, s.outlet),
    "alerts": lambda s, c: (c.digest, s.outlet, s.watch, s.group, s.deliver.zone),
    "deliver": lambda s, c: (c.digest, s.outlet, s.watch, s.channel, s.deliver),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings as they were read together."""

    settings: Settings
    catalogue: Catalogue


class Reload:
    """Tells when a stage must be made anew, and of what.  One thread looks at the files; `take` is for the stage's."""

    def __init__(self, stage: str, path: Path, rules: Rules, changed: Callable[[], None]) -> None:
        """`changed` is called, from the thread that looks, when other rules are in force."""
        self._made_of = _MADE_OF.get(stage)
        self._path = path
        self._rules = rules
        self._changed = changed
        self._seen = stamp_of(path, rules.settings)
        self._judged = self._seen
        self._asked = threading.Event()

    def start(self) -> None:
        """Begin to look, for as long as the process lives."""
        if self._made_of is not None:
            threading.Thread(target=self._watch, name="reload", daemon=True).start()

    def ask(self) -> None:
        """Make the stage anew although no file has changed, as when a secret's file has; from any thread."""
        self._asked.set()

    def take(self) -> Rules:
        """The rules in force."""
        return self._rules

    def _watch(self) -> None:
        while True:
            asked = self._asked.wait(_EVERY.total_seconds())
            self._asked.clear()
            self.look(asked=asked)

    def look(self, *, asked: bool = False) -> None:
        """Look once; a file counts as changed when it has been the same for two looks, so that it is whole."""
        before, self._seen = self._seen, stamp_of(self._path, self._rules.settings)
        if asked or (self._seen == before and self._seen != self._judged):
            self._judged = self._seen
            self._judge(asked=asked)

    def _judge(self, *, asked: bool) -> None:
        try:
            settings, catalogue = load_settings(self._path)
        except BadSettings as error:
            _log.error(f"the new settings are not taken, the old rules stay: {error}", extra={"code": error.code})
            return
        assert self._made_of is not None
        old = self._rules
        same = self._made_of(settings, catalogue) == self._made_of(old.settings, old.catalogue)
        if same and not asked:
            _log.info("the settings have changed; what this stage takes over while it runs has not")
            return
        self._rules = Rules(settings, catalogue)
        _log.info("new rules", extra={"watches": len(settings.watch), "entities": len(catalogue)})
        self._changed()
