"""The settings: one `wirewatch.toml` decoded into frozen models, with every fault of the file said at once."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wire.channel_settings import (
    AppriseChannel,
    Channel,
    ConsoleChannel,
    DeliverSettings,
    EmailChannel,
    SlackChannel,
    WebhookChannel,
)
from wire.settings_base import (
    PREFIX,
    AnySpan,
    Id,
    Language,
    Model,
    Network,
    Port,
    PositiveSpan,
    PublicAddress,
    SecretSource,
    Size,
    Span,
    WebAddress,
    parse_span,
)
from wire.watch_settings import (
    DigestSchedule,
    FloodGuard,
    GroupSettings,
    QuietHours,
    WatchSettings,
)

__all__ = [
    "AppriseChannel",
    "Channel",
    "ConsoleChannel",
    "DeliverSettings",
    "DigestSchedule",
    "EmailChannel",
    "FloodGuard",
    "GroupSettings",
    "Id",
    "Language",
    "Model",
    "Network",
    "Port",
    "PositiveSpan",
    "QuietHours",
    "SecretSource",
    "SlackChannel",
    "Span",
    "WatchSettings",
    "WebhookChannel",
    "parse_span",
]


class Tls(Model):
    """TLS towards Kafka; without `ca` the system's certificate authorities decide."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    verify_host: bool = True


class Sasl(Model):
    """User and password towards Kafka."""

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-256"
    user: str
    password: SecretSource


class KeepSettings(Model):
    """How long a topic's records stay, and how many bytes of them at most; whichever is reached first counts."""

    time: PositiveSpan | None = None  # default: as the reference of topics says
    bytes: Size | None = None  # of keys, values and headers in all its partitions; default: no limit


class KeepTopicsSettings(Model):
    """How much of which topic the log keeps: `articles`, `enriched`, `story_events`, `alerts` and `deadletters` take
    the same two keys.  Commands stay as long as the longest of them, so that what was taken down stays down."""

    articles: KeepSettings = KeepSettings()
    enriched: KeepSettings = KeepSettings()
    story_events: KeepSettings = KeepSettings()
    alerts: KeepSettings = KeepSettings()
    deadletters: KeepSettings = KeepSettings()


class LogSettings(Model):
    """Which log, and where it is."""

    kind: Literal["sqlite", "kafka"] = "sqlite"
    path: Path = Path("wirewatch.db")  # sqlite
    bootstrap: tuple[str, ...] = ("127.0.0.1:9092",)  # kafka
    prefix: str = Field(default="", pattern=PREFIX)  # of topics, groups and transactions
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    article_partitions: Annotated[int, Field(ge=1, le=256)] = 1
    feed_lanes: Annotated[int, Field(ge=1, le=256)] = 1
    keep: KeepTopicsSettings = KeepTopicsSettings()
    tls: Tls | None = None
    sasl: Sasl | None = None


class FeedSettings(Model):
    """One address where an outlet lists its articles."""

    url: WebAddress
    id: Id | None = None  # default: the outlet's id and the feed's place in its list
    language: Language | None = None
    every: PositiveSpan | None = None  # a fixed interval in place of the adapted one
    body: Literal["feed", "page"] = "feed"  # "page": each new article's page is fetched and its text taken as the body


class OutletSettings(Model):
    """One publisher and its feeds."""

    id: Id
    name: str
    kind: Literal["media", "agency", "official", "blog"] = "media"
    languages: tuple[Language, ...] = ()
    names: tuple[str, ...] = ()  # by which others cite it
    pin: Id | None = None  # outlets with the same pin are polled from one lane; `check` says where it is needed
    feed: tuple[FeedSettings, ...] = ()

    def feeds(self) -> dict[str, FeedSettings]:
        """The feeds by id."""
        return {feed.id or f"{self.id}.{number}": feed for number, feed in enumerate(self.feed, 1)}


