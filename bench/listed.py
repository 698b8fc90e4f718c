"""Catalogues as label sets write them: `{id: {kind, names, short?}}`, with kinds of their own."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from wire.catalogue import Catalogue, Entity, EntityKind

_KINDS: Mapping[str, EntityKind] = MappingProxyType(
    {
        "PER": EntityKind.PERSON,
        "ORG": EntityKind.ORGANISATION,
        "GPE": EntityKind.COUNTRY,
        "LOC": EntityKind.PLACE,
        "PRO": EntityKind.OTHER,
    }
)


class Listed(Struct):
    """One entity with the names that a user would type."""

    kind: str
    names: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]] = {}


def catalogue_of(listed: Mapping[str, Listed]) -> Catalogue:
    """These entities and nothing else."""
    return Catalogue({key: _entity(key, entry) for key, entry in listed.items()})


def _entity(key: str, entry: Listed) -> Entity:
    kind = _KINDS.get(entry.kind) or EntityKind(entry.kind)
    return Entity(id=key, kind=kind, names=entry.names, short=entry.short)
