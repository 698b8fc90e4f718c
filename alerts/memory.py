"""Remembers where an article shows what a watch asks for: a function of both, asked again with every event."""

from collections import OrderedDict

from alerts.decision import Show
from alerts.scope import Shown
from alerts.state import Coverage
from alerts.watch import Watch

_MOST = 50_000  # answers; most are None


class Memory:
    """`show` with a memory of bounded size; forgets what was asked longest ago."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._known: OrderedDict[tuple[str, str, str], tuple[str, Shown | None]] = OrderedDict()

    def __call__(self, watch: Watch, coverage: Coverage) -> Shown | None:
        """See `alerts.decision.shown_in`."""
        key = (watch.name, coverage.article_id, coverage.version)
        # The same text may have been kept under other watches' entities: the offset tells.
        mark = f"{watch.digest}:{coverage.offset}"
        known = self._known.get(key)
        if known is not None and known[0] == mark:
            self._known.move_to_end(key)
            return known[1]
        shown = self._show(watch, coverage)
        self._known[key] = (mark, shown)
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return shown
