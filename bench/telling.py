"""Latency from the story event to the message accepted: alerts and deliver as real processes on the embedded log.

python -m bench telling [--events 200] [--per-second 10]
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

from console.checkup.status import read_progress
from console.demo.settings import SLACK_VARIABLE, write_settings
from console.demo.watch import percentiles
from console.open_log import open_log
from console.services.supervisor import Supervisor, stage_command
from demo.inboxes import SlackInbox
from wire.clock import SystemClock
from wire.codec import encode
from wire.log.port import Log, NewRecord
from wire.messages import Article, Mention, Place, Reading, Sentence, StoryEvent, StoryEventKind
from wire.settings import HealthSettings, LogSettings, SecretSource, Settings, SlackChannel, WatchSettings
from wire.topics import STORY_EVENTS

TARGET = timedelta(milliseconds=300)
_STAGES = ("alerts", "deliver")
_PAIR = ("elon-musk", "vladimir-putin")
_now = SystemClock().now


def main(arguments: Sequence[str]) -> int:
    """Run it; 1 if a message is missing or the 95th percentile is over 300 ms."""
    parser = argparse.ArgumentParser(prog="python -m bench telling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--per-second", type=float, default=10.0)
    asked = parser.parse_args(arguments)
    spans = measure(asked.events, timedelta(seconds=1) / asked.per_second)
    p50, p95 = percentiles(spans)
    print(
        f"{len(spans)} of {asked.events} story events told, {asked.per_second:g}/s: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    )
    return 0 if len(spans) == asked.events and p95 < TARGET / timedelta(milliseconds=1) else 1


def measure(count: int, gap: timedelta) -> list[timedelta]:
    """From each event's append to its message accepted."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-bench-")))
        slack = stack.enter_context(closing(SlackInbox(_now)))
        os.environ[SLACK_VARIABLE] = slack.url
        settings = _settings(place)
        write_settings(settings, place / "wirewatch.toml")
        log = stack.enter_context(closing(open_log(settings.log)))
        log.create()
        commands = {name: stage_command(name, str(place / "wirewatch.toml")) for name in _STAGES}
        supervisor = Supervisor(commands, output=place / "stages.log")
        written: dict[str, datetime] = {}
        started = _now()

        def tick() -> None:
            lanes = [one for one in read_progress(log) if one.lane.split(".")[0] in _STAGES]
            if not written and all(one.last_commit is not None for one in lanes):
                time.sleep(1)
                written.update(_write(log, count, gap))
                time.sleep(1)
            if (written and len(slack.posts) >= count) or _now() - started > timedelta(minutes=5):
                supervisor.stop()

        supervisor.run(tick)
        return list(_spans(written, slack))


def _write(log: Log, count: int, gap: timedelta) -> dict[str, datetime]:
    written: dict[str, datetime] = {}
    for number in range(count):
        event = _event(number)
        written[event.title] = _now()
        log.append([NewRecord(topic=STORY_EVENTS, partition=0, key=event.story_id, value=encode(event))])
        time.sleep(gap.total_seconds())
    return written


def _spans(written: dict[str, datetime], slack: SlackInbox) -> list[timedelta]:
    found: dict[str, timedelta] = {}
    for post in slack.posts:
        match = re.search(r"Story number \d+ in short", json.dumps(post.payload, ensure_ascii=False))
        if match is not None:
            found.setdefault(match[0], post.at - written[match[0]])
    return list(found.values())


def _event(number: int) -> StoryEvent:
    now, title = _now(), f"Story number {number} in short"
    text = "Musk met Putin on that day, said people who know of it"
    reading = Reading(
        language="en",
        sentences=(Sentence(text=text, place=Place.BODY, paragraph=1),),
        mentions=(
            Mention(entity=_PAIR[0], sentence=0, start=0, end=4),
            Mention(entity=_PAIR[1], sentence=0, start=9, end=14),
        ),
    )
    article = Article(
        article_id=f"a{number}",
        version="v1",
        outlet="bench",
        feed="bench.1",
        url=f"https://bench.example/{number}",
        title=title,
        body=text,
        published=now,
        seen=now,
        event_time=now,
    )
    return StoryEvent(
        event_id=f"e{number}",
        kind=StoryEventKind.OPENED,
        story_id=f"st-{number}",
        number=1,
        title=title,
        article=article,
        reading=reading,
        article_count=1,
        outlets=("bench",),
        languages=("en",),
        event_time=now,
        seen=now,
    )


def _settings(place: Path) -> Settings:
    base = Settings()
    flood = base.deliver.flood.model_copy(update={"most": 1_000_000})
    return Settings(
        log=LogSettings(path=place / "wirewatch.db"),
        deliver=base.deliver.model_copy(update={"flood": flood}),
        health=HealthSettings(port=0),
        watch=(WatchSettings(name="pair", all=_PAIR, channels=("slack",)),),
        channel=(SlackChannel(kind="slack", name="slack", webhook=SecretSource(env=SLACK_VARIABLE), per_second=1000),),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
