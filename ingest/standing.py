"""How a feed stands: what `status`, metrics and the operators are told of it.  Pure."""

from dataclasses import dataclass
from datetime import timedelta

from ingest.errors import Word
from ingest.polled import Failed
from wire.messages import Kind

# The usual silence goes up at once and down slowly: about as long as the longest of the last 64.
_SILENCE_SLOWNESS = 64
_BUSY = frozenset({429, 503})
_REFUSING = {404: Word.GONE, 401: Word.BLOCKED, 403: Word.BLOCKED}
GONE = 410


class Standing(Kind):
    """One word for a feed."""

    OK = "ok"
    SILENT = "silent"  # answers, but has brought nothing for several times its usual silence
    FAILING = "failing"
    BLOCKED = "blocked"  # the host refuses us
    GONE = "gone"  # 410: it is asked no more; or 404 for long
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When a feed counts as failing or silent (settings `ingest`)."""

    failing_after: int = 5
    silent_after: float = 3.0
    silent_least: timedelta = timedelta(hours=12)

    def after_failure(self, failed: Failed, failures: int) -> Standing | None:
        """The standing after so many failures in a row; None: not bad enough to change it."""
        if failed.word is Word.GONE or (failures >= self.failing_after and failed.word is Word.BLOCKED):
            return Standing(failed.word.value)
        return Standing.FAILING if failures >= self.failing_after else None

    def after_success(self, silence: timedelta, usual: timedelta | None) -> Standing:
        """The standing of a feed that answers and has brought nothing new for `silence`."""
        # Divided, not multiplied: the product of a large setting is longer than a span can be.
        if usual is not None and silence > self.silent_least and silence / self.silent_after > usual:
            return Standing.SILENT
        return Standing.OK


def failure_of(failed: Failed, status: int | None, failures: int, patience: Patience) -> Failed:
    """The failure with the word that its status and its repetition earn it."""
    word = failed.word
    if word is Word.STATUS and status in _BUSY:
        word = Word.BUSY
    elif word is Word.STATUS and status == GONE:
        word = Word.GONE
    elif word is Word.STATUS and status is not None and failures >= patience.failing_after:
        word = _REFUSING.get(status, word)
    return Failed(word=word, reason=failed.reason)


def refuses(status: int | None) -> bool:
    """Whether the host said no rather than not now: it is asked less often at once."""
    return status in _REFUSING


def usual_silence(known: timedelta | None, observed: timedelta) -> timedelta:
    """The longest silence that is usual between two articles, after one more was observed."""
    if known is None or observed > known:
        return observed
    return known - (known - observed) / _SILENCE_SLOWNESS
