"""Each alert rule fires and clears: a real Prometheus scrapes a running system that is brought into each trouble.

Waits and ranges are shortened in a copy of the rules; what they look at is real.  `pytest -m long tests/deploy`.
"""

import fcntl
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from os import kill
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.deploy.prometheus import Prometheus, prometheus
from tests.deploy.system import FEED, SERVICES, config, feed, free_ports, lay_out, rules, up, wait_for_all
from tests.feed_server import Answer, FeedServer, feed_server
from tests.messages import article
from tests.webhook_server import Reply, WebhookServer
from wire.codec import encode
from wire.log.port import NewRecord, Record
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Article
from wire.stamps import stamps
from wire.topics import ARTICLES, topic_catalogue

pytestmark = pytest.mark.long
# The disk of whoever runs the tests is not ours to fill; the last one fires always.  Both are promtool's alone.
NOT_LIVE = {"WirewatchDiskFull", "WirewatchAlive"}
SHORTER = {
    r"for: \w+": "for: 1s",
    r"\[2h\]": "[20s]",
    r"\[10m\]": "[20s]",
    r"\[15m\]\) > 3": "[120s]) > 3",
    r"\[15m\]|(?<=offset )15m": lambda found: "[30s]" if "[" in found[0] else "30s",
    r"> 300": "> 3",
}
MORE = """
shortest_interval = "1 s"
longest_interval = "2 s"
failing_after = 1
[deliver]
retry_first = "1 s"
retry_longest = "1 s"
[[watch]]
name = "other"
all = ["volodymyr-zelenskyy", "emmanuel-macron"]
channels = ["out"]
[[channel]]
kind = "webhook"
name = "out"
url = "{hook}"
secret = {{file = "secret"}}
"""


class Desk:
    """A running system, what feeds it, what it sends to, and the Prometheus that watches it."""

    def __init__(self, folder: Path, server: FeedServer, watching: Prometheus) -> None:
        self.folder, self.server, self.watching = folder, server, watching
        self.items: list[dict[str, str]] = []
        self.fired: set[str] = set()
        self.log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())

    def publish(self, text: str) -> None:
        """The feed shows one more article."""
        number = str(len(self.items) + 1)
        url, now = f"https://one.example/{number}", datetime.now(UTC).isoformat()
        self.items.append({"id": number, "url": url, "title": text, "content_text": text, "date_published": now})
        self.server.script(FEED, Answer(body=feed(self.items)))

    @contextmanager
    def trouble(self, *names: str) -> Iterator[None]:
        """In the block it is there; all of `names` fire in it, and clear after it."""
        firing = self.watching.firing
        assert not set(names) & firing(), "nothing fires before its time"
        self.fired = set[str]()
        yield
        self.watching.wait(f"{names} to fire", lambda: self.have_fired(*names), 90)
        self.watching.wait(f"{names} to clear", lambda: not set(names) & firing(), 240)

    def have_fired(self, *names: str) -> bool:
        """Whether all of them have fired in this trouble, now or before; asks."""
        self.fired |= self.watching.firing()
        return set(names) <= self.fired

    def service(self, *words: str) -> int:
        """The process of a service of `up`."""
        wanted = [sys.executable, "-m", "console.main", *words]
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.joinpath("cmdline").exists():
                try:
                    said = entry.joinpath("cmdline").read_bytes().decode().split("\0")
                    here = entry.joinpath("cwd").resolve() == self.folder.resolve()
                except OSError:
                    continue
                if here and said[: len(wanted)] == wanted:
                    return int(entry.name)
        return 0

    def end(self, *words: str) -> int:
        """Kill a service that `up` starts again; return the process that follows it."""
        old = self.service(*words)
        if old:
            kill(old, signal.SIGKILL)
        self.watching.wait(f"{words} again", lambda: self.service(*words) not in (0, old))
        return self.service(*words)


@contextmanager
def held(path: Path) -> Iterator[None]:
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def desk(folder: Path, hook: str) -> Iterator[Desk]:
    base = free_ports()
    with feed_server({FEED: [Answer(body=b"{}")]}) as server:
        (folder / "secret").write_text("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", encoding="utf-8")
        lay_out(folder, base, server.url(FEED), MORE.format(hook=hook))
        with prometheus(folder, config(folder, base, SHORTER), base + SERVICES) as watching:
            made = Desk(folder, server, watching)
            made.publish("It rains in Lviv")
            try:
                with up(folder):
                    wait_for_all(watching)
                    watching.wait("silence", lambda: watching.firing() <= NOT_LIVE | {"WirewatchNoArticles"}, 120)
                    yield made
            finally:
                made.log.close()


