"""`wirewatch demo`: the main job on an invented news day, with real HTTP, SMTP and Slack-compatible ends."""

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

from console.checkup.status import read_progress
from console.demo.settings import SLACK_VARIABLE, demo_settings, write_settings
from console.demo.verdict import failures
from console.demo.watch import WATCHED, Seen, latency_lines, shown
from console.open_log import open_log
from console.services.supervisor import Supervisor, stage_command
from demo.day import Day, load_day
from demo.inboxes import MailInbox, SlackInbox
from demo.server import DayServer
from wire.clock import SystemClock
from wire.errors import Exit
from wire.log.port import BEGINNING, Log
from wire.settings import LogSettings
from wire.topics import STAGES

# After the last article, or the last kill, how long the pipeline may take for what is left; for slow machines.
PATIENCE = timedelta(seconds=90)
START_PATIENCE = timedelta(minutes=5)  # for the stages to be ready; the model is converted once
LOOK_EVERY = timedelta(seconds=1)  # at the lanes' progress, which costs Kafka a few connections
SETTLE = timedelta(seconds=2)  # with everything in, how long a second alert has to show itself
# The invented day ends before the run begins, so that nothing is published in the future.
DAY_BEFORE = timedelta(hours=16)


_now = SystemClock().now


class DemoRun:
    """One run: begins the day when all stages are ready, shows what happens, ends when everything has come out."""

    def __init__(self, day: Day, server: DayServer, log: Log, supervisor: Supervisor, kills: Sequence["Kill"]) -> None:
        self._day, self._server, self._log, self._supervisor = day, server, log, supervisor
        self._reader = log.reader(list(WATCHED), BEGINNING)
        self._kills = list(kills)
        self._lasts = max([day.duration, *(kill.after for kill in kills)])
        self._started = self._looked = _now()
        self._settled: datetime | None = None
        self.seen = Seen()
        self.begun: datetime | None = None
        self.late: str | None = None  # what the run gave up waiting for

    def tick(self) -> None:
        """Called a few times a second by the supervisor."""
        if self.begun is None and _now() - self._looked > LOOK_EVERY:
            self._looked = _now()
            self._begin_when_ready()
        self._kill_what_is_due()
        for record in self._reader.read(500, timedelta(0)):
            for line in shown(self.seen.take(record), _now):
                print(line, flush=True)
        if self.begun is not None and self._over():
            self._supervisor.stop()

    def _begin_when_ready(self) -> None:
        progress = read_progress(self._log)
        ready = {one.lane for one in progress if one.last_commit is not None and one.last_commit >= self._started}
        waiting = {one.lane for one in progress} - ready
        if not waiting:
            self.begun = _now()
            self._server.begin()
            ready_after = (self.begun - self._started).total_seconds()
            print(f"{self.begun:%H:%M:%SZ}  all stages are ready after {ready_after:.0f} s; the day begins", flush=True)
        elif _now() - self._started > START_PATIENCE or self._stuck(waiting):
            self.late = f"not ready: {', '.join(sorted(waiting))}; see stages.log in the folder of the settings"
            self._supervisor.stop()

    def _stuck(self, waiting: set[str]) -> bool:
        """Whether a stage that is not ready dies again and again, or needs somebody."""
        children = [self._supervisor.children[lane.split(".")[0]] for lane in waiting]
        return any(child.failures >= 3 or child.final is not None for child in children)

    def _kill_what_is_due(self) -> None:
        for kill in [kill for kill in self._kills if self._server.elapsed >= kill.after]:
            process = self._supervisor.children[kill.stage].process
            if process is not None:  # else it has just died: killed as soon as it lives again
                self._kills.remove(kill)
                print(f"{_now():%H:%M:%SZ}  kill -9 {kill.stage} ({process.pid})", flush=True)
                process.kill()
                return  # the supervisor has to see its end before another kill could meet it

    def _over(self) -> bool:
        elapsed = self._server.elapsed
        if elapsed > self._lasts + PATIENCE:
            self.late = "the pipeline did not finish in time"
            return True
        all_in = len(self.seen.story_of) >= len(self._day.articles) and elapsed > self._day.duration and not self._kills
        waiting = any(one.behind for one in read_progress(self._log))
        if not all_in or waiting:
            self._settled = None
            return False
        self._settled = self._settled or _now()
        return _now() - self._settled > SETTLE

    def close(self) -> None:
        """Let go of the log."""
        self._reader.close()


class Kill:
    """`STAGE@SECONDS`: a kill -9 during the run; `ValueError` for anything else."""

    def __init__(self, said: str) -> None:
        stage, _, seconds = said.partition("@")
        if stage not in STAGES:
            raise ValueError(f"{stage!r} is no stage; known: {', '.join(STAGES)}")
        if not seconds.isdecimal():
            raise ValueError(f"STAGE@SECONDS was expected, such as enrich@5, not {said!r}")
        self.stage, self.after = stage, timedelta(seconds=int(seconds))


