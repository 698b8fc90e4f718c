"""A watch: a user's standing question, resolved from the settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from alerts.ids import hashed
from wire.settings import WatchSettings


class Scope(Enum):
    """How near to one another the entities of a watch must stand."""

    HEADLINE = "headline"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    ARTICLE = "article"
    STORY = "story"  # anywhere in the coverage of one story


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """All of `entities` within `scope`, on conditions.

    `languages` and `outlets` (empty: any) say which articles count as evidence.  `min_outlets` says how many of the
    watch's outlets must cover the story, whether or not each of them names the entities.
    """

    name: str
    entities: tuple[str, ...]
    scope: Scope
    languages: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    min_outlets: int = 1
    channels: tuple[str, ...]
    digest: str = ""  # of everything that the settings say of it

    def admits(self, *, outlet: str, language: str) -> bool:
        """Whether an article of `outlet` in `language` counts as evidence."""
        return (not self.outlets or outlet in self.outlets) and (not self.languages or language in self.languages)

    def covered_by(self, outlets: Iterable[str]) -> int:
        """How many of `outlets` count towards `min_outlets`."""
        return sum(not self.outlets or outlet in self.outlets for outlet in outlets)


def watch_from(settings: WatchSettings) -> Watch:
    """The watch that `settings` describe; an entity or channel named twice counts once."""
    return Watch(
        name=settings.name,
        entities=tuple(dict.fromkeys(settings.all)),
        scope=Scope(settings.scope),
        languages=frozenset(settings.languages),
        outlets=frozenset(settings.outlets),
        min_outlets=settings.min_outlets,
        channels=tuple(dict.fromkeys(settings.channels)),
        digest=hashed("wd", settings.model_dump_json()),
    )


class Watches:
    """The watches in force, in the order of their names, found by the entities that they ask for."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.by_name: Mapping[str, Watch] = {watch.name: watch for watch in sorted(watches, key=lambda w: w.name)}
        self.entities = frozenset(entity for watch in watches for entity in watch.entities)
        # One entity of each watch is enough to find it: a watch whose first entity is absent cannot be satisfied.
        self._by_first: dict[str, list[Watch]] = {}
        for watch in self.by_name.values():
            self._by_first.setdefault(watch.entities[0], []).append(watch)

    def possible(self, entities: Iterable[str]) -> list[Watch]:
        """The watches all of whose entities are among `entities`, by name."""
        there = frozenset(entities)
        found = [
            watch for entity in there for watch in self._by_first.get(entity, ()) if there.issuperset(watch.entities)
        ]
        return sorted(found, key=lambda watch: watch.name)
