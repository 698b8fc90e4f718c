"""Alerts through faults and sudden deaths: the real `deliver` in a process of its own, real servers, one verdict.

    python -m tests.delivery_faults --alerts 1000 --kills 10

Every alert goes to a Slack bot, by e-mail (STARTTLS) and to a signed webhook, each of which fails in its ways.  The
verdict reads what arrived and the ledger's topic, and shares no code with the stage.
"""

import argparse
import base64
import json
import logging
import os
import random
import re
import signal
import ssl
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep

from standardwebhooks.webhooks import Webhook

from tests.alert_samples import alert
from tests.slack_api import CHANNEL, TOKEN, SlackApi
from tests.smtp_server import SmtpServer
from tests.webhook_server import Reply, WebhookServer
from wire.clock import SystemClock
from wire.codec import encode
from wire.log.port import BEGINNING, NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Alert, AlertKind
from wire.topics import ALERTS, DELIVERIES, topic_catalogue

CERTIFICATE = Path(__file__).parent / "alerts" / "tls" / "loopback.pem"
KEY = "whsec_" + base64.b64encode(b"a key that only this test knows!").decode()
PASSWORD = "correct horse battery staple"
CHANNELS = ("slack", "mail", "hook")
PERMANENT = ("invalid_auth", "550")

SETTINGS = """
[health]
port = 0
[deliver]
timeout = "3 s"
retry_first = "100 ms"
retry_longest = "1 s"
flood = {{most = 1000000, within = "10 min"}}
[[channel]]
kind = "slack"
name = "slack"
token = {{env = "T_SLACK"}}
channel = "{channel}"
api = "{slack}"
per_second = 1000
[[channel]]
kind = "email"
name = "mail"
host = "127.0.0.1"
port = {mail}
user = "wirewatch"
password = {{env = "T_MAIL"}}
ca = "{ca}"
sender = "w@desk.example"
to = ["o@desk.example"]
per_second = 1000
[[channel]]
kind = "webhook"
name = "hook"
url = "{hook}"
secret = {{env = "T_HOOK"}}
per_second = 1000
"""


@dataclass(slots=True)
class Faults:
    """What goes wrong with the next message, from one seed; each word at its rate."""

    chance: random.Random
    rates: dict[str, float]
    given: Counter[str] = field(default_factory=Counter)

    def next(self) -> str:
        drawn, bound = self.chance.random(), 0.0
        for word, rate in self.rates.items():
            bound += rate
            if drawn < bound:
                self.given[word] += 1
                return word
        return ""


@dataclass(slots=True)
class Outcome:
    """What the verdict looks at."""

    alerts: Sequence[Alert]
    ledger: dict[str, dict[str, object]]  # last value of each delivery
    slack: Sequence[dict[str, object]]
    letters: Sequence[EmailMessage]
    hooks: Sequence[tuple[dict[str, str], bytes]]
    kills: int
    faults: dict[str, Counter[str]]
    seconds: float


