"""Find the record that kills its process: how often a lane has started at one position, noted with that position."""

import msgspec

TRIALS = 2  # deaths over a record that was taken alone, after which it is given up
CAREFUL_FROM = 3  # the start, at one position, from which records are taken one by one


class StartNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a lane notes beside its position: starts without progress, and the record under trial."""

    starts: int = 0
    trying: str | None = None  # origin of the record that was being taken alone when the note was written
    trial: int = 0  # how often it has been

    @property
    def careful(self) -> bool:
        """Whether this start takes one record at a time."""
        return self.starts >= CAREFUL_FROM

    def is_killer(self, origin: str) -> bool:
        """Whether the process has died often enough over this record alone."""
        return origin == self.trying and self.trial >= TRIALS

    def tries(self, origin: str) -> "StartNote":
        """The note to be written before the record is taken alone."""
        return StartNote(starts=self.starts, trying=origin, trial=self.trial + 1 if origin == self.trying else 1)

    def text(self) -> str:
        """The note as it is kept."""
        return msgspec.json.encode(self).decode()


def started(note: str) -> StartNote:
    """The note of a lane that starts now and found `note`; an unreadable note counts as none."""
    try:
        found = msgspec.json.decode(note, type=StartNote) if note else StartNote()
    except msgspec.MsgspecError:
        found = StartNote()
    return StartNote(starts=found.starts + 1, trying=found.trying, trial=found.trial)
