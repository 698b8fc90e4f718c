"""The watch that a command is about: one of the settings', or a draft in a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from alerts.watch import Watch, watch_from
from console.errors import NotFound
from wire.catalogue import Catalogue, load_catalogue
from wire.errors import BadSettings, Fault
from wire.nearest import nearest
from wire.operator_files import read_toml
from wire.settings import GroupSettings, Settings, WatchSettings
from wire.settings_base import Model
from wire.settings_file import fault_of
from wire.watch_check import watch_faults, with_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A watch to be tried, the one of that name in force if there is one, and the entities known to it."""

    watch: Watch
    in_force: Watch | None
    catalogue: Catalogue
    drafted: bool


class _Draft(Model):
    watch: tuple[WatchSettings, ...] = ()
    group: tuple[GroupSettings, ...] = ()


def find_watch(settings: Settings, name: str) -> Watch:
    """The settings' watch of that name.

    Raises:
        NotFound: there is none; it names the nearest.
    """
    known = {watch.name: watch for watch in settings.watch}
    if name not in known:
        near = nearest(name, known) or sorted(known)[:5]
        raise NotFound("watch", name, f"did you mean {' or '.join(near)}?" if near else "the settings have no watch")
    return _made(known[name], settings, settings.group)


def choose(settings: Settings, catalogue: Catalogue, name: str, draft: Path | None, entities: Path | None) -> Chosen:
    """The watch `name`, from `draft` where that is given; `entities` are known beside the catalogue.

    Raises:
        NotFound: there is no such watch.
        BadSettings: the draft is not allowed.
    """
    if entities is not None:
        catalogue = Catalogue({**load_catalogue(entities).entities, **catalogue.entities})
    if draft is None:
        watch = find_watch(settings, name)
        return Chosen(watch=watch, in_force=watch, catalogue=catalogue, drafted=False)
    said = _read(draft)
    tried = settings.model_copy(
        update={
            "watch": tuple(with_ids(watch, catalogue) for watch in said.watch),
            "group": (*settings.group, *said.group),
        }
    )
    if faults := list(watch_faults(tried, catalogue)):
        raise BadSettings(str(draft), faults)
    old = next((watch for watch in settings.watch if watch.name == name), None)
    return Chosen(
        watch=find_watch(tried, name),
        in_force=None if old is None else _made(old, settings, settings.group),
        catalogue=catalogue,
        drafted=True,
    )


def _made(watch: WatchSettings, settings: Settings, groups: Sequence[GroupSettings]) -> Watch:
    return watch_from(watch, groups=groups, outlets=settings.outlet, zone=settings.deliver.zone)


def _read(draft: Path) -> _Draft:
    try:
        said = read_toml(draft)
    except ValueError as error:
        raise BadSettings(str(draft), [Fault("file", str(error))]) from error
    try:
        return _Draft.model_validate(said)
    except ValidationError as error:
        raise BadSettings(str(draft), list(map(fault_of, error.errors()))) from None