class IngestSettings(Model):
    """How feeds are polled."""

    contact: str = ""  # e-mail or web address in the User-Agent, so that an outlet can reach you
    shortest_interval: PositiveSpan = timedelta(minutes=5)
    longest_interval: PositiveSpan = timedelta(hours=24)
    timeout: PositiveSpan = timedelta(seconds=30)  # of a whole answer, its redirects included
    connect_timeout: PositiveSpan = timedelta(seconds=10)
    silence_timeout: PositiveSpan = timedelta(seconds=20)  # until the first byte, and between any two
    concurrency: Annotated[int, Field(ge=1, le=1024)] = 64  # requests under way in all
    parsers: Annotated[int, Field(ge=1, le=64)] = 1  # processes that read what was fetched
    host_requests: Annotated[int, Field(ge=1, le=16)] = 2  # under way at one host
    host_gap: AnySpan = timedelta(seconds=1)  # between the beginnings of two requests to one host
    retry_scope: Literal["feed", "host"] = "host"  # whom a 429 or 503 silences: that feed, or all of its host
    start_per_second: Annotated[float, Field(ge=0)] = 20.0  # feeds due at a start are spread like this; 0: not at all
    failing_after: Annotated[int, Field(ge=1)] = 5  # failures in a row until the operators are told
    silent_after: Annotated[float, Field(ge=1)] = 3.0  # times its usual silence until a feed counts as silent
    silent_least: AnySpan = timedelta(hours=12)  # and never before that
    max_body_bytes: Annotated[int, Field(ge=1024)] = 16 * 1024 * 1024
    allow_networks: tuple[Network, ...] = ()  # private networks that feeds may live in, such as "127.0.0.0/8"

    @model_validator(mode="after")
    def _ordered(self) -> "IngestSettings":
        if self.shortest_interval > self.longest_interval:
            shortest, longest = self.shortest_interval, self.longest_interval
            raise ValueError(f"shortest_interval ({shortest}) is longer than longest_interval ({longest})")
        return self


class EnrichSettings(Model):
    """How articles are embedded and which entities are known."""

    model: str | None = None  # a folder or a hub name; default: the weights that the package ships
    precision: Literal["auto", "fp32", "bfloat16"] = "auto"
    runtime: Literal["auto", "openvino", "torch"] = "auto"  # auto: OpenVINO where it knows the model's architecture
    threads: Annotated[int, Field(ge=0, le=256)] = 0  # 0: as many as the machine has cores
    cache: Path | None = None  # of converted weights; default: the user's cache folder
    entities: Path | None = None  # your own entities, beside those that ship


class ClusterSettings(Model):
    """How coverage is grouped."""

    window: PositiveSpan = timedelta(days=4)
    quiet_after: PositiveSpan = timedelta(days=3)


class HealthSettings(Model):
    """Where each stage answers `/healthz`, `/readyz` and `/metrics`: `port` plus the stage's place, 0 for any free."""

    host: str = "127.0.0.1"
    port: Port = 9470
    same_port: bool = False  # every stage on `port` itself, where each is alone on its machine or in its container
    # What `up` minds, where no Prometheus does:
    lag_limit: Annotated[int, Field(ge=1)] = 1000  # records that may wait for a lane
    tell_after: PositiveSpan = timedelta(minutes=5)  # trouble that lasts so long is told to the operators
    dead_man: SecretSource | None = None  # an address that is asked each minute while all is well


class LoopSettings(Model):
    """Limits of the stage loop."""

    batch: Annotated[int, Field(ge=1, le=1000)] = 64
    stuck_after: PositiveSpan = timedelta(seconds=120)  # without progress the watchdog ends the process


class IndexSettings(Model):
    """The index that `why`, `trace`, `search` and the page read: made from the log, and disposable."""

    path: Path = Path("wirewatch-index.db")


class PageSettings(Model):
    """The live page.  Off loopback it wants a password; `public_url` is where a reverse proxy shows it."""

    host: str = "127.0.0.1"
    port: Port = 9480
    password: SecretSource | None = None
    public_url: PublicAddress = ""  # its path is the page's sub-path
    proxies: tuple[Network, ...] = ()  # reverse proxies before it, such as "127.0.0.1": who asks is in X-Forwarded-For
    viewers: Annotated[int, Field(ge=1, le=10_000)] = 200  # who may follow at once


class Settings(Model):
    """Everything that `wirewatch.toml` says."""

    log: LogSettings = LogSettings()
    ingest: IngestSettings = IngestSettings()
    enrich: EnrichSettings = EnrichSettings()
    cluster: ClusterSettings = ClusterSettings()
    deliver: DeliverSettings = DeliverSettings()
    health: HealthSettings = HealthSettings()
    loop: LoopSettings = LoopSettings()
    index: IndexSettings = IndexSettings()
    page: PageSettings = PageSettings()
    outlet: tuple[OutletSettings, ...] = ()
    group: tuple[GroupSettings, ...] = ()
    watch: tuple[WatchSettings, ...] = ()
    channel: tuple[Channel, ...] = ()
