"""One run: stages die by schedule while articles come; when all has come to rest, the evidence is gathered."""

import json
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import monotonic, sleep

from prometheus_client import CollectorRegistry

from console.demo.settings import write_settings
from console.open_log import open_log
from console.services.run_stage import Around, compose
from tests.crash.checker import Digest, Evidence, Memory, Post, Shown, Watch
from tests.crash.life import Crash
from tests.crash.newsroom import OUTLETS, Newsroom, PatientServer, newsroom
from tests.crash.pipeline import LONGEST_LIFE, Pipeline, Unexpected
from tests.stage_runner import StageRunner
from wire.catalogue import load_catalogue
from wire.clock import SystemClock
from wire.errors import WireError
from wire.log.port import BEGINNING, Log, NewRecord, Record, lane_specs
from wire.metrics import LaneMetrics
from wire.settings import (
    DeliverSettings,
    EnrichSettings,
    FeedSettings,
    FloodGuard,
    HealthSettings,
    IngestSettings,
    LogSettings,
    LoopSettings,
    OutletSettings,
    SecretSource,
    Settings,
    SlackChannel,
    WatchSettings,
)
from wire.topics import ARTICLES, ENRICHED, STAGES, STORIES, STORY_EVENTS, WATCH_STATE, topic_catalogue

PAIR = ("elon-musk", "vladimir-putin")
CHANNELS = ("steady", "moody")
AND_A_DEAF_ONE = (*CHANNELS, "deaf")  # which costs a run some seconds
_POISON = "poison-"  # how keys of poison begin
ANSWER = timedelta(seconds=30)  # within which every stage has said what its state is
LONGEST_SILENCE = 10.0  # seconds, after which a client that does not give up has shown that it never would
QUIET = timedelta(seconds=120)  # within which all has to be processed after the last fault


class Inbox:
    """Three webhooks.

    `steady` takes everything.  `moody` also answers 500 and 429, or takes a message and then hangs up or never answers.
    `deaf` neither takes anything nor answers until it is `healed`.
    """

    # One 429 holds the whole channel for a second: more of them, and a slow machine's backlog would be the test.
    MOODS = ("ok", "500", "ok", "cut", "ok", "silent", "ok", "429", *("ok",) * 14)

    def __init__(self) -> None:
        self.posts: list[tuple[str, str, bool]] = []  # channel, body, accepted
        self._lock = threading.Lock()
        self._moods = 0
        self.healed = False
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) == length:  # else its sender has died over it
                    inbox.answer(self, self.path.strip("/"), body.decode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = PatientServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="inbox", daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler, channel: str, body: str) -> None:
        """Keep the message and answer by the channel's mood."""
        with self._lock:
            self._moods += channel == "moody"
            mood = self.MOODS[self._moods % len(self.MOODS)] if channel == "moody" else "ok"
            if channel == "deaf" and not self.healed:
                mood = "deaf"
            self.posts.append((channel, body, mood in ("ok", "cut", "silent")))
        if mood in ("cut", "silent", "deaf"):
            if mood != "cut":
                _until_it_is_given_up(request)
            request.close_connection = True
            return
        request.send_response({"ok": 200, "500": 500, "429": 429}[mood])
        request.send_header("Content-Length", "2")
        if mood == "429":
            request.send_header("Retry-After", "1")
        request.end_headers()
        request.wfile.write(b"ok")

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def _until_it_is_given_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.settimeout(LONGEST_SILENCE)
    with suppress(OSError):
        request.rfile.read(1)


@dataclass
class LiveReader:
    """Follows all topics while things go wrong, on a thread of its own."""

    log: Callable[[], Log]
    records: list[Record] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="live reader", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        log = self.log()
        reader = log.reader(list(log.topics), BEGINNING)
        while True:
            stopping = self._stop.is_set()
            try:
                found = reader.read(500, timedelta(milliseconds=200))
            except WireError as error:
                self.trouble.append(str(error))
                sleep(0.2)
                continue
            self.records += found
            if stopping and not found and reader.caught_up():
                break
        reader.close()
        log.close()

    def close(self) -> list[Record]:
        """Read to the end and give back everything seen."""
        self._stop.set()
        self._thread.join(120)
        return self.records


