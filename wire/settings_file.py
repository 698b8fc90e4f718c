"""Read a settings file: every fault at once, each with its path, what is wrong, and the nearest known name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wire.catalogue import Catalogue, load_catalogue
from wire.errors import BadSettings, Fault
from wire.nearest import meant
from wire.operator_files import read_toml
from wire.settings import EmailChannel, Settings
from wire.settings_base import EXPECTED
from wire.sound_part import SoundPart, sound_part
from wire.watch_check import watch_faults, with_ids
from wire.watch_files import with_watch_files

# pydantic's words speak of its own classes.
_SHAPES: Mapping[str, str] = {"model_type": "a table", "tuple_type": "a list"}


def load_settings(path: Path) -> tuple[Settings, Catalogue]:
    """The settings in `path` and the entities that they name; relative paths are relative to the file's folder.

    Watches and groups may stand in files of the folder `watches` beside it.  They may name entities by any full name;
    in what is returned they are ids.

    Raises:
        BadSettings: the file is missing, no TOML, or says something that is not allowed: all faults at once.
    """
    try:
        said = read_toml(path)
    except ValueError as error:
        missing = isinstance(error.__cause__, FileNotFoundError)
        what = "does not exist; `wirewatch init` writes one" if missing else str(error)
        raise BadSettings(str(path), [Fault("file", what)]) from error
    merged = with_watch_files(said, path)
    faults: list[Fault] = []
    try:
        part = SoundPart(Settings.model_validate(merged.said), {})
    except ValidationError as error:
        faults += (fault_of(detail) for detail in error.errors())
        part = sound_part(merged.said)
    settings = _beside(part.settings, path.resolve().parent)
    catalogue = load_catalogue(settings.enrich.entities)
    settings = _with_ids(settings, catalogue)
    faults += part.placed([*_references(settings), *watch_faults(settings, catalogue)])
    if faults:
        raise BadSettings(str(path), [merged.placed(fault) for fault in faults])
    return settings, catalogue


def fault_of(detail: ErrorDetails) -> Fault:
    """What a model of the settings found, in our words: its path, what was expected, the nearest known key."""
    path = _dotted(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return Fault(path, f"is not a known key{meant(str(detail['loc'][-1]), _keys_at(detail['loc'][:-1]))}")
    if detail["type"] == "string_pattern_mismatch":
        return Fault(path, f"{EXPECTED[detail['ctx']['pattern']]} was expected")
    if detail["type"] in _SHAPES:
        return Fault(path, f"{_SHAPES[detail['type']]} was expected")
    return Fault(path, detail["msg"].removeprefix("Value error, "))


def _dotted(location: Iterable[int | str]) -> str:
    said = ""
    for part in location:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said


def _keys_at(location: Iterable[int | str]) -> list[str]:
    """The keys that the settings know at `location`."""
    models: list[type[BaseModel]] = [Settings]
    for part in location:
        if isinstance(part, str):
            models = [inner for model in models for inner in _models_in(model, part)] or models
    return sorted({name for model in models for name in model.model_fields})


def _models_in(model: type[BaseModel], field: str) -> list[type[BaseModel]]:
    info = model.model_fields.get(field)
    if info is None:
        return []
    found: list[type[BaseModel]] = []
    kinds: list[object] = [info.annotation]
    while kinds:
        kind = kinds.pop()
        kinds += getattr(kind, "__args__", ())
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind)
    return found


def _references(settings: Settings) -> Iterator[Fault]:
    """Names that must be unique, and names that must exist."""
    feeds = [name for outlet in settings.outlet for name in outlet.feeds()]
    kinds: Mapping[str, list[str]] = {
        "outlet": [outlet.id for outlet in settings.outlet],
        "feed": feeds,
        "watch": [watch.name for watch in settings.watch],
        "channel": [channel.name for channel in settings.channel],
    }
    for kind, names in kinds.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield Fault(kind, f"{name!r} is used {count} times; each needs a name of its own")
    for number, name in enumerate(settings.deliver.operators):
        if name not in kinds["channel"]:
            where = f"deliver.operators[{number}]"
            yield Fault(where, f"{name!r} is not a known name{meant(name, kinds['channel'])}")
    if (time := settings.log.keep.enriched.time) is not None and time < settings.cluster.window:
        window = settings.cluster.window
        yield Fault("log.keep.enriched.time", f"is shorter than cluster.window ({window}), which a reset reads again")
    if settings.outlet and not settings.ingest.contact.strip():
        yield Fault("ingest.contact", "is empty: outlets must be able to reach you; give an e-mail or web address")


def _with_ids(settings: Settings, catalogue: Catalogue) -> Settings:
    """Entities of watches and groups by id; what the catalogue does not know stays as it was said."""
    watches = tuple(with_ids(watch, catalogue) for watch in settings.watch)
    groups = tuple(
        group.model_copy(update={"entities": tuple(catalogue.resolve(name) or name for name in group.entities)})
        for group in settings.group
    )
    return settings.model_copy(update={"watch": watches, "group": groups})


def _beside(settings: Settings, folder: Path) -> Settings:
    """The settings with relative paths put beside the file that names them."""
    channels = tuple(
        channel.model_copy(update={"ca": folder / channel.ca})
        if isinstance(channel, EmailChannel) and channel.ca is not None
        else channel
        for channel in settings.channel
    )
    tls = settings.log.tls
    if tls is not None:
        named = {"ca": tls.ca, "certificate": tls.certificate, "key": tls.key}
        tls = tls.model_copy(update={name: folder / path for name, path in named.items() if path is not None})
    log = settings.log.model_copy(update={"path": folder / settings.log.path, "tls": tls})
    entities = settings.enrich.entities
    enrich = settings.enrich.model_copy(update={"entities": None if entities is None else folder / entities})
    index = settings.index.model_copy(update={"path": folder / settings.index.path})
    return settings.model_copy(update={"log": log, "enrich": enrich, "index": index, "channel": channels})
