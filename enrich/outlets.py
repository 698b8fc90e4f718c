"""The outlets that articles may cite: those of the settings by all their names, and those of the catalogue."""

from collections.abc import Mapping, Sequence

from wire.catalogue import Catalogue, Entity, EntityKind
from wire.settings import OutletSettings

_PREFIX = "outlet:"  # no entity of a catalogue has a colon in its id


def with_outlets(catalogue: Catalogue, outlets: Sequence[OutletSettings]) -> tuple[Catalogue, Mapping[str, str]]:
    """A catalogue that has the settings' outlets too, and the outlet id of each entity that is an outlet.

    An outlet of the settings that the catalogue knows by one of its names is that entity, cited by the settings' id.
    """
    ids = {entity.id: entity.id for entity in catalogue if entity.kind is EntityKind.OUTLET}
    added: dict[str, Entity] = {}
    for outlet in outlets:
        names = tuple(dict.fromkeys((outlet.name, *outlet.names)))
        known = {entity for name in names if (entity := catalogue.resolve(name)) is not None}
        ids |= dict.fromkeys(known, outlet.id)
        if new := tuple(name for name in names if catalogue.resolve(name) is None and any(map(str.isalnum, name))):
            entity = _PREFIX + outlet.id
            added[entity] = Entity(id=entity, kind=EntityKind.OUTLET, names={_language(outlet): new})
            ids[entity] = outlet.id
    return Catalogue({**catalogue.entities, **added}), ids


def is_settings_outlet(entity: str) -> bool:
    """Whether the entity is one that `with_outlets` added, hence cited and never mentioned."""
    return entity.startswith(_PREFIX)


def _language(outlet: OutletSettings) -> str:
    """By whose grammar its names inflect: its only language, else all of them."""
    return outlet.languages[0] if len(outlet.languages) == 1 else "und"
