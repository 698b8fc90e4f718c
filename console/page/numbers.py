"""What the page shows to Prometheus: how far its index is behind, and who looks."""

from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from console.page.context import Page, page_of


class PageCollector(Collector):
    """Reads the page's parts when it is asked."""

    def __init__(self, page: Page | None) -> None:
        """Without a page it tells the names alone."""
        self._page = page

    def collect(self) -> Iterable[Metric]:
        """Four families."""
        page = self._page
        viewers, dropped, behind, live = 0, 0, 0, 0
        if page is not None:
            viewers, dropped, live = len(page.hub), page.hub.dropped, int(page.feed.trouble is None)
            with page.index() as db:
                behind = page.lanes.behind(db)
        yield GaugeMetricFamily("wirewatch_page_viewers", "Viewers that follow the live page.", value=viewers)
        yield CounterMetricFamily("wirewatch_page_dropped", "Viewers too slow, and let go.", value=dropped)
        yield GaugeMetricFamily("wirewatch_index_lag_records", "Records that the index has not read yet.", value=behind)
        yield GaugeMetricFamily("wirewatch_index_live", "Whether the index follows the log.", value=live)


def registry_of(page: Page) -> CollectorRegistry:
    """The page's registry."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(PageCollector(page))
    return registry


def give_metrics(request: Request) -> Response:
    """`/metrics`."""
    return Response(generate_latest(registry_of(page_of(request))), headers={"content-type": CONTENT_TYPE_LATEST})
