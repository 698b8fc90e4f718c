"""What of a faulty settings file can still be judged, so that one bad key does not hide the unknown name beside it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from wire.errors import Fault
from wire.settings import Settings

# What others refer to by name: so much of an unsound row stands in for it, its own name put in.
_STAND_INS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "outlet": ("id", {"name": "-"}),
    "channel": ("name", {"kind": "console"}),
    "group": ("name", {"entities": ["-"]}),
}


@dataclass(frozen=True, slots=True)
class SoundPart:
    """The settings that are left; `rows` says where each of their rows stands in the file, None for a stand-in."""

    settings: Settings
    rows: Mapping[str, list[int | None]]

    def placed(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """`faults` of `settings` at their places in the file; what is found in a stand-in is nobody's fault."""
        for fault in faults:
            table, bracket, rest = fault.path.partition("[")
            number, _, after = rest.partition("]")
            if not bracket or table not in self.rows:
                yield fault
            elif (there := self.rows[table][int(number)]) is not None:
                yield Fault(f"{table}[{there}]{after}", fault.what)


def sound_part(said: Mapping[str, object]) -> SoundPart:
    """What the models accept of `said`, table by table: of a list its rows, of a table its keys."""
    kept: dict[str, object] = {}
    rows: dict[str, list[int | None]] = {}
    for table, value in said.items():
        if isinstance(value, list):
            found = list(_sound_rows(table, value))
            if _accepted({table: [row for _, row in found]}):  # not where there are no rows: [[ingest]]
                rows[table] = [number for number, _ in found]
                kept[table] = [row for _, row in found]
        elif _accepted({table: value}):
            kept[table] = value
        elif isinstance(value, dict):
            keys = {key: inner for key, inner in value.items() if _accepted({table: {key: inner}})}
            kept |= {table: keys} if _accepted({table: keys}) else {}
    return SoundPart(Settings.model_validate(kept), rows)


def _sound_rows(table: str, value: list[object]) -> Iterator[tuple[int | None, object]]:
    for number, row in enumerate(value):
        if _accepted({table: [row]}):
            yield number, row
        elif table in _STAND_INS and isinstance(row, dict):
            name, rest = _STAND_INS[table]
            stand_in = {name: row.get(name), **rest}
            if _accepted({table: [stand_in]}):
                yield None, stand_in


def _accepted(said: Mapping[str, object]) -> bool:
    try:
        Settings.model_validate(said)
    except ValidationError:
        return False
    return True
