"""What the operators are told when a feed's standing changes.  Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.standing import Standing
from ingest.state import FeedState
from wire.notice import notice
from wire.stage import Output

_WORDS = {
    Standing.OK: "is well again",
    Standing.SILENT: "has fallen silent",
    Standing.FAILING: "keeps failing",
    Standing.BLOCKED: "is refused to us",
    Standing.GONE: "is gone",
}


def report(before: FeedState | None, after: FeedState, *, channels: Sequence[str], now: datetime) -> tuple[Output, ...]:
    """A notice where the feed's standing is another now than before."""
    was = Standing.OK if before is None else before.standing
    if after.standing is was or after.standing not in _WORDS:
        return ()
    text = f"feed {after.feed} {_WORDS[after.standing]}"
    return (notice(f"feed:{after.feed}", text, why=_why(after, now), channels=channels, now=now),)


def _why(state: FeedState, now: datetime) -> str:
    if state.failed is not None:
        stopped = "; it is asked no more, until you say: wirewatch feeds poll" if state.stopped else ""
        return f"{state.failures} polls in a row have failed, the last because: {state.failed.reason}{stopped}"
    if state.standing is Standing.SILENT and state.last_news is not None:
        usual = state.usual_silence or timedelta(0)
        return f"it answers, but has brought nothing new for {_hours(now - state.last_news)}; usual are {_hours(usual)}"
    return "the last poll succeeded"


def _hours(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} d"
