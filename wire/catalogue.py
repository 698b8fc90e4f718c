"""The catalogue of entities that watches can name: the starter set of the package and the operator's own file.

A file is TOML, one table per entity:

    [acme-rocketry]
    kind = "organisation"
    names = { en = ["Acme Rocketry"], uk = ["Акме Рокетрі"] }
    short = { en = ["Acme"] }
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from wire.errors import BadSettings, Fault
from wire.messages import Kind
from wire.nearest import meant
from wire.operator_files import read_text

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}")
_WIKIDATA = re.compile(r"Q[1-9]\d*")
_HOW_MANY_NEAREST = 3


class EntityKind(Kind):
    """What an entity is; decides how its names inflect and which namesakes are possible."""

    PERSON = "person"
    ORGANISATION = "organisation"
    COUNTRY = "country"
    PLACE = "place"
    PROGRAMME = "programme"
    OUTLET = "outlet"  # an organisation that others cite as a source
    OTHER = "other"


class Entity(Struct, frozen=True, kw_only=True):
    """One thing that news speak of; names are nominative, the finder inflects them.

    `names` identify it by themselves.  `short` forms may mean somebody else, so they count only beside an anchor:
    one of `names`, a title, or one of `companions` (ids of entities) in the same article.
    """

    id: str
    kind: EntityKind = EntityKind.OTHER
    names: dict[str, tuple[str, ...]]  # ISO 639-1 -> names and aliases
    short: dict[str, tuple[str, ...]] = {}
    companions: tuple[str, ...] = ()
    wikidata: str | None = None

    def label(self, language: str) -> str:
        """The first name in `language`, else in English, else in any language, else the id."""
        known = [*self.names.get(language, ()), *self.names.get("en", ())]
        known += [name for names in self.names.values() for name in names]
        return known[0] if known else self.id


class _Entry(Struct, frozen=True):
    """An entity as it stands in a file, where its id is the table's name."""

    names: dict[str, tuple[str, ...]] = {}
    kind: str = EntityKind.OTHER.value
    short: dict[str, tuple[str, ...]] = {}
    companions: tuple[str, ...] = ()
    wikidata: str | None = None


class Catalogue:
    """Entities by id, in order of id; immutable, and equal content has an equal `digest`."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities: Mapping[str, Entity] = dict(sorted(entities.items()))

    def __len__(self) -> int:
        return len(self.entities)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.entities.values())

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self.entities

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits of the content; the order of files and tables does not matter."""
        content = msgspec.json.encode(list(self.entities.values()), order="deterministic")
        return sha256(content).hexdigest()[:16]

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        """Case-folded full name -> id; a name of several entities belongs to the first of them."""
        table: dict[str, str] = {}
        for entity in self:
            for name in (entity.id, *(name for names in entity.names.values() for name in names)):
                table.setdefault(_plain(name), entity.id)
        return table

    def resolve(self, text: str) -> str | None:
        """The id that `text` means: an id itself, or any full name in any language; case does not matter."""
        return text if text in self.entities else self._by_name.get(_plain(text))

    def nearest(self, text: str) -> tuple[str, ...]:
        """At most three ids whose id or name is like `text`, best first; for "did you mean" in settings."""
        alike = get_close_matches(_plain(text), self._by_name, n=3 * _HOW_MANY_NEAREST, cutoff=0.7)
        return tuple(dict.fromkeys(self._by_name[name] for name in alike))[:_HOW_MANY_NEAREST]


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """The starter entities, and over them those of the operator's file `extra`: an equal id replaces.

    Raises:
        BadSettings: the file cannot be read or breaks the format; every fault of it at once.
    """
    merged = _starter()
    if extra is not None:
        try:
            text = read_text(extra)
        except ValueError as error:
            raise BadSettings(str(extra), [Fault("file", str(error))]) from error
        merged |= parse_entities(text, where=str(extra))
    faults = [
        Fault(f"{entity.id}.companions", f"no entity is called {friend}")
        for entity in merged.values()
        for friend in entity.companions
        if friend not in merged
    ]
    if faults:
        raise BadSettings(str(extra), faults)
    return Catalogue(merged)


def parse_entities(text: str, *, where: str) -> dict[str, Entity]:
    """The entities of one TOML text by id.

    Args:
        where: what to call the text in errors.

    Raises:
        BadSettings: not TOML, or entities that break the format; every fault at once.
    """
    try:
        tables = msgspec.toml.decode(text, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise BadSettings(where, [Fault("file", f"is not TOML: {error}")]) from error
    entities: dict[str, Entity] = {}
    faults: list[Fault] = []
    for entity_id, table in tables.items():
        try:
            entry = msgspec.convert(table, _Entry)
        except msgspec.ValidationError as error:
            faults.append(Fault(entity_id, str(error)))
            continue
        wrong = [*_unknown(entity_id, table), *_faults(entity_id, entry)]
        faults += wrong
        if not wrong:
            entities[entity_id] = _entity(entity_id, entry)
    if faults:
        raise BadSettings(where, faults)
    return entities


def _starter() -> dict[str, Entity]:
    folder = files("wire") / "entities"
    found: dict[str, Entity] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            found |= parse_entities(file.read_text(encoding="utf-8"), where=file.name)
    return found


def _entity(entity_id: str, entry: _Entry) -> Entity:
    return Entity(
        id=entity_id,
        kind=EntityKind(entry.kind),
        names=entry.names,
        short=entry.short,
        companions=entry.companions,
        wikidata=entry.wikidata,
    )


def _unknown(entity_id: str, table: object) -> Iterator[Fault]:
    known = _Entry.__struct_fields__
    for field in table if isinstance(table, dict) else ():
        if field not in known:
            yield Fault(f"{entity_id}.{field}", "is no field of an entity" + meant(field, known))


def _faults(entity_id: str, entry: _Entry) -> Iterator[Fault]:
    """What the types cannot say."""
    if not _ID.fullmatch(entity_id):
        yield Fault(entity_id, "an id is made of a-z, 0-9 and single hyphens")
    kinds = [kind.value for kind in EntityKind]
    if entry.kind not in kinds:
        yield Fault(f"{entity_id}.kind", f"{entry.kind!r} is no kind of entity" + meant(entry.kind, kinds))
    if entry.wikidata is not None and not _WIKIDATA.fullmatch(entry.wikidata):
        yield Fault(f"{entity_id}.wikidata", f"{entry.wikidata!r} is no id such as Q42")
    if not any(entry.names.values()):
        yield Fault(f"{entity_id}.names", "at least one name is needed")
    for field, forms in (("names", entry.names), ("short", entry.short)):
        for language, names in forms.items():
            if not _LANGUAGE.fullmatch(language):
                yield Fault(f"{entity_id}.{field}.{language}", "languages are two letters of ISO 639-1")
            if not all(any(map(str.isalnum, name)) for name in names):
                yield Fault(f"{entity_id}.{field}.{language}", "a name needs a letter or digit")


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