@pytest.fixture(scope="module")
def answers() -> list[int]:
    """What the receiver of messages answers: the status in it."""
    return [200]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, answers: list[int]) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with WebhookServer(reply=lambda _: Reply(answers[0])) as hook, desk(folder, hook.url) as running:
        yield running


def test_no_rule_is_left_out() -> None:
    """Each has its trouble below."""
    text = Path(__file__).read_text(encoding="utf-8").split("# The troubles", 1)[1]
    assert set(re.findall(r'"(Wirewatch\w+)"', text)) == {rule["alert"] for rule in rules()} - NOT_LIVE


# The troubles, one after another in one system.


def test_feeds_that_fail(made: Desk) -> None:
    made.watching.wait("nothing new", lambda: "WirewatchNoArticles" in made.watching.firing(), 60)
    made.publish("It snows in Lviv")
    made.watching.wait("something new", lambda: "WirewatchNoArticles" not in made.watching.firing(), 30)
    with made.trouble("WirewatchFeedsFailing"):
        made.server.script(FEED, Answer(status=500))
        made.watching.wait("a feed that fails", lambda: "WirewatchFeedsFailing" in made.watching.firing(), 60)
        made.publish("The snow is gone")


def test_messages_that_wait_and_are_refused(made: Desk, answers: list[int]) -> None:
    with made.trouble("WirewatchDeliveriesWait"):
        answers[0] = 503
        made.publish("Elon Musk met Vladimir Putin in Vienna")
        made.watching.wait("a message", lambda: "WirewatchDeliveriesWait" in made.watching.firing(), 60)
        answers[0] = 200
    with made.trouble("WirewatchDeliveriesRefused"):
        answers[0] = 403
        made.publish("Volodymyr Zelenskyy thanks Emmanuel Macron for nine aircraft")
    answers[0] = 200


def test_a_record_that_cannot_be_read(made: Desk) -> None:
    with made.trouble("WirewatchDeadLetters"):
        made.log.append([NewRecord(topic=ARTICLES, partition=0, key="bad", value=b"{")])


def test_a_log_that_nobody_can_write(made: Desk) -> None:
    """More articles than a lane may be behind, seen two minutes ago; then the writers' lock is held."""
    seen = datetime.now(UTC) - timedelta(minutes=2)
    texts = [f"The weather report of station {number % 10}" for number in range(1200)]
    articles = [late(text, number, seen) for number, text in enumerate(texts)]
    records = [
        NewRecord(
            topic=ARTICLES, partition=0, key=one.article_id, value=encode(one), headers=stamps(Record(topic=""), one)
        )
        for one in articles
    ]  # fmt: skip
    still = ("WirewatchLag", "WirewatchStandsStill")
    with made.trouble(*still, "WirewatchSlow"):
        made.log.append(records)
        with held(made.folder / "wirewatch.db.lock"):
            made.watching.wait("standstill", lambda: made.have_fired(*still), 60)


def late(text: str, number: int, seen: datetime) -> Article:
    made = article(text, article_id=f"w{number}", outlet=f"o{number % 7}")
    return replace(made, seen=seen, published=seen, event_time=seen)


def test_a_service_that_dies_again_and_again(made: Desk) -> None:
    starts = 'changes(process_start_time_seconds{stage="deliver"}[5m])'
    with made.trouble("WirewatchRestarting"):
        for death in range(1, 5):
            made.end("stage", "deliver")
            made.watching.wait(f"start {death}", lambda n=death: bool(made.watching.query(f"{starts} >= {n}")))


def test_a_service_that_hangs(made: Desk) -> None:
    with made.trouble("WirewatchServiceDown"):
        process = made.service("stage", "deliver")
        kill(process, signal.SIGSTOP)
        made.watching.wait("silence", lambda: made.have_fired("WirewatchServiceDown"))
        kill(process, signal.SIGCONT)


def test_an_index_that_another_process_has(made: Desk) -> None:
    with made.trouble("WirewatchIndexBehind"), (made.folder / "wirewatch-index.db.lock").open("ab") as lock:
        kill(made.service("page"), signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_EX)
        made.watching.wait("a page that does not follow", lambda: "WirewatchIndexBehind" in made.watching.firing())