def run_settings(
    log: LogSettings,
    room: Newsroom,
    folder: Path,
    inbox: Inbox,
    *,
    stuck_after: timedelta,
    channels: Sequence[str],
    every: timedelta,
) -> Settings:
    """Everything quick: feeds are asked `every` so often, deliveries are tried again at once."""
    quick = timedelta(milliseconds=100)
    webhooks = {channel: folder / f"{channel}.secret" for channel in channels}
    for channel, path in webhooks.items():
        path.write_text(f"{inbox.url}/{channel}", "utf-8")
    return Settings(
        log=log,
        ingest=IngestSettings(
            contact="crash@example.org",
            shortest_interval=every,
            longest_interval=timedelta(seconds=1),
            timeout=timedelta(seconds=5),
            allow_networks=("127.0.0.0/8",),
            host_gap=timedelta(0),
            host_requests=4,
        ),
        deliver=DeliverSettings(
            timeout=timedelta(seconds=1),
            retry_first=quick,
            retry_longest=timedelta(seconds=1),
            flood=FloodGuard(most=100_000),
        ),
        enrich=EnrichSettings(precision="fp32", threads=1),  # nothing to be measured at each start
        health=HealthSettings(port=0),
        loop=LoopSettings(stuck_after=stuck_after),
        outlet=tuple(
            OutletSettings(
                id=outlet, name=outlet, feed=(FeedSettings(id=f"{outlet}.feed", url=room.url(outlet), every=every),)
            )
            for outlet in OUTLETS
        ),
        watch=(WatchSettings(name="pair", all=PAIR, channels=tuple(channels)),),
        channel=tuple(
            SlackChannel(kind="slack", name=name, webhook=SecretSource(file=path), per_second=100.0)
            for name, path in webhooks.items()
        ),
    )