def run(count: int, kills: int, seed: int) -> Outcome:
    """All of it; `seed` decides faults and deaths, though not their exact moments."""
    chance = random.Random(seed)
    slack_faults = Faults(
        chance,
        {
            "429": 0.01,
            "500": 0.02,
            "500-taken": 0.02,
            "slow-taken": 0.01,
            "cut": 0.02,
            "internal_error": 0.01,
            "invalid_auth": 0.004,
        },
    )
    mail_faults = Faults(chance, {"451 4.3.0 later": 0.02, "550 5.7.1 never": 0.004, "silent": 0.01})
    hook_faults = Faults(chance, {"503": 0.02, "cut": 0.02, "taken-cut": 0.02})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-faults-")))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(CERTIFICATE)
        slack = stack.enter_context(SlackApi(lambda _: slack_faults.next(), hang_s=5))
        mail = stack.enter_context(
            SmtpServer(tls=tls, user=("wirewatch", PASSWORD), fault=lambda _: mail_faults.next())
        )
        hook = stack.enter_context(WebhookServer(reply=lambda _: _reply(hook_faults.next())))
        log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue(), SystemClock())
        stack.callback(log.close)
        log.create()
        (folder / "wirewatch.toml").write_text(
            SETTINGS.format(channel=CHANNEL, slack=slack.url, mail=mail.port, hook=hook.url, ca=CERTIFICATE)
        )
        begun = monotonic()
        deliver = Deliver(folder)
        stack.callback(deliver.end)
        deliver.start()
        deliver.until_ready(log)
        alerts = list(_alerts(count))
        for begin in range(0, count, 50):
            log.append(
                [NewRecord(topic=ALERTS, partition=0, key=a.watch, value=encode(a)) for a in alerts[begin : begin + 50]]
            )
        expected = count * len(CHANNELS)
        deaths = sorted(chance.sample(range(expected // 20, expected - expected // 20), kills))
        ledger = Ledger(log)
        while ledger.ended() < expected or ledger.open():
            if deaths and ledger.ended() >= deaths[0]:
                deaths.pop(0)
                sleep(chance.uniform(0, 0.05))
                deliver.kill()
                deliver.start()
            assert monotonic() - begun < 540, f"not done: {ledger.ended()} of {expected}; {deliver.said()[-2000:]}"
            deliver.check()
            sleep(0.02)
        return Outcome(
            alerts=alerts,
            ledger=ledger.last,
            slack=list(slack.posts),
            letters=list(mail.letters),
            hooks=list(hook.taken),
            kills=deliver.killed,
            faults={"slack": slack_faults.given, "mail": mail_faults.given, "hook": hook_faults.given},
            seconds=monotonic() - begun,
        )


def _reply(word: str) -> Reply:
    return Reply() if not word else Reply(503) if word == "503" else Reply(how=word)


def _alerts(count: int) -> Iterator[Alert]:
    """Three messages on each story, in order: an alert and two updates."""
    for number in range(count):
        story, place = divmod(number, 3)
        yield alert(
            alert_id=f"al-{number:05}",
            story_id=f"st-{story}",
            number=place + 1,
            kind=AlertKind.UPDATE if place else AlertKind.ALERT,
            channels=CHANNELS,
            title=f"Story {story}, message {place + 1}",
        )


class Deliver:
    """The stage as a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.killed = 0

    def start(self) -> None:
        secrets = {"T_SLACK": TOKEN, "T_MAIL": PASSWORD, "T_HOOK": KEY}
        with (self._folder / "deliver.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "console.main", "stage", "deliver", "-s", str(self._folder / "wirewatch.toml")],
                env={**os.environ, **secrets},
                stdout=output,
                stderr=output,
            )

    def until_ready(self, log: SqliteLog) -> None:
        reader = log.reader([DELIVERIES], BEGINNING)
        latest = monotonic() + 60
        while not reader.read(1, timedelta(milliseconds=100)):
            assert monotonic() < latest, self.said()
        reader.close()

    def check(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended by itself: {self.said()[-3000:]}"

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.killed += 1

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(120)

    def said(self) -> str:
        return (self._folder / "deliver.log").read_text(errors="replace")


class Ledger:
    """The ledger's topic as anybody reads it."""

    def __init__(self, log: SqliteLog) -> None:
        self._reader = log.reader([DELIVERIES], BEGINNING)
        self.last: dict[str, dict[str, object]] = {}

    def _read(self) -> None:
        while records := self._reader.read(5000, timedelta(0)):
            for record in records:
                if (record.key or "").startswith("delivery:"):
                    self.last[record.key or ""] = json.loads(record.value or b"{}")

    def ended(self) -> int:
        """How many deliveries of alerts have ended."""
        self._read()
        return sum(line["ended"] is not None and line["watch"] != "operators" for line in self.last.values())

    def open(self) -> bool:
        """Whether anything is still on its way, complaints included."""
        return any(line["ended"] is None for line in self.last.values())


def failures(of: Outcome) -> Iterator[str]:
    """Every sentence is something that must not be."""
    arrived = {name: list(found) for name, found in _arrivals(of).items()}
    lines = {(line["alert_id"], line["channel"]): line for line in of.ledger.values() if line["watch"] != "operators"}
    for channel in CHANNELS:
        times = Counter(alert_id for alert_id, _ in arrived[channel])
        for one in of.alerts:
            line = lines.get((one.alert_id, channel))
            if line is None:
                yield f"{one.alert_id} has no line for {channel}"
            elif line["state"] == "sent" and not times[one.alert_id]:
                yield f"{one.alert_id} is said to be sent through {channel} and has not arrived"
            elif line["state"] == "failed" and not any(word in str(line["reason"]) for word in PERMANENT):
                yield f"{one.alert_id} failed in {channel} although nothing permanent was said: {line['reason']}"
            elif line["state"] not in ("sent", "failed"):
                yield f"{one.alert_id} is {line['state']} in {channel} at the end"
        yield from _repeats(channel, arrived[channel])
        yield from _disorder(channel, arrived[channel], of.alerts)
    if any(line["state"] == "failed" for line in lines.values()):
        told = [line for line in of.ledger.values() if line["watch"] == "operators" and line["state"] == "sent"]
        if not told:
            yield "deliveries failed, and no operator was told"
    yield from _threads(of)
    for headers, body in of.hooks:
        Webhook(KEY).verify(body, headers)


def _arrivals(of: Outcome) -> dict[str, Iterator[tuple[str, bool]]]:
    """Alert and mark of each message about a story, in the order of arrival."""
    posts = ((_ids(json.dumps(post, ensure_ascii=False)), "may repeat" in str(post["text"])) for post in of.slack)
    letters = (
        (_ids(str(letter["X-Wirewatch-Alert"])), "(may repeat)" in str(letter["Subject"])) for letter in of.letters
    )
    hooks = ((_ids(json.loads(body)["data"]["alert_id"]), json.loads(body)["may_repeat"]) for _, body in of.hooks)
    return {
        name: ((ids[0], mark) for ids, mark in found if ids)
        for name, found in (("slack", posts), ("mail", letters), ("hook", hooks))
    }


def _ids(text: str) -> list[str]:
    return re.findall(r"al-\d{5}", text)


def _repeats(channel: str, arrived: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """Slack can be asked, so it never repeats; elsewhere a repeat says that it may be one."""
    seen = set[str]()
    for alert_id, marked in arrived:
        if alert_id in seen and (channel == "slack" or not marked):
            yield f"{alert_id} came again through {channel}" + ("" if channel == "slack" else " without a mark")
        seen.add(alert_id)


def _disorder(channel: str, arrived: Sequence[tuple[str, bool]], alerts: Sequence[Alert]) -> Iterator[str]:
    story = {one.alert_id: one.story_id for one in alerts}
    order = defaultdict[str, list[str]](list)
    for alert_id, _ in arrived:
        if alert_id not in order[story[alert_id]]:
            order[story[alert_id]].append(alert_id)
    for name, ids in order.items():
        if ids != sorted(ids):
            yield f"{channel} has {name} in the order {ids}"


def _threads(of: Outcome) -> Iterator[str]:
    """Updates in Slack stand under the first message of their story, where that arrived."""
    first: dict[str, str] = {}
    by_id = {one.alert_id: one for one in of.alerts}
    for post in of.slack:
        ids = _ids(json.dumps(post, ensure_ascii=False))
        if not ids:
            continue
        one = by_id[ids[0]]
        if one.kind is AlertKind.ALERT:
            first[one.story_id] = str(post["ts"])
        elif one.story_id in first and post.get("thread_ts") != first[one.story_id]:
            yield f"{one.alert_id} does not stand in its story's thread"


def summary(of: Outcome) -> str:
    """One line for each channel: what went wrong on the way and what arrived."""
    rows = []
    for channel, found in _arrivals(of).items():
        arrived = list(found)
        times = Counter(alert_id for alert_id, _ in arrived)
        failed = sum(line["state"] == "failed" and line["channel"] == channel for line in of.ledger.values())
        faults = ", ".join(f"{word} x{count}" for word, count in sorted(of.faults[channel].items()))
        repeats = sum(times.values()) - len(times)
        rows.append(f"{channel:<6} {len(times)} arrived, {failed} failed for good, {repeats} repeats; {faults}")
    head = f"{len(of.alerts)} alerts through {len(CHANNELS)} channels, {of.kills} kill -9, {of.seconds:.0f} s"
    return "\n".join([head, *rows])


def main() -> int:
    """Run it from the command line; 1 if anything is as it must not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.delivery_faults", description=__doc__)
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(datetime.now(UTC).timestamp()))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the mail server's own remarks
    outcome = run(asked.alerts, asked.kills, asked.seed)
    print(summary(outcome))
    wrong = list(failures(outcome))
    print("\n".join(wrong) or "none lost; repeats only where nobody could know, each marked; order kept")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
