"""What hosts ask for is kept, over polls and restarts; what feeds do to themselves is told to the operators."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from ingest.errors import Word
from ingest.metrics import FeedMetrics
from ingest.outcome import MOVED_AFTER, per_day
from ingest.polled import Failed, Item, Polled, Rhythm
from ingest.stage import Ingest
from ingest.standing import Patience, Standing
from tests.ingest.test_stage import OUTLETS, ask, due, failed, outlet, polled, state, take, unchanged
from tests.messages import NOON
from tests.stage_runner import StageRunner
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Alert, AlertKind, Command, CommandKind, Dated, NewFeed
from wire.settings import IngestSettings, OutletSettings
from wire.stage import DUE, RESULT, Effects
from wire.topics import COMMANDS, FEEDS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PAGE = "https://one.example/1"


def ingest(outlets: Sequence[OutletSettings] = OUTLETS, **more: object) -> StageRunner[Ingest]:
    settings = IngestSettings(start_per_second=0, **more)  # type: ignore[arg-type]
    return StageRunner(partial(Ingest, settings, outlets, operators=("ops",)), FEEDS)


def give(runner: StageRunner[Ingest], feed: str, answer: Polled) -> list[Alert]:
    """The notices that follow from a poll's outcome."""
    effects = runner.take(Record(topic=RESULT, key=feed, value=encode(answer)), answer.arrived)
    return notices(effects)


def notices(effects: Effects) -> list[Alert]:
    return [output.message for output in effects.outputs if isinstance(output.message, Alert)]


def command(kind: CommandKind, target: str, feed: NewFeed | None = None) -> Record:
    said = Command(command_id="c", stage="ingest", kind=kind, target=target, who="me", when=NOON, feed=feed)
    return Record(topic=COMMANDS, key="ingest", value=encode(said))


@pytest.mark.parametrize(("scope", "asked"), [("host", []), ("feed", ["one.2"])])
def test_a_busy_host_is_left_alone_by_all_its_feeds_or_by_the_one(scope: str, asked: list[str]) -> None:
    runner = ingest([outlet("one", "a", "b"), outlet("two")], retry_scope=scope)
    give(runner, "one.1", failed("answered 429", status=429, retry_after=HOUR))
    for name in ("one.2", "two.1"):
        for work in runner.take(Record(topic=DUE, key=name), NOON + MINUTE).work:
            assert work.key in (*asked, "two.1")
    held = NOON + MINUTE if asked else NOON + HOUR
    assert ("one.2" in due(runner, NOON + 2 * MINUTE)) is bool(asked)
    assert state_or(runner, "one.2", held) == held
    again = runner.restart(lambda keys: sorted(keys, reverse=True))
    again.take(command(CommandKind.POLL_NOW, "one.1"), NOON + 2 * MINUTE)
    assert "one.1" not in due(again, NOON + 59 * MINUTE)
    assert "one.1" in due(again, NOON + HOUR)


def state_or(runner: StageRunner[Ingest], feed: str, otherwise: datetime) -> datetime:
    return state(runner, feed).next_poll if f"feed:{feed}" in runner.state else otherwise


def test_busy_without_a_word_of_when_backs_off_for_all_of_the_host() -> None:
    runner = ingest([outlet("one", "a", "b")])
    give(runner, "one.1", failed("answered 503", status=503))
    until = state(runner, "one.1").hold_until
    assert until is not None
    assert until == state(runner, "one.1").next_poll > NOON + 4 * MINUTE
    assert runner.take(Record(topic=DUE, key="one.2"), NOON).work == ()
    assert state(runner, "one.2").next_poll == until


def test_gone_for_good_is_asked_no_more_and_said_once() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=PAGE)))
    (notice,) = give(runner, "one.1", failed("answered 410 Gone", NOON + HOUR, status=410))
    assert (notice.kind, notice.channels, notice.title) == (AlertKind.NOTICE, ("ops",), "feed one.1 is gone")
    assert "wirewatch feeds poll" in notice.why
    assert "one.1" not in due(runner.restart(), NOON + 3000 * DAY)
    runner.take(command(CommandKind.POLL_NOW, "one.1"), NOON + DAY)
    assert "one.1" in due(runner, NOON + DAY)
    (well,) = give(runner, "one.1", unchanged(NOON + DAY))
    assert well.title == "feed one.1 is well again"


@pytest.mark.parametrize(
    ("status", "standing", "word"),
    [(404, Standing.FAILING, Word.GONE), (401, Standing.BLOCKED, Word.BLOCKED), (403, Standing.BLOCKED, Word.BLOCKED)],
)
def test_refusals_slow_down_at_once_and_are_reported_by_their_name(status: int, standing: Standing, word: Word) -> None:
    runner = ingest()
    now, told = NOON, []
    for number in range(6):
        told += give(runner, "one.1", failed(f"answered {status}", now, status=status))
        assert state(runner, "one.1").next_poll - now >= 0.8 * min(HOUR * 2**number, DAY)
        now = state(runner, "one.1").next_poll
    assert len(told) == 1
    found = state(runner, "one.1").failed
    assert found is not None
    assert found.word is word
    assert state(runner, "one.1").standing is (Standing.GONE if status == 404 else standing)