class Run:
    """A log, a newsroom, two webhooks, a live reader and the five stages; see `a_run`."""

    def __init__(self, settings: Settings, log: Log, room: Newsroom, inbox: Inbox, pipeline: Pipeline) -> None:
        self.settings, self.log, self.room, self.inbox, self.pipeline = settings, log, room, inbox, pipeline
        self._poisoned = 0
        self.unmended: list[str] = []
        self._live = LiveReader(lambda: open_log(settings.log))
        self._looked = 0.0
        self._ready_answer = False

    def begin(self) -> None:
        """Start every stage; the newsroom opens when all have taken their lanes."""
        specs = [spec for place in STAGES.values() for spec in lane_specs(place, self.log.topics)]

        def ready() -> bool:
            return all(one.last_commit is not None for one in self.log.progress(specs))

        self.pipeline.run_until(self._seldom(ready), timedelta(seconds=180), "the start")
        self.room.open = True

    def _seldom(self, question: Callable[[], bool]) -> Callable[[], bool]:
        """`question`, asked a few times a second: it costs Kafka a few connections."""

        def asked() -> bool:
            if monotonic() - self._looked > 0.3:
                self._looked = monotonic()
                self._ready_answer = question()
                return self._ready_answer
            return False

        return asked

    def crash(self, schedule: Mapping[str, Sequence[Crash]], limit: timedelta) -> None:
        """Let stages die by `schedule`, one life after the other, until all has happened."""
        self.pipeline.schedule(schedule)
        for name in schedule:
            self.pipeline.kill(name)
        self.pipeline.run_until(self.pipeline.exhausted, limit, "the crashes")

    def wait_for(self, done: Callable[[], bool], what: str, limit: timedelta = QUIET) -> None:
        """Let things go on until `done`."""
        self.pipeline.run_until(self._seldom(done), limit, what)

    def go_on(self, span: timedelta) -> None:
        """Let things go on for a while."""
        end = monotonic() + span.total_seconds()
        self.pipeline.run_until(lambda: monotonic() > end, span + timedelta(seconds=60), "going on")

    def poison_with(self, values: Sequence[bytes | None]) -> None:
        """Put records into `news.articles`; each has to become a dead letter."""
        self.log.append(
            [NewRecord(topic=ARTICLES, partition=0, key=f"{_POISON}{n}", value=v) for n, v in enumerate(values)]
        )
        self._poisoned += len(values)

    def rest(self, limit: timedelta = QUIET) -> None:
        """No more news: wait until all is processed; what is not within `limit` is a violation, not an error."""
        self.room.open = False
        self.inbox.healed = True
        polls = dict(self.room.polls)
        end = monotonic() + limit.total_seconds()
        quiet = 0
        while quiet < 3 and monotonic() < end:
            self.pipeline.tick()
            if monotonic() - self._looked > 0.3:
                self._looked = monotonic()
                polled = all(self.room.polls[name] > before + 2 for name, before in polls.items())
                waiting = [why for why in (None if polled else "polls", *self._waiting()) if why]
                quiet = 0 if waiting else quiet + 1
        if quiet < 3:
            self.unmended += [f"{why} after {limit}" for why in self._waiting()]

    def _waiting(self) -> list[str]:
        specs = [spec for place in STAGES.values() for spec in lane_specs(place, self.log.topics)]
        behind = [f"{one.lane} is {one.behind} behind" for one in self.log.progress(specs) if one.behind]
        return behind or [f"delivery {key} is open" for key in self._open_deliveries()]

    def _open_deliveries(self) -> list[str]:
        last = {
            record.key or "": record.value
            for record in list(self._live.records)
            if record.topic == "news.deliveries" and (record.key or "").startswith("delivery:")
        }
        states = {key: json.loads(value)["state"] for key, value in last.items() if value is not None}
        return [key for key, state in states.items() if state not in ("sent", "failed")]

    def _memories(self) -> list[Memory]:
        """Stop everything; what each lane said of its state when it was asked, and at its end.

        A lane that does not answer in time, because its stage is broken, has said nothing.
        """
        outputs = {name: self.pipeline.output(name) for name in STAGES}
        before = {name: output.stat().st_size for name, output in outputs.items()}

        def said() -> dict[str, list[tuple[str, Digest]]]:
            return {name: _states(output.read_bytes()[before[name] :]) for name, output in outputs.items()}

        specs = [spec for place in STAGES.values() for spec in lane_specs(place, self.log.topics)]

        def answered() -> bool:
            silent = [name for name, found in said().items() if not found]
            self.pipeline.ask_for_states(silent)
            return not silent

        with suppress(Unexpected):
            self.pipeline.run_until(self._seldom(answered), ANSWER, "the digests")
        self.pipeline.stop()
        return [
            Memory(spec.name, spec.state, [found for lane, found in said()[spec.place.name] if lane == spec.name])
            for spec in specs
        ]

    def evidence(self) -> Evidence:
        """Stop everything and gather what the topics say."""
        memories = self._memories()
        specs = [spec for place in STAGES.values() for spec in lane_specs(place, self.log.topics)]
        live = self._live.close()
        topics = {topic: read_all(self.log, topic) for topic in self.log.topics}
        # Only now: behind an open transaction a record is acknowledged and not to be seen yet.
        poison = {record.origin for record in topics[ARTICLES] if (record.key or "").startswith(_POISON)}
        assert len(poison) >= self._poisoned, "poison that the log had taken is gone"
        return Evidence(
            topics=topics,
            live=live,
            shown=[Shown(item.url, tuple(item.titles)) for item in self.room.items()],
            posts=[_post(*post) for post in self.inbox.posts],
            watches=[Watch(name="pair", entities=frozenset(PAIR))],
            behind={f"{one.lane} {one.topic}": one.behind for one in self.log.progress(specs)},
            open_transactions=open_transactions(self.settings.log, self.log),
            poison=frozenset(poison),
            memories=memories,
            states=replayed(self.settings, topics, poison),
            unmended=self.unmended,
        )

    def close(self) -> None:
        """End everything that still runs."""
        self.pipeline.close()
        self._live.close()


