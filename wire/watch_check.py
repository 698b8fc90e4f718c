"""The watches of a settings file judged together: unknown names, watches that can never speak, the same one twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from wire.catalogue import Catalogue
from wire.errors import Fault
from wire.nearest import meant, nearest
from wire.settings import Settings, WatchSettings
from wire.watch_settings import last_moment

_ENTITIES = ("all", "any", "none")
_OUTLETS = ("outlets", "cites", "update_outlets")
# What does not change which stories a watch tells of, only how.
_MANNER = ("name", "channels", "cooldown", "urgency", "zone", "quiet", "digest", "flood", "updates", "update_outlets")


def watch_faults(settings: Settings, catalogue: Catalogue) -> Iterator[Fault]:
    """What is wrong with groups and watches, each with its place."""
    yield from _groups(settings, catalogue)
    groups = {group.name: group.entities for group in settings.group}
    outlets = {outlet.id for outlet in settings.outlet}
    channels = {channel.name for channel in settings.channel}
    for number, watch in enumerate(settings.watch):
        place = f"watch[{number}]"
        yield from _unknown_entities(watch, place, groups, catalogue)
        for key in _OUTLETS:
            yield from _unknown(getattr(watch, key), outlets, f"{place}.{key}")
        yield from _unknown(watch.channels, channels, f"{place}.channels")
        yield from _never(watch, place, settings)
    yield from _twice(settings)


def watch_notes(settings: Settings, now: datetime) -> Iterator[str]:
    """What is allowed in watches, but hardly meant."""
    outlets = {outlet.id: outlet for outlet in settings.outlet}
    for watch in settings.watch:
        zone = watch.zone or settings.deliver.zone
        if watch.expires is not None and last_moment(watch.expires, zone) <= now:
            yield f"watch {watch.name!r} has expired on {watch.expires}: it says nothing any more"
        for word in dict.fromkeys((*watch.words, *watch.without_words)):
            if not any(map(str.isalnum, word)):
                yield f"watch {watch.name!r} asks for {word!r}, which has no letter or digit: no article is found by it"
        asked = [outlets[name] for name in watch.outlets if name in outlets]
        known = {language for outlet in asked for language in outlet.languages}
        if watch.languages and asked and all(o.languages for o in asked) and not known & set(watch.languages):
            yield f"watch {watch.name!r} asks for {', '.join(watch.languages)}, which none of its outlets publishes in"
    for names in _alike(settings, _MANNER).values():
        if len(names) > 1:
            yield f"watches {', '.join(names)} ask the same and differ only in how they tell"


def with_ids(watch: WatchSettings, catalogue: Catalogue) -> WatchSettings:
    """The watch with entities by id; names of groups stay."""
    said = {key: tuple(catalogue.resolve(name) or name for name in getattr(watch, key)) for key in _ENTITIES}
    return watch.model_copy(update=said)


def _groups(settings: Settings, catalogue: Catalogue) -> Iterator[Fault]:
    for name, count in Counter(group.name for group in settings.group).items():
        if count > 1:
            yield Fault("group", f"{name!r} is used {count} times; each needs a name of its own")
    for number, group in enumerate(settings.group):
        if catalogue.resolve(group.name) is not None:
            yield Fault(f"group[{number}].name", f"{group.name!r} is an entity of the catalogue; choose another name")
        for entity in group.entities:
            if catalogue.resolve(entity) is None:
                yield Fault(f"group[{number}].entities", _no_entity(entity, catalogue, ()))


def _unknown_entities(
    watch: WatchSettings, place: str, groups: dict[str, tuple[str, ...]], catalogue: Catalogue
) -> Iterator[Fault]:
    for key in _ENTITIES:
        for name in getattr(watch, key):
            if name not in groups and catalogue.resolve(name) is None:
                yield Fault(f"{place}.{key}", _no_entity(name, catalogue, groups))


def _no_entity(name: str, catalogue: Catalogue, groups: Iterable[str]) -> str:
    near = [*catalogue.nearest(name), *nearest(name, groups)]
    said = f"; did you mean {' or '.join(near)}?" if near else "; add it to your own entities file"
    return f"{name!r} is no entity of the catalogue{said}"


def _unknown(names: tuple[str, ...], known: set[str], place: str) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(place, f"{name!r} is not a known name{meant(name, known)}")


def _never(watch: WatchSettings, place: str, settings: Settings) -> Iterator[Fault]:
    """Contradictions: the watch can never speak, whatever is published."""
    members = {group.name: frozenset(group.entities) for group in settings.group}

    def ids_of(names: tuple[str, ...]) -> list[frozenset[str]]:
        return [members.get(name, frozenset((name,))) for name in names]

    refused = frozenset[str]().union(*ids_of(watch.none))
    for name, ids in zip(watch.all, ids_of(watch.all), strict=True):
        if ids <= refused:
            yield Fault(f"{place}.none", f"refuses {name!r}, which `all` demands: this watch can never speak")
    if watch.any and frozenset[str]().union(*ids_of(watch.any)) <= refused:
        yield Fault(f"{place}.none", "refuses all of `any`: this watch can never speak")
    for word in sorted({w.casefold() for w in watch.words} & {w.casefold() for w in watch.without_words}):
        yield Fault(f"{place}.without_words", f"refuses {word!r}, which `words` asks for")
    if not settings.outlet:
        return
    possible = [
        outlet
        for outlet in settings.outlet
        if (not watch.outlets or outlet.id in watch.outlets) and (not watch.kinds or outlet.kind in watch.kinds)
    ]
    if not possible:
        yield Fault(f"{place}.kinds", f"no outlet that it may speak of is of kind {' or '.join(watch.kinds)}")
    elif len(possible) < watch.min_outlets:
        what = f"{watch.min_outlets} outlets are needed, but it may count only {len(possible)}: it can never speak"
        yield Fault(f"{place}.min_outlets", what)


def _twice(settings: Settings) -> Iterator[Fault]:
    for names in _alike(settings, ("name",)).values():
        if len(names) > 1:
            yield Fault("watch", f"{' and '.join(names)} are the same but for their names: remove one")


def _alike(settings: Settings, but: tuple[str, ...]) -> dict[str, list[str]]:
    """Names of watches by everything that they say except `but`."""
    found: dict[str, list[str]] = defaultdict(list)
    for watch in settings.watch:
        sets = {key: tuple(sorted(set(getattr(watch, key)))) for key in (*_ENTITIES, "words", "without_words")}
        found[watch.model_copy(update=sets).model_dump_json(exclude=set(but))].append(watch.name)
    return found
