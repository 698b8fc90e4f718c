"""The settings: one `wirewatch.toml` decoded into frozen models, with every fault of the file said at once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    model_validator,
)

from wire.errors import BadSettings, Fault

_UNITS = {"ms": 0.001, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")
_ID = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def parse_span(value: object) -> timedelta:
    """A span written like "90 s", "5 min", "24 h" or "4 d"; `ValueError` for anything else."""
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a time span was expected, such as '90 s', '5 min', '24 h' or '4 d', not {value!r}")
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"a network was expected, such as '10.0.0.0/8' or 'fd00::/8', not {text!r}") from error
    return text


Span = Annotated[
    timedelta,
    BeforeValidator(parse_span),
    PlainSerializer(lambda span: f"{span.total_seconds():g} s", when_used="json"),
]
PositiveSpan = Annotated[Span, Field(gt=timedelta(0))]
Id = Annotated[str, Field(pattern=_ID)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=0, le=65_535)]


class Model(BaseModel):
    """Base of all settings: immutable, and a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SecretSource(Model):
    """Where a secret is found: `{env = "NAME"}` or `{file = "path"}`; exactly one of them."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "SecretSource":
        if (self.env is None) == (self.file is None):
            raise ValueError('a secret is named by its source: {env = "NAME"} or {file = "path"}')
        return self

    def read(self, environment: Mapping[str, str], where: str) -> SecretStr:
        """The secret itself.

        Raises:
            BadSettings: the variable is not set, or the file cannot be read; it names the source, never a value.
        """
        if self.env is not None:
            value = environment.get(self.env, "")
            if not value:
                raise BadSettings(where, [Fault(where, f"the environment variable {self.env} is not set")])
            return SecretStr(value)
        assert self.file is not None
        try:
            return SecretStr(self.file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings(where, [Fault(where, f"cannot read {self.file}: {type(error).__name__}")]) from error


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


class LogSettings(Model):
    """Which log, and where it is."""

    kind: Literal["sqlite", "kafka"] = "sqlite"
    path: Path = Path("wirewatch.db")  # sqlite
    bootstrap: tuple[str, ...] = ("127.0.0.1:9092",)  # kafka
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,60}$")  # of topics, groups and transactions
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    article_partitions: Annotated[int, Field(ge=1, le=256)] = 1
    feed_lanes: Annotated[int, Field(ge=1, le=256)] = 1
    tls: Tls | None = None
    sasl: Sasl | None = None


class FeedSettings(Model):
    """One address where an outlet lists its articles."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    id: Id | None = None  # default: the outlet's id and the feed's place in its list
    language: Language | None = None
    every: PositiveSpan | None = None  # a fixed interval in place of the adapted one


class OutletSettings(Model):
    """One publisher and its feeds."""

    id: Id
    name: str
    kind: Literal["media", "agency", "official", "blog"] = "media"
    languages: tuple[Language, ...] = ()
    names: tuple[str, ...] = ()  # by which others cite it
    feed: tuple[FeedSettings, ...] = ()

    def feeds(self) -> dict[str, FeedSettings]:
        """The feeds by id."""
        return {feed.id or f"{self.id}.{number}": feed for number, feed in enumerate(self.feed, 1)}


class IngestSettings(Model):
    """How feeds are polled."""

    contact: str = ""  # e-mail or web address in the User-Agent, so that an outlet can reach you
    shortest_interval: PositiveSpan = timedelta(minutes=5)
    longest_interval: PositiveSpan = timedelta(hours=24)
    timeout: PositiveSpan = timedelta(seconds=30)
    concurrency: Annotated[int, Field(ge=1, le=1024)] = 32
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
    threads: Annotated[int, Field(ge=0, le=256)] = 0  # 0: as many as the machine has cores
    cache: Path | None = None  # of converted weights; default: the user's cache folder
    entities: Path | None = None  # your own entities, beside those that ship


class ClusterSettings(Model):
    """How coverage is grouped."""

    window: PositiveSpan = timedelta(days=4)
    quiet_after: PositiveSpan = timedelta(days=3)


class WatchSettings(Model):
    """A standing question: these entities together, on these conditions, told through these channels."""

    name: Id
    all: Annotated[tuple[str, ...], Field(min_length=1)]
    scope: Literal["headline", "sentence", "paragraph", "article", "story"] = "article"
    languages: tuple[Language, ...] = ()  # empty: any
    outlets: tuple[str, ...] = ()  # empty: any
    min_outlets: Annotated[int, Field(ge=1)] = 1
    channels: Annotated[tuple[str, ...], Field(min_length=1)]


class ConsoleChannel(Model):
    """Prints alerts on the deliver service's standard output."""

    kind: Literal["console"]
    name: Id


class EmailChannel(Model):
    """Sends alerts by SMTP."""

    kind: Literal["email"]
    name: Id
    host: str
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretSource | None = None
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    to: Annotated[tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...], Field(min_length=1)]


class SlackChannel(Model):
    """Posts alerts to a Slack-compatible incoming webhook; the address is a secret."""

    kind: Literal["slack"]
    name: Id
    webhook: SecretSource


Channel = Annotated[ConsoleChannel | EmailChannel | SlackChannel, Field(discriminator="kind")]


class DeliverSettings(Model):
    """How deliveries are tried."""

    timeout: PositiveSpan = timedelta(seconds=20)
    retry_first: PositiveSpan = timedelta(seconds=5)
    retry_longest: PositiveSpan = timedelta(minutes=15)
    deadline: PositiveSpan = timedelta(hours=24)
    operators: tuple[str, ...] = ()  # channels told of what needs an operator, such as a feed that fell silent


class HealthSettings(Model):
    """Where each stage answers `/healthz`, `/readyz` and `/metrics`: `port` plus the stage's place, 0 for any free."""

    host: str = "127.0.0.1"
    port: Port = 9470
    same_port: bool = False  # every stage on `port` itself, where each is alone on its machine or in its container


class LoopSettings(Model):
    """Limits of the stage loop."""

    batch: Annotated[int, Field(ge=1, le=1000)] = 64
    stuck_after: PositiveSpan = timedelta(seconds=120)  # without progress the watchdog ends the process


class IndexSettings(Model):
    """The index that `why`, `trace`, `search` and the page read: made from the log, and disposable."""

    path: Path = Path("wirewatch-index.db")


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
    outlet: tuple[OutletSettings, ...] = ()
    watch: tuple[WatchSettings, ...] = ()
    channel: tuple[Channel, ...] = ()
