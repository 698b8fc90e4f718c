"""Latency of the whole way on the embedded log: from a poll's answer to the message accepted by the channel.

    python -m bench latency [--articles 150] [--per-second 5]

Real processes, real HTTP, the real model: an outlet's feed grows by so many articles a second, and each names a pair
of entities that a watch of its own asks for, so that each article leads to one alert, posted to a Slack-compatible
endpoint on this machine.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

from console.checkup.status import read_progress
from console.demo.settings import SLACK_VARIABLE, impatient, write_settings
from console.demo.watch import WATCHED, Seen, latency_lines, percentiles
from console.open_log import open_log
from console.services.supervisor import Supervisor, stage_command
from demo.day import Article, Day, load_day
from demo.inboxes import SlackInbox
from demo.server import DayServer
from demo.texts import Carries, Feed, Format, Outlet
from wire.catalogue import Entity, EntityKind, load_catalogue
from wire.clock import SystemClock
from wire.log.port import BEGINNING
from wire.messages import Alert
from wire.settings import (
    FeedSettings,
    HealthSettings,
    LogSettings,
    OutletSettings,
    SecretSource,
    Settings,
    SlackChannel,
    WatchSettings,
)
from wire.topics import STAGES

TARGET = timedelta(seconds=2)
TOLD = timedelta(milliseconds=300)  # from the story event to the message accepted
SECOND = timedelta(seconds=1)
_now = SystemClock().now


def main(arguments: Sequence[str]) -> int:
    """Run it; 1 if an alert is missing, or a 95th percentile over two seconds, or over 0.3 from the story event on."""
    parser = argparse.ArgumentParser(prog="python -m bench latency", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--per-second", type=float, default=5.0)
    asked = parser.parse_args(arguments)
    pairs = list(itertools.islice(watched_pairs(), asked.articles))
    seen, spans, told = measure(pairs, SECOND / asked.per_second)
    p50, p95 = percentiles(spans)
    deciding = list(told.values())
    print("\n".join(latency_lines({**seen.hops, "story event to accepted": deciding, "poll to accepted": spans})))
    rate = f"{asked.per_second:g} articles/s"
    print(f"{len(spans)} of {len(pairs)} alerts accepted at {rate}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    _, told_p95 = percentiles(deciding)
    in_time = p95 < TARGET / timedelta(milliseconds=1) and told_p95 < TOLD / timedelta(milliseconds=1)
    return 0 if len(spans) == len(pairs) and in_time else 1


def watched_pairs() -> "itertools.chain[tuple[Entity, Entity]]":
    """Pairs of a person and a country of the catalogue, each pair once, neighbours unlike."""
    entities = list(load_catalogue())
    people = [one for one in entities if one.kind is EntityKind.PERSON and one.names.get("en")]
    countries = [one for one in entities if one.kind is EntityKind.COUNTRY and one.names.get("en")]
    shifts = range(len(countries))
    return itertools.chain.from_iterable(
        ((person, countries[(place + shift) % len(countries)]) for place, person in enumerate(people))
        for shift in shifts
    )


def measure(
    pairs: Sequence[tuple[Entity, Entity]], gap: timedelta
) -> tuple[Seen, list[timedelta], dict[str, timedelta]]:
    """Run the five stages over one article for each pair; what was seen, and the latency of each accepted alert.

    The last of these is by alert, from its story event on.
    """
    day = _day(pairs, gap)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-bench-")))
        server = stack.enter_context(closing(DayServer(day, _now().replace(microsecond=0) - timedelta(hours=1))))
        slack = stack.enter_context(closing(SlackInbox(_now)))
        os.environ[SLACK_VARIABLE] = slack.url
        settings = _settings(pairs, server.url, place)
        write_settings(settings, place / "wirewatch.toml")
        log = stack.enter_context(closing(open_log(settings.log)))
        log.create()
        reader = stack.enter_context(closing(log.reader(list(WATCHED), BEGINNING)))
        commands = {name: stage_command(name, str(place / "wirewatch.toml")) for name in STAGES}
        supervisor = Supervisor(commands, output=place / "stages.log")
        seen, started, begun = Seen(), _now(), False

        def tick() -> None:
            nonlocal begun
            if not begun and all((one.last_commit or started) > started for one in read_progress(log)):
                begun = True
                server.begin()
            for record in reader.read(1000, timedelta(0)):
                for _ in seen.take(record):
                    pass
            late = server.elapsed > day.duration + timedelta(seconds=60)
            if len(slack.posts) >= len(pairs) or late or (not begun and _now() - started > timedelta(minutes=5)):
                supervisor.stop()

        supervisor.run(tick)
        for record in reader.read(100_000, timedelta(0)):
            list(seen.take(record))
        accepted = _accepted(seen.alerts, slack)
        told = {key: accepted[key] - at for key, at in seen.caused_at.items() if key in accepted}
        return seen, [accepted[a.alert_id] - a.seen for a in seen.alerts if a.alert_id in accepted], told


def _accepted(alerts: Sequence[Alert], slack: SlackInbox) -> dict[str, datetime]:
    """When each alert's message was accepted."""
    accepted: dict[str, datetime] = {}
    for post in slack.posts:
        text = json.dumps(post.payload, ensure_ascii=False)
        accepted |= {alert.alert_id: post.at for alert in alerts if alert.alert_id in text}
    return accepted


def _day(pairs: Sequence[tuple[Entity, Entity]], gap: timedelta) -> Day:
    feed = Feed(id="bench-en", language="en", format=Format.RSS, path="/bench/rss.xml", carries=Carries.FULL)
    outlet = Outlet(id="bench", name="The Bench", languages=("en",), names=("The Bench",), feeds=(feed,))
    articles = tuple(_article(number, *pair, gap * (number + 1)) for number, pair in enumerate(pairs))
    return Day(outlets=(outlet,), articles=articles, expected=load_day().expected)


def _article(number: int, person: Entity, country: Entity, released: timedelta) -> Article:
    who, where = person.label("en"), country.label("en")
    return Article(
        story=f"bench-{number}",
        outlet="bench",
        feed="bench-en",
        language="en",
        path=f"/bench/en/article-{number}",
        released=released,
        published=timedelta(seconds=number),
        title=f"{who} speaks about {where}",
        summary=f"At a conference, {who} said on the record what comes next for {where}.",
        paragraphs=tuple(
            f"Paragraph {part} of article {number}: the talks went on for hours, aides said, and nobody left early." * 2
            for part in range(4)
        ),
        authors=(),
        keywords=(),
    )


def _settings(pairs: Sequence[tuple[Entity, Entity]], site: str, place: Path) -> Settings:
    return Settings(
        log=LogSettings(path=place / "wirewatch.db"),
        ingest=impatient("bench@bench.invalid"),
        health=HealthSettings(port=0),
        outlet=(
            OutletSettings(
                id="bench", name="The Bench", feed=(FeedSettings(url=f"{site}/bench/rss.xml", every=SECOND),)
            ),
        ),
        watch=tuple(
            WatchSettings(name=f"w{number}", all=(person.id, country.id), channels=("slack",))
            for number, (person, country) in enumerate(pairs)
        ),
        channel=(SlackChannel(kind="slack", name="slack", webhook=SecretSource(env=SLACK_VARIABLE), per_second=1000),),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