def run_demo(*, kind: str, keep: bool, folder: Path | None, kills: Sequence[Kill] = ()) -> Exit:
    """Run the demo; 0 if everything expected came, 1 with the failures said if not."""
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-demo-")))
        place.mkdir(parents=True, exist_ok=True)
        day = load_day()
        start = (_now() - DAY_BEFORE).replace(microsecond=0)
        server = stack.enter_context(closing(DayServer(day, start)))
        mail = stack.enter_context(closing(MailInbox(_now)))
        slack = stack.enter_context(closing(SlackInbox(_now)))
        os.environ[SLACK_VARIABLE] = slack.url
        log_settings = _log_settings(kind, place, stack)
        settings_path = place / "wirewatch.toml"
        write_settings(demo_settings(day, site=server.url, mail_port=mail.port, log=log_settings), settings_path)
        log = stack.enter_context(closing(open_log(log_settings)))
        log.create()
        print(f"outlets on {server.url}, mail on port {mail.port}, Slack on {slack.url.rsplit('/', 4)[0]}, {kind} log")
        print(f"settings: {settings_path}   stages are starting (the first time the model is unpacked)", flush=True)
        commands = {name: stage_command(name, str(settings_path)) for name in STAGES}
        supervisor = Supervisor(commands, output=place / "stages.log")
        run = stack.enter_context(closing(DemoRun(day, server, log, supervisor, kills)))
        supervisor.run(run.tick)
        _time_deliveries(run.seen, mail, slack)
        _keep_messages(place, mail, slack)
        found = [run.late] if run.late else []
        found += failures(day, run.seen, letters=len(mail.letters), posts=len(slack.posts))
        print("\n".join(_summary(run, mail, slack, found)), flush=True)
        if keep:
            _keep(supervisor, settings_path)
    return Exit.ERROR if found else Exit.WELL


def _log_settings(kind: str, place: Path, stack: ExitStack) -> LogSettings:
    if kind == "sqlite":
        return LogSettings(kind="sqlite", path=place / f"wirewatch-{secrets.token_hex(4)}.db")
    from wire.broker import Broker

    broker = stack.enter_context(Broker(place / "broker", port=0))
    return LogSettings(kind="kafka", bootstrap=(broker.bootstrap,))


def _time_deliveries(seen: Seen, mail: MailInbox, slack: SlackInbox) -> None:
    """Add the hops that end outside the log: from the alert, and from the poll's answer, to the accepting channel."""
    accepted = [("mail", letter.at) for letter in mail.letters] + [("slack", post.at) for post in slack.posts]
    if len(seen.alerts) != 1:
        return  # without a second alert there is no doubt which one was accepted
    (alert,) = seen.alerts
    for channel, at in accepted:
        seen.hops.setdefault(f"poll to {channel}", []).append(at - alert.seen)


def _keep_messages(place: Path, mail: MailInbox, slack: SlackInbox) -> None:
    """Put what was delivered into the run's folder, for whoever wants to look at it."""
    for number, letter in enumerate(mail.letters, 1):
        (place / f"mail-{number}.eml").write_bytes(letter.message.as_bytes())
    for number, post in enumerate(slack.posts, 1):
        (place / f"slack-{number}.json").write_text(json.dumps(post.payload, ensure_ascii=False, indent=2), "utf-8")


def _summary(run: DemoRun, mail: MailInbox, slack: SlackInbox, found: Sequence[str]) -> Iterator[str]:
    seen = run.seen
    yield ""
    several = sum(len(story.articles) > 1 for story in seen.stories.values())
    stories = f"stories {len(seen.stories)} ({several} of several articles)"
    yield f"articles {len(seen.articles)}   {stories}   alerts {len(seen.alerts)}"
    yield f"delivered: {len(mail.letters)} e-mail, {len(slack.posts)} Slack"
    for alert in seen.alerts:
        story = seen.story(alert.story_id)
        if story is not None:
            count = f"{len(story.articles)} articles, {len(story.outlets)} outlets in {' '.join(story.languages)}"
            yield f"the alert's story {alert.story_id} now holds {count}"
    yield from latency_lines(seen.hops)
    yield from (f"FAILED: {failure}" for failure in found)
    yield (
        "the demo came out as expected"
        if not found
        else f"the demo did not come out as expected: {len(found)} failure(s)"
    )


def _keep(supervisor: Supervisor, settings_path: Path) -> None:
    print(f"kept running; explore with: wirewatch tail news.alerts --settings {settings_path}   (Ctrl-C ends)")
    import signal

    commands = {name: child.command for name, child in supervisor.children.items()}
    again = Supervisor(commands, output=settings_path.with_name("stages.log"))
    signal.signal(signal.SIGINT, again.stop)
    signal.signal(signal.SIGTERM, again.stop)
    again.run()
