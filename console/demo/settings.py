"""The settings of the demo: the day's outlets, its watch, and channels that end on this machine."""

from datetime import timedelta
from pathlib import Path

import tomli_w

from demo.day import Day
from wire.settings import (
    ConsoleChannel,
    EmailChannel,
    FeedSettings,
    HealthSettings,
    IngestSettings,
    LogSettings,
    OutletSettings,
    SecretSource,
    Settings,
    SlackChannel,
    WatchSettings,
)

SLACK_VARIABLE = "WIREWATCH_DEMO_SLACK"
EVERY = timedelta(seconds=1)


def demo_settings(day: Day, *, site: str, mail_port: int, log: LogSettings) -> Settings:
    """Settings under which the stages poll `site` once a second; Slack's address comes from `SLACK_VARIABLE`."""
    email = EmailChannel(
        kind="email",
        name="mail",
        host="127.0.0.1",
        port=mail_port,
        security="none",
        sender="wirewatch@demo.invalid",
        to=("desk@demo.invalid",),
    )
    slack = SlackChannel(kind="slack", name="slack", webhook=SecretSource(env=SLACK_VARIABLE))
    terminal = ConsoleChannel(kind="console", name="terminal")
    watch = WatchSettings(
        name=day.expected.watch.name, all=day.expected.watch.all, channels=("mail", "slack", "terminal")
    )
    return Settings(
        log=log,
        ingest=impatient("demo@demo.invalid"),
        health=HealthSettings(port=0),
        outlet=tuple(
            OutletSettings(
                id=outlet.id,
                name=outlet.name,
                languages=outlet.languages,
                names=outlet.names,
                feed=tuple(
                    FeedSettings(id=feed.id, url=f"{site}{feed.path}", language=feed.language, every=EVERY)
                    for feed in outlet.feeds
                ),
            )
            for outlet in day.outlets
        ),
        watch=(watch,),
        channel=(email, slack, terminal),
    )


def impatient(contact: str) -> IngestSettings:
    """How feeds are polled that are all served by this machine."""
    return IngestSettings(
        contact=contact,
        shortest_interval=EVERY,
        longest_interval=EVERY,
        allow_networks=("127.0.0.0/8",),
        host_requests=16,  # all outlets share this machine
        host_gap=timedelta(0),
        start_per_second=0,
    )


def write_settings(settings: Settings, path: Path) -> None:
    """Write settings as a TOML file that `load_settings` reads back as the same settings."""
    path.write_text(tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
