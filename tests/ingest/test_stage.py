"""What a feed shows becomes articles, each once; what fails is kept and named; a restart knows all of it."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import Word
from ingest.identity import identify
from ingest.news import FORGET_AFTER
from ingest.polled import Failed, Item, ParsedFeed, Polled, PollRequest, Validators
from ingest.stage import Ingest
from ingest.state import FeedState, feed_key
from tests.examples import examples
from tests.messages import NOON
from tests.stage_runner import StageRunner
from wire.codec import decode, encode
from wire.errors import BadSettings
from wire.log.port import Record, partition_of
from wire.messages import Article, Command, CommandKind, Dated
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.stage import DUE, ERROR, RESULT, Effects, Failure, WorkFailed
from wire.topics import COMMANDS, FEEDS

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ONE, TWO, THREE = (f"https://one.example/{n}" for n in (1, 2, 3))


def outlet(name: str, *paths: str, every: timedelta | None = None) -> OutletSettings:
    feeds = tuple(FeedSettings(url=f"https://{name}.example/{path}", every=every) for path in paths or ("feed",))
    return OutletSettings(id=name, name=name, languages=("uk",), feed=feeds)


SETTINGS = IngestSettings(start_per_second=0)
OUTLETS = (outlet("one", "news", "sport"), outlet("two"))


def ingest(outlets: Sequence[OutletSettings] = OUTLETS, **lanes: int) -> StageRunner[Ingest]:
    return StageRunner(partial(Ingest, SETTINGS, outlets, **lanes), FEEDS)


def polled(feed: str, *items: Item, now: datetime = NOON, **more: object) -> Polled:
    shown, _ = identify(feed, ParsedFeed(format="rss20", items=items))
    return Polled(arrived=now, status=200, shown=shown, items=len(items), **more)  # type: ignore[arg-type]


def unchanged(now: datetime = NOON, **more: object) -> Polled:
    return Polled(arrived=now, status=304, **more)  # type: ignore[arg-type]


def failed(reason: str = "answered 500", now: datetime = NOON, **more: object) -> Polled:
    return Polled(arrived=now, failed=Failed(word=Word.STATUS, reason=reason), **more)  # type: ignore[arg-type]


def take(runner: StageRunner[Ingest], feed: str, answer: Polled) -> list[Article]:
    effects = runner.take(Record(topic=RESULT, key=feed, value=encode(answer)), answer.arrived)
    return articles(effects)


def articles(effects: Effects) -> list[Article]:
    found = [output.message for output in effects.outputs]
    assert all(isinstance(message, Article) for message in found)
    return [message for message in found if isinstance(message, Article)]


def state(runner: StageRunner[Ingest], feed: str) -> FeedState:
    return decode(runner.state[feed_key(feed)], FeedState)


def due(runner: StageRunner[Ingest], now: datetime) -> list[str | None]:
    return [record.key for record in runner.stage.due(now)]


def ask(runner: StageRunner[Ingest], feed: str, now: datetime) -> PollRequest:
    (work,) = runner.take(Record(topic=DUE, key=feed), now).work
    assert (work.key, work.until > now) == (feed, True)
    assert isinstance(work.body, PollRequest)
    return work.body


def poll_now(target: str, stage: str = "ingest") -> Record:
    command = Command(command_id="c", stage=stage, kind=CommandKind.POLL_NOW, target=target, who="me", when=NOON)
    return Record(topic=COMMANDS, key=stage, value=encode(command))


def test_new_feeds_are_due_at_once_and_ask_without_conditions() -> None:
    runner = ingest()
    assert due(runner, NOON) == ["one.1", "one.2", "two.1"]
    assert ask(runner, "one.2", NOON) == PollRequest(feed="one.2", url="https://one.example/sport")


def test_what_a_poll_shows_becomes_articles() -> None:
    runner = ingest()
    item = Item(url=ONE, title="T", summary="S", body="B", authors=("A",), published=NOON - MINUTE, language="en")
    (article,) = take(runner, "one.1", polled("one.1", item))
    assert (article.outlet, article.feed, article.url, article.title) == ("one", "one.1", ONE, "T")
    assert (article.summary, article.body, article.authors, article.previous) == ("S", "B", ("A",), None)
    assert (article.seen, article.event_time, article.dated) == (NOON, NOON - MINUTE, Dated.OUTLET)
    assert article.language_hint == "en"
    assert state(runner, "one.1").articles == 1


@pytest.mark.parametrize(
    ("declared", "item", "feed", "hint"),
    [("ru", "en", "pl", "ru"), (None, "en", "pl", "en"), (None, None, "pl", "pl"), (None, None, None, "uk")],
)
def test_whose_word_counts_for_the_language(
    declared: str | None, item: str | None, feed: str | None, hint: str
) -> None:
    of = OutletSettings(
        id="one", name="o", languages=("uk",), feed=(FeedSettings(url="https://one.example/", language=declared),)
    )
    (article,) = take(ingest([of]), "one.1", polled("one.1", Item(url=ONE, language=item), language=feed))
    assert article.language_hint == hint


def test_an_article_is_told_once_by_its_feed() -> None:
    runner = ingest()
    assert len(take(runner, "one.1", polled("one.1", Item(url=ONE), Item(url=TWO)))) == 2
    assert take(runner, "one.1", polled("one.1", Item(url=TWO), Item(url=ONE, guid="new guid"))) == []
    assert [a.url for a in take(runner, "one.1", polled("one.1", Item(url=ONE), Item(url=THREE)))] == [THREE]


def test_the_first_showing_in_another_feed_is_a_sighting() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE, title="T")))
    assert take(runner, "two.1", polled("two.1", Item(url=ONE, title="T"))) == []
    assert take(runner, "one.2", polled("one.2", Item(url=ONE, title="another headline"))) == []


def test_an_edit_is_judged_against_what_the_same_feed_showed() -> None:
    runner = ingest()
    (first,) = take(runner, "one.1", polled("one.1", Item(url=ONE, title="T", published=NOON - MINUTE)))
    take(runner, "two.1", polled("two.1", Item(url=ONE, title="theirs")))
    redated = Item(url=ONE, title="T", published=NOON)
    assert take(runner, "one.1", polled("one.1", redated, now=NOON + MINUTE)) == []
    edited = Item(url=ONE, title="T, edited", published=NOON)
    (second,) = take(runner, "one.1", polled("one.1", edited, now=NOON + 2 * MINUTE))
    assert (second.article_id, second.previous) == (first.article_id, first.version)
    assert second.version != first.version
    assert (second.seen, second.event_time) == (NOON + 2 * MINUTE, NOON - MINUTE)
    assert take(runner, "two.1", polled("two.1", Item(url=ONE, title="theirs"))) == []


def test_an_edit_that_another_feed_brought_first_is_a_sighting() -> None:
    runner = ingest()
    for feed in ("one.1", "two.1"):
        take(runner, feed, polled(feed, Item(url=ONE, title="T")))
    assert len(take(runner, "one.1", polled("one.1", Item(url=ONE, title="U")))) == 1
    assert take(runner, "two.1", polled("two.1", Item(url=ONE, title="U"))) == []


def test_an_item_keeps_its_article_when_a_neighbour_shares_its_address() -> None:
    runner = ingest()
    alone = Item(url=ONE, guid="a", title="A")
    (first,) = take(runner, "one.1", polled("one.1", alone))
    (second,) = take(runner, "one.1", polled("one.1", alone, Item(url=ONE, guid="b", title="B")))
    assert (second.title, second.previous) == ("B", None)
    assert second.article_id != first.article_id
    assert take(runner, "one.1", polled("one.1", Item(url=ONE, guid="b", title="B"))) == []


def test_what_is_long_gone_is_forgotten_and_not_before() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE), Item(url=TWO)))
    size = len(runner.state)
    take(runner, "one.1", polled("one.1", Item(url=TWO), now=NOON + 90 * DAY))
    back = NOON + 90 * DAY + FORGET_AFTER
    assert take(runner, "one.1", polled("one.1", Item(url=TWO), Item(url=ONE), now=back)) == []
    take(runner, "one.1", polled("one.1", Item(url=TWO), now=back))
    take(runner, "one.1", polled("one.1", Item(url=TWO), now=back + FORGET_AFTER + MINUTE))
    assert len(runner.state) == size - 1


def test_validators_and_digest_go_out_with_the_next_poll() -> None:
    runner = ingest()
    kept = Validators(etag='W/"1"', last_modified="then")
    take(runner, "one.1", polled("one.1", Item(url=ONE), validators=kept, body_digest="d"))
    take(runner, "one.1", failed(now=NOON + MINUTE))
    request = ask(runner.restart(), "one.1", NOON + DAY)
    assert (request.validators, request.body_digest) == (kept, "d")


def test_a_changed_address_is_a_new_question() -> None:
    runner = ingest()
    take(runner, "two.1", polled("two.1", Item(url=ONE), validators=Validators(etag='"1"'), body_digest="d"))
    moved = StageRunner(partial(Ingest, SETTINGS, [outlet("two", "moved")]), FEEDS)
    for key, value in runner.state.items():
        moved.stage.fold(Record(topic=FEEDS, key=key, value=value))
    assert due(moved, NOON) == ["two.1"]
    assert ask(moved, "two.1", NOON) == PollRequest(feed="two.1", url="https://two.example/moved")
    assert take(moved, "two.1", polled("two.1", Item(url=ONE))) == []
    assert due(moved, NOON) == []


def test_a_restart_asks_nothing_early() -> None:
    runner = ingest()
    for feed in ("one.1", "one.2", "two.1"):
        take(runner, feed, polled(feed, Item(url=ONE)))
    again = runner.restart()
    assert due(again, NOON + 4 * MINUTE) == []
    assert due(again, NOON + 5 * MINUTE) == ["one.1", "one.2", "two.1"]


def test_a_feed_that_is_no_longer_in_the_settings_is_not_polled_and_keeps_its_state() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE, title="T")))
    fewer = StageRunner(partial(Ingest, SETTINGS, [outlet("two")]), FEEDS)
    for key, value in runner.state.items():
        fewer.stage.fold(Record(topic=FEEDS, key=key, value=value))
    assert due(fewer, NOON + DAY) == ["two.1"]
    assert take(fewer, "one.1", polled("one.1", Item(url=TWO))) == []
    assert take(fewer, "two.1", polled("two.1", Item(url=ONE, title="T"))) == []


def test_an_unchanged_feed_tells_nothing_and_counts_as_success() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE)))
    later = NOON + 80 * MINUTE
    assert take(runner, "one.1", unchanged(later, validators=Validators(etag='"2"'))) == []
    now = state(runner, "one.1")
    assert (now.last_success, now.last_news, now.validators.etag) == (later, NOON, '"2"')
    assert (now.items, now.polls, now.next_poll) == (1, 2, later + 10 * MINUTE)


def test_a_failure_is_counted_named_and_over_with_the_next_success() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE)))
    for minute in (1, 2, 3):
        take(runner, "one.1", failed(f"answered 50{minute}", NOON + minute * MINUTE, status=500 + minute))
    now = state(runner, "one.1")
    assert (now.failures, now.failing_since, now.status) == (3, NOON + MINUTE, 503)
    assert now.failed == Failed(word=Word.BUSY, reason="answered 503")
    assert now.next_poll >= NOON + 3 * MINUTE + 16 * MINUTE
    assert (now.last_success, now.items) == (NOON, 1)
    assert take(runner, "one.1", polled("one.1", Item(url=ONE), now=NOON + DAY)) == []
    assert (state(runner, "one.1").failures, state(runner, "one.1").failed) == (0, None)


def test_work_that_gave_no_result_backs_off() -> None:
    runner = ingest()
    for timed_out, word in ((True, Word.TIMED_OUT), (False, Word.FAULT)):
        value = encode(WorkFailed(reason="no answer within 90 s", timed_out=timed_out))
        runner.take(Record(topic=ERROR, key="one.1", value=value), NOON)
        assert state(runner, "one.1").failed == Failed(word=word, reason="no answer within 90 s")
    assert "one.1" not in due(runner, NOON + 4 * MINUTE)


def test_an_outcome_that_cannot_be_taken_backs_off() -> None:
    runner = ingest()
    why = Failure(code="too-large", reason="much")
    runner.fail(Record(topic=RESULT, key="one.1", value=b"{}"), why, NOON)
    assert state(runner, "one.1").failed == Failed(word=Word.FAULT, reason="too-large: much")
    assert runner.fail(Record(topic=COMMANDS, key="one.1"), why, NOON) == Effects()


def test_poll_now_makes_a_feed_due_but_not_against_its_host() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE)))
    take(runner, "two.1", failed(retry_after=60 * MINUTE))
    for target in ("one.1", "two.1", "one.2", "nobody.1"):
        runner.take(poll_now(target), NOON + MINUTE)
    assert due(runner, NOON + MINUTE) == ["one.2", "one.1"]
    assert "two.1" not in due(runner, NOON + 59 * MINUTE)
    assert "two.1" in due(runner, NOON + 60 * MINUTE)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_was_years_ahead_silences_no_feed(restarted: bool) -> None:
    """A machine that boots with a wrong date polls a few times before the right one arrives: waits count from then."""
    ahead = NOON + 3650 * DAY
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE), now=ahead))
    take(runner, "two.1", failed(retry_after=60 * MINUTE, now=ahead))
    take(runner, "one.2", polled("one.2", Item(url=TWO)))
    runner = runner.restart() if restarted else runner
    for feed in due(runner, NOON):
        assert runner.take(Record(topic=DUE, key=feed), NOON).work == ()
    assert due(runner, NOON) == []
    assert due(runner, NOON + 5 * MINUTE) == ["one.1", "one.2"]
    runner.take(poll_now("two.1"), NOON + 6 * MINUTE)
    assert "two.1" not in due(runner, NOON + 59 * MINUTE)
    assert ask(runner, "two.1", NOON + 60 * MINUTE).feed == "two.1"


def test_commands_to_others_change_nothing() -> None:
    runner = ingest()
    take(runner, "one.1", polled("one.1", Item(url=ONE)))
    assert runner.take(poll_now("one.1", stage="cluster"), NOON) == Effects()


def test_lanes_share_out_the_outlets() -> None:
    outlets = [outlet(f"o{n}", "a", "b") for n in range(20)]
    lanes = [set(due(ingest(outlets, lane=lane, lanes=3), NOON)) for lane in range(3)]
    assert sum(map(len, lanes)) == 40
    for lane, feeds in enumerate(lanes):
        assert feeds == {f"o{n}.{k}" for n in range(20) for k in (1, 2) if partition_of(f"o{n}", 3) == lane}


def test_due_never_hides_a_feed_behind_those_in_flight() -> None:
    outlets = [outlet(f"o{n}") for n in range(10)]
    runner = StageRunner(partial(Ingest, IngestSettings(concurrency=2, start_per_second=0), outlets), FEEDS)
    assert len(due(runner, NOON)) == 4


def test_two_feeds_of_one_id_are_refused() -> None:
    feed = FeedSettings(url="https://x.example/", id="same")
    with pytest.raises(BadSettings, match="same is used twice"):
        Ingest(SETTINGS, [OutletSettings(id=name, name=name, feed=(feed,)) for name in ("a", "b")])


PAGES = st.builds(
    Item, url=st.sampled_from([ONE, TWO, None]), guid=st.sampled_from(["a", "b", None]), title=st.sampled_from("TU")
)
POLLS = st.lists(st.tuples(st.sampled_from(["one.1", "one.2", "two.1"]), st.lists(PAGES, max_size=4)), max_size=8)


@examples(150)
@given(POLLS, st.integers(0, 8), st.randoms(use_true_random=False))
def test_a_restart_anywhere_in_any_order_decides_alike(
    polls: list[tuple[str, list[Item]]], at: int, chance: random.Random
) -> None:
    """State is the fold of the state topic: a stage restored from it writes what the first would have written."""

    def shuffled(keys: Sequence[str]) -> Sequence[str]:
        return chance.sample(list(keys), len(keys))

    straight, told = ingest(), []
    broken, retold = ingest(), []
    for number, (feed, items) in enumerate(polls):
        answer = polled(feed, *items, now=NOON + number * MINUTE)
        if number == at:
            broken = broken.restart(shuffled)
        told += take(straight, feed, answer)
        retold += take(broken, feed, answer)
    assert retold == told
    assert broken.state == straight.state


# Two items become one article in the second poll: the remembered one must stand, or the third poll tells the other.
BECOME_ONE: list[tuple[str, list[Item]]] = [
    ("one.2", [Item(url="https://one.example/2", guid=guid, title="T") for guid in "ab"]),
    ("one.2", [Item(url=None, guid="a", title="T"), Item(url="https://one.example/2", guid="a", title="T")]),
]


@examples(150)
@given(POLLS)
@example(BECOME_ONE)
def test_no_article_is_new_twice(polls: list[tuple[str, list[Item]]]) -> None:
    runner = ingest()
    told = [a for feed, items in polls for a in take(runner, feed, polled(feed, *items))]
    new = [article.article_id for article in told if article.previous is None]
    assert len(new) == len(set(new))
    for feed, items in polls[-1:]:
        assert take(runner, feed, polled(feed, *items)) == []