def test_an_address_moves_after_its_redirect_has_repeated_and_back_when_it_fails() -> None:
    there = "https://there.example/feed"
    runner = ingest([outlet("two")])
    for number in range(MOVED_AFTER):
        assert ask(runner, "two.1", NOON + number * HOUR).url == "https://two.example/feed"
        give(runner, "two.1", unchanged(NOON + number * HOUR, moved=there))
    again = runner.restart()
    assert (ask(again, "two.1", NOON + DAY).url, ask(again, "two.1", NOON + DAY).moved) == (there, True)
    give(again, "two.1", unchanged(NOON + DAY, moved=there))
    assert ask(again, "two.1", NOON + 2 * DAY).url == there
    give(again, "two.1", failed("answered 500", NOON + 2 * DAY, status=500))
    assert ask(again, "two.1", NOON + 3 * DAY).url == "https://two.example/feed"


def test_one_permanent_redirect_or_two_different_ones_move_nothing() -> None:
    runner = ingest([outlet("two")])
    for number, moved in enumerate(["https://a.example/", "https://b.example/"] * MOVED_AFTER):
        give(runner, "two.1", unchanged(NOON + number * HOUR, moved=moved))
    assert ask(runner, "two.1", NOON + DAY).url == "https://two.example/feed"


def test_freshness_holds_over_a_304_that_does_not_repeat_it() -> None:
    runner = ingest()
    give(runner, "one.1", polled("one.1", Item(url=PAGE), fresh_for=2 * HOUR))
    give(runner, "one.1", unchanged(NOON + 2 * HOUR))
    assert state(runner, "one.1").next_poll == NOON + 4 * HOUR
    give(runner, "one.1", polled("one.1", Item(url=PAGE), now=NOON + 4 * HOUR))
    assert state(runner, "one.1").next_poll < NOON + 6 * HOUR


def test_patience_without_end_is_no_fault() -> None:
    patience = Patience(silent_after=1e12)
    assert patience.after_success(365 * DAY, 2 * DAY) is Standing.OK


def test_a_feed_that_brings_nothing_for_long_is_silent_once_and_well_with_its_next_article() -> None:
    runner, told = ingest(silent_least=HOUR), []
    for number in range(10):  # an article every ten minutes
        item = Item(url=f"{PAGE}{number}")
        told += give(runner, "one.1", polled("one.1", item, now=NOON + number * 10 * MINUTE))
    last = NOON + 90 * MINUTE
    for minutes in (50, 61, 120):
        told += give(runner, "one.1", unchanged(last + minutes * MINUTE))
    assert [notice.title for notice in told] == ["feed one.1 has fallen silent"]
    assert "nothing new for 1.0 h; usual are 0.2 h" in told[0].why
    assert state(runner, "one.1").standing is Standing.SILENT
    (well,) = give(runner, "one.1", polled("one.1", Item(url=PAGE), now=last + 3 * HOUR))
    assert well.title == "feed one.1 is well again"


def test_nights_are_usual() -> None:
    """Articles by day, eight hours of silence each night: no night is reported, a lost day is."""
    runner, told, now = ingest(), [], NOON
    for day in range(10):
        for number in range(16):
            now = NOON + day * DAY + number * HOUR
            told += give(runner, "one.1", polled("one.1", Item(url=f"{PAGE}{day}-{number}"), now=now))
        for hour in range(1, 9):
            told += give(runner, "one.1", unchanged(now + hour * HOUR))
    assert told == []
    assert give(runner, "one.1", unchanged(now + 30 * HOUR)) != []


def test_the_first_document_tells_the_pace_by_its_dates() -> None:
    runner = ingest()
    rhythm = Rhythm(newest=NOON - 40 * DAY, usual_gap=HOUR, usual_silence=DAY)
    (notice,) = give(runner, "one.1", polled("one.1", Item(url=PAGE), rhythm=rhythm))
    assert "brought nothing new for 40 d" in notice.why
    lively = Rhythm(newest=NOON - MINUTE, usual_gap=HOUR, usual_silence=DAY)
    assert give(runner, "one.2", polled("one.2", Item(url=PAGE + "x"), rhythm=lively)) == []
    assert state(runner, "one.2").next_poll == NOON + HOUR / 2


def test_failing_is_told_after_several_failures_only() -> None:
    runner = ingest()
    told = [give(runner, "one.1", failed(now=NOON + n * HOUR, status=500)) for n in range(7)]
    assert [len(notices) for notices in told] == [0, 0, 0, 0, 1, 0, 0]
    assert told[4][0].why == "5 polls in a row have failed, the last because: answered 500"


