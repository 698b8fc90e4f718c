"""The settings of channels, and of how deliveries are tried."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wire.settings_base import (
    MAIL_ADDRESS,
    SLACK_ID,
    Id,
    Model,
    Port,
    PositiveSpan,
    SecretSource,
    WebAddress,
    Zone,
)
from wire.watch_settings import FloodGuard

Address = Annotated[str, Field(pattern=MAIL_ADDRESS)]
PerSecond = Annotated[float, Field(ge=0.02, le=1000)]  # at the slowest, one in 50 s


class ConsoleChannel(Model):
    """Prints alerts on the deliver service's standard output."""

    kind: Literal["console"]
    name: Id
    per_second: PerSecond = 100.0


class EmailChannel(Model):
    """Sends alerts by SMTP."""

    kind: Literal["email"]
    name: Id
    host: str
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretSource | None = None
    ca: Path | None = None  # a certificate authority's file beside the system's, for a server of your own
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    per_second: PerSecond = 10.0


class SlackChannel(Model):
    """Posts alerts to Slack: with a bot's `token` and `channel` in one thread for each story, or to a `webhook`.

    The webhook's address and the token are secrets.  Only a bot can look up what has arrived: it needs the scopes
    `chat:write` and `channels:history` (`groups:history` in a private channel).
    """

    kind: Literal["slack"]
    name: Id
    webhook: SecretSource | None = None
    token: SecretSource | None = None
    channel: Annotated[str, Field(pattern=SLACK_ID)] | None = None  # id of the channel, such as C0123ABCD
    api: WebAddress = "https://slack.com/api"
    per_second: PerSecond = 1.0  # Slack's own limit

    @model_validator(mode="after")
    def _one_way(self) -> "SlackChannel":
        if (self.webhook is None) == (self.token is None) or (self.token is None) != (self.channel is None):
            raise ValueError("give either webhook, or token and channel together")
        return self


class WebhookChannel(Model):
    """Posts alerts as JSON, signed as Standard Webhooks prescribes; the address may be a secret."""

    kind: Literal["webhook"]
    name: Id
    url: SecretSource | WebAddress
    secret: SecretSource  # `whsec_` and base64 of 24 to 64 bytes
    per_second: PerSecond = 10.0


class AppriseChannel(Model):
    """Sends alerts as plain text through any service that Apprise knows; its address is a secret."""

    kind: Literal["apprise"]
    name: Id
    url: SecretSource
    per_second: PerSecond = 1.0


Channel = Annotated[
    ConsoleChannel | EmailChannel | SlackChannel | WebhookChannel | AppriseChannel, Field(discriminator="kind")
]


class DeliverSettings(Model):
    """How deliveries are tried, and what holds for watches that say nothing of their own."""

    timeout: PositiveSpan = timedelta(seconds=20)
    retry_first: PositiveSpan = timedelta(seconds=5)
    retry_longest: PositiveSpan = timedelta(minutes=15)
    deadline: PositiveSpan = timedelta(hours=24)
    zone: Zone = "UTC"  # of times in messages, quiet hours and digests
    flood: FloodGuard = FloodGuard()
    operators: tuple[str, ...] = ()  # channels told of failed deliveries, first choice first, then any other one