@contextmanager
def a_run(
    log: LogSettings,
    folder: Path,
    *,
    seed: int,
    mutation: str | None = None,
    may_end: Collection[int] = (),
    stuck_after: timedelta = timedelta(seconds=20),
    longest_life: timedelta | None = LONGEST_LIFE,
    real_model: bool = False,
    channels: Sequence[str] = CHANNELS,
) -> Iterator[Run]:
    """Everything for one run on a new log."""
    with ExitStack() as stack:
        room = stack.enter_context(newsroom(seed))
        inbox = stack.enter_context(closing(Inbox()))
        every = timedelta(seconds=1 if real_model else 0.1)  # each start of the model lets articles pile up
        settings = run_settings(log, room, folder, inbox, stuck_after=stuck_after, channels=channels, every=every)
        path = folder / "wirewatch.toml"
        write_settings(settings, path)
        opened = stack.enter_context(closing(open_log(settings.log)))
        opened.create()
        pipeline = Pipeline(
            path, folder, mutation=mutation, may_end=may_end, longest_life=longest_life, real_model=real_model
        )
        run = stack.enter_context(closing(Run(settings, opened, room, inbox, pipeline)))
        run.begin()
        yield run


_STATE = re.compile(rb'"message":"state".*"lane":"([^"]+)","keys":(\d+),"digest":"([0-9a-f]+)"')


def _states(output: bytes) -> list[tuple[str, Digest]]:
    """Lanes and what they said of their states, in a stage's output."""
    return [(lane.decode(), Digest(int(keys), said.decode())) for lane, keys, said in _STATE.findall(output)]


def read_all(log: Log, topic: str) -> list[Record]:
    """Every committed record that a topic has."""
    records: list[Record] = []
    with closing(log.reader([topic], BEGINNING)) as reader:
        while True:
            records += reader.read(1000, timedelta(milliseconds=100))
            if reader.caught_up():
                return records


def open_transactions(settings: LogSettings, log: Log) -> list[str]:
    """Partitions in which a transaction is open: where committed readers end before the others do."""
    if settings.kind != "kafka":
        return []
    from kafka import KafkaConsumer, TopicPartition

    names = [TopicPartition(settings.prefix + t.name, n) for t in log.topics.values() for n in range(t.partitions)]
    ends = []
    for level in ("read_committed", "read_uncommitted"):
        consumer = KafkaConsumer(bootstrap_servers=list(settings.bootstrap), isolation_level=level)
        ends.append(consumer.end_offsets(names))
        consumer.close()
    return [f"{name.topic}/{name.partition}" for name in names if ends[0][name] != ends[1][name]]


def replayed(
    settings: Settings, topics: Mapping[str, Sequence[Record]], poison: set[str]
) -> dict[str, dict[str, bytes]]:
    """The states of the stages that are functions of their input: a fresh stage takes it all again."""
    registry = CollectorRegistry()
    around = Around(registry, LaneMetrics(registry))
    catalogue = load_catalogue(None)
    states = {}
    for name, state, source in (("cluster", STORIES, ENRICHED), ("alerts", WATCH_STATE, STORY_EVENTS)):
        parts = compose(name, settings, catalogue, SystemClock(), around)
        (spec,) = lane_specs(STAGES[name], topic_catalogue())
        runner = StageRunner(partial(parts.make_stage, spec), state)
        for record in topics[source]:
            if record.origin not in poison and record.timestamp is not None:
                runner.take(record, record.timestamp)
        states[state] = runner.state
    return states


_KEY = re.compile(r"\bde-[0-9a-f]{20}\b")


def _post(channel: str, body: str, accepted: bool) -> Post:
    keys = set(_KEY.findall(body))
    assert len(keys) == 1, f"one idempotency key was expected in {body[:2000]}"
    return Post(channel=channel, key=keys.pop(), may_repeat="may repeat" in body, accepted=accepted)
