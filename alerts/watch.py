"""A watch: a user's standing question, resolved from the settings."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.ids import hashed
from alerts.words import WordIndex
from wire.settings import GroupSettings, OutletSettings, WatchSettings
from wire.watch_settings import last_moment

Term = frozenset[str]
"""Entities any of which will do."""


class Scope(Enum):
    """How near to one another the entities of a watch must stand."""

    HEADLINE = "headline"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    ARTICLE = "article"
    STORY = "story"  # anywhere in the coverage of one story


class News(Enum):
    """For what a story is told again."""

    LANGUAGE = "language"
    OUTLET = "outlet"
    HEADLINE = "headline"
    MERGED = "merged"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One entity of each of `terms`, and none of `refused`, within `scope`, on conditions.

    `languages`, `outlets`, `words`, `without_words` and `cites` say which articles count as evidence.  `min_outlets`
    says how many of the watch's outlets must cover the story, whether or not each of them names the entities.
    """

    name: str
    terms: tuple[Term, ...]
    refused: frozenset[str] = frozenset()
    scope: Scope
    words: frozenset[str] = frozenset()  # empty: any
    without_words: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()  # empty: any
    outlets: frozenset[str] | None = None  # None: any
    min_outlets: int = 1
    cites: frozenset[str] = frozenset()  # empty: any; ids and names of outlets, case-folded
    expires: datetime | None = None  # silent from then on
    updates: frozenset[News] = frozenset()
    update_outlets: frozenset[str] = frozenset()  # empty: any
    cooldown: timedelta = timedelta(0)
    channels: tuple[str, ...]
    digest: str = ""  # of everything that the settings say of it

    @property
    def entities(self) -> frozenset[str]:
        """All that it looks at."""
        return self.refused.union(*self.terms)

    def may_count(self, outlet: str) -> bool:
        """Whether the watch is about this outlet."""
        return self.outlets is None or outlet in self.outlets

    def covered_by(self, outlets: Iterable[str]) -> int:
        """How many of `outlets` count towards `min_outlets`."""
        return sum(map(self.may_count, outlets))


def watch_from(
    settings: WatchSettings,
    *,
    groups: Sequence[GroupSettings] = (),
    outlets: Sequence[OutletSettings] = (),
    zone: str = "UTC",
) -> Watch:
    """The watch that `settings` describe; an entity or channel named twice counts once.

    Args:
        settings: with entities by id.
        groups: what names of groups stand for.
        outlets: whose kinds and names the watch may speak of.
        zone: of `expires` where the watch has none of its own.
    """
    members = {group.name: frozenset(group.entities) for group in groups}
    allowed = frozenset(settings.outlets) if settings.outlets else None
    if settings.kinds:
        of_kind = frozenset(outlet.id for outlet in outlets if outlet.kind in settings.kinds)
        allowed = of_kind if allowed is None else allowed & of_kind
    until = None if settings.expires is None else last_moment(settings.expires, settings.zone or zone)
    return Watch(
        name=settings.name,
        terms=_terms(settings, members),
        refused=frozenset[str]().union(*(_meant(name, members) for name in settings.none)),
        scope=Scope(settings.scope),
        words=frozenset(settings.words),
        without_words=frozenset(settings.without_words),
        languages=frozenset(settings.languages),
        outlets=allowed,
        min_outlets=settings.min_outlets,
        cites=_cited_as(settings.cites, outlets),
        expires=until,
        updates=frozenset(News(name) for name in settings.updates),
        update_outlets=frozenset(settings.update_outlets),
        cooldown=settings.cooldown,
        channels=tuple(dict.fromkeys(settings.channels)),
        digest=hashed("wd", settings.model_dump_json(), *(f"{name}={sorted(ids)}" for name, ids in members.items())),
    )


def _meant(name: str, members: Mapping[str, frozenset[str]]) -> Term:
    return members.get(name, frozenset((name,)))


def _terms(settings: WatchSettings, members: Mapping[str, frozenset[str]]) -> tuple[Term, ...]:
    """Who is demanded by name cannot stand for a group too: "Musk and any of the board" asks for two people."""
    terms = [_meant(name, members) for name in dict.fromkeys(settings.all)]
    if settings.any:
        terms.append(frozenset[str]().union(*(_meant(name, members) for name in settings.any)))
    single = frozenset[str]().union(*(term for term in terms if len(term) == 1))
    rest = [term if len(term) == 1 else (term - single or term) for term in terms]
    return tuple(dict.fromkeys(rest))


def _cited_as(ids: Collection[str], outlets: Sequence[OutletSettings]) -> frozenset[str]:
    names = {outlet.id: (outlet.name, *outlet.names) for outlet in outlets}
    return frozenset(name.casefold() for one in ids for name in (one, *names.get(one, ())))


class Watches:
    """The watches in force, in the order of their names, found by the entities that they ask for."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.by_name: Mapping[str, Watch] = {watch.name: watch for watch in sorted(watches, key=lambda w: w.name)}
        self.entities = frozenset[str]().union(*(watch.entities for watch in watches))
        self.words = WordIndex(word for watch in watches for word in watch.words | watch.without_words)
        # One term of each watch is enough to find it: without it nothing is satisfied.  The one that fewest share.
        asked = Counter(entity for watch in watches for term in watch.terms for entity in term)
        self._by_entity: dict[str, list[Watch]] = {}
        for watch in self.by_name.values():
            for entity in min(watch.terms, key=lambda term: sum(asked[entity] for entity in term)):
                self._by_entity.setdefault(entity, []).append(watch)

    def possible(self, entities: Collection[str]) -> list[Watch]:
        """The watches each of whose terms is among `entities`, by name."""
        found = {
            watch.name: watch
            for entity in entities
            for watch in self._by_entity.get(entity, ())
            if not any(term.isdisjoint(entities) for term in watch.terms)
        }
        return [found[name] for name in sorted(found)]
