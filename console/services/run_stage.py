"""Put one stage together from the settings and run it as a service."""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from console.open_log import open_log
from console.reset import replays_of
from console.services.reload import Reload, Rules
from console.services.service import Service
from console.services.stage_metrics import CountedEncoder, ModelMetrics, Noted, SendMetrics, counted_sends
from wire.catalogue import Catalogue
from wire.clock import Clock, SystemClock
from wire.errors import BadSettings, Exit, Fault, TopicMismatch
from wire.garbage import collect_all, no_collections
from wire.health import HealthServer
from wire.log.port import LaneSpec, lane_specs
from wire.loop import Loop, LoopLimits
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.process_metrics import process_metrics
from wire.settings import HealthSettings, Settings
from wire.settings_file import load_settings
from wire.stage import Stage
from wire.topics import STAGES
from wire.watchdog import Watchdog
from wire.work import Performer

if TYPE_CHECKING:
    from alerts.message import Manner
    from ingest.metrics import FeedMetrics

_log = logging.getLogger(__name__)
# A flood of articles must not make each wait for many others: the batches of enrich are cut to this on this machine.
_LONGEST_BATCH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the lanes of one stage are made of."""

    make_stage: Callable[[LaneSpec], Stage]
    make_performer: Callable[[], Performer] | None = None  # for each lane one of its own
    in_flight: int = 32
    batch: int = 1000  # records at once, where more would take too long


class Around:
    """What is counted around the parts of this process; made once, whatever is made anew."""

    def __init__(self, registry: CollectorRegistry, lanes: LaneMetrics) -> None:
        self._registry = registry
        self.lanes = lanes

    @cached_property
    def feeds(self) -> "FeedMetrics":
        """Polls and feeds."""
        from ingest.metrics import FeedMetrics

        return FeedMetrics(self._registry)

    @cached_property
    def model(self) -> ModelMetrics:
        """Batches of the model."""
        return ModelMetrics(self._registry)

    @cached_property
    def sends(self) -> SendMetrics:
        """Tries to send, and deliveries."""
        return SendMetrics(self._registry)


def run_stage(name: str, lanes: Sequence[int] | None, path: Path, *, supervised: bool) -> Exit:
    """Run a stage until a signal; returns its exit status, or ends the process where a lane must end.

    Rules that change in the settings at `path` are taken over while it runs (`console.services.reload`).

    Raises:
        WireError: the log, its topics, a port or the settings do not allow a start.
    """
    settings, catalogue = load_settings(path)
    watchdog, registry, clock = Watchdog(), CollectorRegistry(), SystemClock()
    loops: list[Loop] = []
    reload = Reload(name, path, Rules(settings, catalogue), lambda: service.anew())
    service = Service(mind_stdin=supervised, on_hangup=reload.ask)
    with closing(open_log(settings.log, watchdog.guard)) as log:
        if different := log.differences():
            raise TopicMismatch(different)
        specs = _chosen(lane_specs(STAGES[name], log.topics), lanes)
        health = _health(settings.health, name, registry, partial(all_ready, loops, len(specs)))
        replays = replays_of(log, name)
        metrics = LaneMetrics(registry)
        around = Around(registry, metrics)
        parts = compose(name, settings, catalogue, clock, around)
        folder = (settings.log.path if settings.log.kind == "sqlite" else settings.index.path).parent
        process_metrics(registry, folder, partial(log.progress, specs))
        limits = LoopLimits(
            batch=min(settings.loop.batch, parts.batch),
            stuck_after=settings.loop.stuck_after,
            in_flight=parts.in_flight,
        )

        def open_loop(spec: LaneSpec) -> Loop:
            return Loop(
                parts.make_stage(spec),
                log.lane(spec),
                Outgoing(spec, log.topics, version("wirewatch"), replay_until=replays.get(spec.index, 0)),
                clock=clock,
                guard=watchdog.guard,
                metrics=metrics,
                limits=limits,
                performer=None if parts.make_performer is None else parts.make_performer(),
            )

        _log.info("starting", extra={"stage": name, "lanes": len(specs), "health": health.port})
        reload.start()
        with closing(health):
            while service.run([partial(open_loop, spec) for spec in specs], loops.append):
                loops.clear()
                collect_all()  # the state of the lanes that have ended must not stay beside that of the new ones
                rules = reload.take()
                parts = compose(name, rules.settings, rules.catalogue, clock, around)
        return Exit.WELL


def _chosen(specs: Sequence[LaneSpec], lanes: Sequence[int] | None) -> Sequence[LaneSpec]:
    wrong = [lane for lane in lanes or () if not 0 <= lane < len(specs)]
    if wrong:
        what = f"{', '.join(map(str, wrong))} is no lane; known: 0 to {len(specs) - 1}"
        raise BadSettings("--lane", [Fault("--lane", what)])
    return [spec for spec in specs if not lanes or spec.index in lanes]


def all_ready(loops: Sequence[Loop], lanes: int) -> bool:
    """Whether each of so many lanes has been taken and restored: a lane that waits for its turn is in no list yet."""
    return len(loops) == lanes and all(loop.ready.is_set() for loop in loops)


def _health(
    settings: HealthSettings, name: str, registry: CollectorRegistry, ready: Callable[[], bool]
) -> HealthServer:
    place = 0 if settings.same_port or settings.port == 0 else list(STAGES).index(name)
    return HealthServer(settings.host, settings.port + place, registry, ready)


def compose(name: str, settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    """The parts of a stage; imports only what that stage needs, since each has extras of its own."""
    makers = {"ingest": _ingest, "enrich": _enrich, "cluster": _cluster, "alerts": _alerts, "deliver": _deliver}
    return makers[name](settings, catalogue, clock, around)


def _ingest(settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    from ingest.edge import Poller
    from ingest.stage import Ingest

    metrics = around.feeds

    def make_stage(spec: LaneSpec) -> Stage:
        lanes = settings.log.feed_lanes
        operators = settings.deliver.operators or tuple(channel.name for channel in settings.channel[:1])
        stage = Ingest(settings.ingest, settings.outlet, lane=spec.index, lanes=lanes, operators=operators)
        metrics.watch(spec.name, stage)
        return stage

    def make_performer() -> Performer:
        poller = Poller(settings.ingest, clock, version=version("wirewatch"), count=metrics.count)
        return Performer(poller.perform, poller.close)

    return Parts(
        make_stage=make_stage,
        make_performer=make_performer,
        in_flight=settings.ingest.concurrency,
    )


@no_collections()  # among so many new modules it takes a quarter of the start
def _enrich(settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    from enrich.article_reader import RememberingReader, article_reader
    from enrich.encoder import RememberingEncoder
    from enrich.language import LanguageDetector
    from enrich.runtime import open_embedding
    from enrich.stage import Enrich
    from enrich.weights import model_folder

    chosen = settings.enrich
    folder = model_folder(chosen.model, chosen.cache or default_cache())
    detector = LanguageDetector()
    embedder = open_embedding(folder, runtime=chosen.runtime, precision=chosen.precision, threads=chosen.threads)
    chosen_way = {
        "space": embedder.space,
        "runtime": embedder.runtime,
        "way": str(embedder.way),
        "measured": embedder.choice,
    }
    _log.info("model loaded", extra=chosen_way)
    around.model.chosen.info(chosen_way)
    encoder = RememberingEncoder(CountedEncoder(embedder, around.model))
    return Parts(
        make_stage=lambda _spec: Enrich(
            encoder, RememberingReader(article_reader(catalogue, detector, settings.outlet))
        ),
        batch=embedder.batch_within(_LONGEST_BATCH),
    )


def _cluster(settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    from cluster.centring import shipped_prior
    from cluster.stage import Cluster

    return Parts(make_stage=lambda _spec: Cluster(settings.cluster, shipped_prior()))


def _alerts(settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    from alerts.stage import Alerts
    from alerts.watch import watch_from

    zone = settings.deliver.zone
    watches = [watch_from(watch, groups=settings.group, outlets=settings.outlet, zone=zone) for watch in settings.watch]
    return Parts(make_stage=lambda _spec: Alerts(watches, entity_names(catalogue)))


def _deliver(settings: Settings, catalogue: Catalogue, clock: Clock, around: Around) -> Parts:
    from alerts.channels.build import build_channels
    from alerts.deliver import Deliver
    from alerts.perform import Sender
    from alerts.policy import policies_of

    channels = build_channels(settings.channel, os.environ, sys.stdout, clock.now)
    rates = {channel.name: channel.per_second for channel in settings.channel}
    policies = policies_of(settings.watch, settings.deliver)
    in_flight = 32

    def make_stage(_spec: LaneSpec) -> Stage:
        deliver = Deliver(tuple(channels), settings.deliver, per_second=rates, policies=policies, in_flight=in_flight)
        return Noted(deliver, around.sends)

    speaks = manner(settings, catalogue)

    def make_performer() -> Performer:
        return Performer(counted_sends(Sender(channels, speaks), around.sends, around.lanes, clock))

    return Parts(make_stage=make_stage, make_performer=make_performer, in_flight=in_flight)


def manner(settings: Settings, catalogue: Catalogue) -> "Manner":
    """How messages to people speak: names, zones, the page's address."""
    from alerts.message import Manner

    return Manner(
        names=entity_names(catalogue),
        outlets={outlet.id: outlet.name for outlet in settings.outlet},
        zones={watch.name: ZoneInfo(watch.zone) for watch in settings.watch if watch.zone},
        zone=ZoneInfo(settings.deliver.zone),
        public_url=settings.page.public_url or None,
    )


def entity_names(catalogue: Catalogue) -> dict[str, str]:
    """How entities are called in messages to people, by id."""
    return {entity.id: entity.label("en") for entity in catalogue}


def default_cache() -> Path:
    """Where converted weights are kept unless the settings say otherwise: the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "wirewatch"