def test_standings_are_metrics() -> None:
    runner, registry = ingest(), CollectorRegistry()
    metrics = FeedMetrics(registry)
    metrics.watch("ingest.0", runner.stage)
    for number in range(5):
        give(runner, "one.1", failed(now=NOON + number * HOUR, status=500))
    give(runner, "two.1", unchanged())
    metrics.count(unchanged())
    metrics.count(failed())
    shown = generate_latest(registry).decode()
    assert 'wirewatch_feeds{lane="ingest.0",standing="failing"} 1.0' in shown
    assert 'wirewatch_feeds{lane="ingest.0",standing="ok"} 1.0' in shown
    assert 'wirewatch_polls_total{outcome="http-status"} 1.0' in shown


def test_articles_a_day_are_counted_without_the_first_document() -> None:
    runner = ingest()
    items = [Item(url=f"{PAGE}old{n}") for n in range(100)]
    give(runner, "one.1", polled("one.1", *items))
    assert per_day(state(runner, "one.1"), NOON + HOUR) is None
    for day in range(1, 30):
        new = [Item(url=f"{PAGE}{day}-{n}") for n in range(4)]
        give(runner, "one.1", polled("one.1", *new, now=NOON + day * DAY))
    found = per_day(state(runner, "one.1"), NOON + 29 * DAY)
    assert found is not None
    assert 3.5 < found < 4.7


def test_a_feed_is_added_polled_and_removed_by_command() -> None:
    runner = ingest()
    new = NewFeed(outlet="three", url="https://three.example/feed", language="uk")
    runner.take(command(CommandKind.ADD_FEED, "three.1", new), NOON)
    assert "three.1" in due(runner, NOON)
    assert ask(runner, "three.1", NOON).url == new.url
    (article,) = take(runner, "three.1", polled("three.1", Item(url="https://three.example/1", title="T")))
    assert (article.outlet, article.language_hint) == ("three", "uk")
    again = runner.restart(lambda keys: sorted(keys, reverse=True))
    assert "three.1" not in due(again, NOON + MINUTE)
    assert "three.1" in due(again, NOON + HOUR)
    again.take(command(CommandKind.REMOVE_FEED, "three.1"), NOON + HOUR)
    assert not [key for key in again.state if "three" in key]
    assert "three.1" not in due(again, NOON + DAY)
    again.take(command(CommandKind.REMOVE_FEED, "one.1"), NOON)
    assert "one.1" in due(again, NOON + DAY)


def test_a_command_for_another_lane_adds_nothing_here() -> None:
    new = NewFeed(outlet="three", url="https://three.example/feed")
    lanes = []
    for lane in range(2):
        settings = IngestSettings(start_per_second=0)
        runner = StageRunner(partial(Ingest, settings, OUTLETS, lane=lane, lanes=2), FEEDS)
        runner.take(command(CommandKind.ADD_FEED, "three.1", new), NOON)
        lanes.append("three.1" in runner.stage.feeds)
    assert sorted(lanes) == [False, True]


def test_an_edit_says_what_changed_and_a_moved_date_says_so() -> None:
    runner = ingest()
    first = Item(url=PAGE, title="T", summary="S", body="B", published=NOON - HOUR)
    take(runner, "one.1", polled("one.1", first))
    edited = Item(url=PAGE, title="T", summary="S, corrected", body="B, corrected", published=NOON)
    (second,) = take(runner, "one.1", polled("one.1", edited, now=NOON + HOUR))
    assert second.changed == ("summary", "body")
    assert (second.dated, second.event_time, second.published) == (Dated.REDATED, NOON - HOUR, NOON)
    retitled = Item(url=PAGE, title="U", summary="S, corrected", body="B, corrected", published=NOON - HOUR)
    (third,) = take(runner, "one.1", polled("one.1", retitled, now=NOON + 2 * HOUR))
    assert (third.changed, third.dated) == (("title",), Dated.OUTLET)


def test_the_secret_of_an_address_is_on_no_topic() -> None:
    secret = "s3cr3t"
    of = [OutletSettings(id="o", name="o", feed=({"url": f"https://u:{secret}@o.example/f?key={secret}"},))]  # type: ignore[arg-type]
    runner = ingest(of)
    take(runner, "o.1", polled("o.1", Item(url="https://o.example/1", title="T")))
    give(runner, "o.1", Polled(arrived=NOON, failed=Failed(word=Word.STATUS, reason="answered 500"), status=500))
    written = [encode(output.message) for output in runner.outputs] + list(runner.state.values())
    assert written
    assert not any(secret.encode() in value for value in written)


def test_an_unreadable_answer_is_as_fresh_as_its_host_says() -> None:
    runner = ingest()
    give(runner, "one.1", failed("a web page came", status=200, fresh_for=3 * HOUR))
    assert state(runner, "one.1").next_poll == NOON + 3 * HOUR
