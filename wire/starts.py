"""Find the record that kills its process: how often a lane has started at one position, noted with that position."""

import msgspec

CAREFUL_FROM = 3  # the start, at one position, from which records are taken one by one


class StartNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a lane notes beside its position: starts without progress, and the record under trial."""

    starts: int = 0
    trying: str | None = None  # origin of the record that was being taken alone when the note was written

    @property
    def careful(self) -> bool:
        """Whether this start takes one record at a time."""
        return self.starts >= CAREFUL_FROM

    def text(self) -> str:
        """The note as it is kept."""
        return msgspec.json.encode(self).decode()


def started(note: str) -> StartNote:
    """The note of a lane that starts now and found `note`; an unreadable note counts as none."""
    try:
        found = msgspec.json.decode(note, type=StartNote) if note else StartNote()
    except msgspec.MsgspecError:
        found = StartNote()
    return StartNote(starts=found.starts + 1, trying=found.trying)
