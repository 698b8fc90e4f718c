"""A told story is told again only for news that the watch asks for; the cooldown holds updates and loses none."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.stage import Alerts
from alerts.watch import Watch, watch_from
from tests.stage_runner import StageRunner
from tests.story_events import NOW, body, event, headline, records
from wire.log.port import Record
from wire.messages import Alert, AlertKind, StoryEvent, StoryEventKind, StoryFacts
from wire.settings import WatchSettings
from wire.topics import STORY_EVENTS, WATCH_STATE

K = StoryEventKind


def watch(*updates: str, **said: object) -> Watch:
    settings = {
        "name": "pair",
        "all": ("musk", "putin"),
        "channels": ("mail",),
        "updates": updates,
        "cooldown": "0 s",
        **said,
    }
    return watch_from(WatchSettings.model_validate(settings))


def runner(*watches: Watch) -> StageRunner[Alerts]:
    return StageRunner(lambda: Alerts(watches, {}), WATCH_STATE)


def messages(run: StageRunner[Alerts]) -> list[Alert]:
    return [output.message for output in run.outputs if isinstance(output.message, Alert)]


def said(asked: Watch, events: list[StoryEvent]) -> list[str]:
    run = runner(asked)
    run.take_all(records(*events), NOW)
    return [one.why for one in messages(run) if one.kind is AlertKind.UPDATE]


def pair(number: int = 1, **more: object) -> StoryEvent:
    return event(headline("*MUSK* met *PUTIN*"), number=number, **{"article_id": f"a{number}", **more})  # type: ignore[arg-type]


def below(number: int = 1, **more: object) -> StoryEvent:
    lines = (headline("A meeting"), body("*MUSK* met *PUTIN*"))
    return event(*lines, number=number, **{"article_id": f"a{number}", **more})  # type: ignore[arg-type]


def revised(number: int, text: str, *lines: str, article_id: str = "a1") -> StoryEvent:
    return event(
        headline(text),
        *(body(line) for line in lines),
        kind=K.REVISED,
        number=number,
        article_id=article_id,
        version=f"v{number}",
    )


def facts(*independent: str) -> StoryFacts:
    return StoryFacts(independent=independent)


TWO = ("one", "two")
CASES: dict[str, tuple[Watch, list[StoryEvent], list[str]]] = {  # name: (watch, events, what the updates say)
    "nothing asked for, nothing said": (watch(), [pair(), pair(2, language="uk", outlet="two")], []),
    "another language": (
        watch("language"),
        [pair(), pair(2), pair(3, language="uk", outlet="two"), pair(4, language="uk")],
        ["first article in another language: two [uk]"],
    ),
    "another language without the pair": (
        watch("language"),
        [pair(), event(headline("*MUSK*"), number=2, article_id="a2", language="uk")],
        [],
    ),
    "another outlet": (
        watch("outlet"),
        [pair(), pair(2), pair(3, outlet="two", outlets=TWO), pair(4, outlet="two", outlets=TWO)],
        ["another independent outlet: two"],
    ),
    "an outlet that is not on the list": (
        watch("outlet", update_outlets=("three",)),
        [pair(), pair(2, outlet="two", outlets=TWO)],
        [],
    ),
    "a copy is no independent outlet": (
        watch("outlet"),
        [pair(facts=facts("one")), pair(2, outlet="two", outlets=TWO, facts=facts("one"))],
        [],
    ),
    "the pair reaches a headline": (
        watch("headline"),
        [below(), below(2), pair(3), pair(4)],
        ["now together in a headline: one"],
    ),
    "it was in a headline before": (watch("headline"), [pair(), pair(2)], []),
    "a merge with a story that has the pair": (
        watch("merged"),
        [pair(), pair(story="st-2", article_id="b1"), event(kind=K.MERGED, number=2, other="st-2")],
        ["another story that shows the same has been joined to this one"],
    ),
    "a merge with a story that does not": (
        watch("merged"),
        [
            pair(),
            event(headline("*MUSK*"), story="st-2", article_id="b1"),
            event(kind=K.MERGED, number=2, other="st-2"),
        ],
        [],
    ),
    "a correction that says so": (
        watch("correction"),
        [pair(), revised(2, "Correction: *MUSK* met *PUTIN*"), revised(3, "Correction: *MUSK* met *PUTIN* twice")],
        ["one has corrected or withdrawn its article"],
    ),
    "a correction at the foot, in Ukrainian": (
        watch("correction"),
        [pair(), revised(2, "*MUSK* met *PUTIN*", "Текст.", "Виправлено: в попередній версії була помилка.")],
        ["one has corrected or withdrawn its article"],
    ),
    "an article that no longer shows the pair": (
        watch("correction"),
        [pair(), revised(2, "*MUSK* met nobody")],
        ["one has changed its article: it no longer shows what was told"],
    ),
    "an article that no longer shows anybody": (
        watch("correction"),
        [pair(), revised(2, "It rains")],
        ["one has changed its article: it no longer shows what was told"],
    ),
    "an edit is no correction": (watch("correction"), [pair(), revised(2, "*MUSK* met *PUTIN* today")], []),
    "a correction of an article that was not told": (
        watch("correction"),
        [pair(), event(headline("*MUSK*"), number=2, article_id="a2"), revised(3, "Correction: rain", article_id="a2")],
        [],
    ),
}


@pytest.mark.parametrize(("asked", "events", "updates"), CASES.values(), ids=CASES.keys())
def test_what_is_said_again(asked: Watch, events: list[StoryEvent], updates: list[str]) -> None:
    assert said(asked, events) == updates


def test_an_update_shows_the_article_that_brought_it_and_counts_on() -> None:
    run = runner(watch("language"))
    run.take_all(records(pair(), pair(2, language="uk", outlet="two")), NOW)
    first, update = messages(run)
    assert (update.number, update.alert_id != first.alert_id) == (2, True)
    assert update.evidence[0].article_id == "a2"
    assert update.news == ("first article in another language: two [uk]",)


COOL = {"cooldown": "60 min"}


def test_the_cooldown_holds_updates_and_the_last_one_says_all() -> None:
    run = runner(watch("language", "outlet", **COOL))
    run.take_all(
        records(
            pair(),
            pair(2, language="uk", minutes=10),
            pair(3, language="ru", minutes=20),
            event(headline("Rain"), story="st-2", article_id="b1", minutes=59),
        ),
        NOW,
    )
    assert len(messages(run)) == 1
    after = run.restart()
    after.take_all(records(event(headline("Rain"), story="st-2", number=2, minutes=60), first_offset=4), NOW)
    (update,) = messages(after)
    assert update.why == "first article in another language: one [uk]; first article in another language: one [ru]"
    assert not any(key.startswith("held:") for key in after.state)
    after.take_all(records(pair(4, language="pl", minutes=119), first_offset=5), NOW)
    assert len(messages(after)) == 1, "the update began a cooldown of its own"


def test_news_at_the_end_of_a_cooldown_go_with_what_was_held() -> None:
    run = runner(watch("language", **COOL))
    run.take_all(
        records(pair(), pair(2, language="uk", minutes=10), pair(3, language="ru", minutes=90), pair(4, minutes=200)),
        NOW,
    )
    assert [one.number for one in messages(run)] == [1, 2]
    assert messages(run)[1].why.count("another language") == 2


def test_a_held_update_moves_with_a_merge() -> None:
    run = runner(watch("language", **COOL))
    run.take_all(
        records(
            pair(),
            pair(2, language="uk", minutes=10),
            event(headline("Rain"), story="st-2", article_id="b1", minutes=11),
            event(kind=K.MERGED, story="st-2", number=2, other="st-1", minutes=12),
            event(headline("Rain"), story="st-3", article_id="c1", minutes=70),
        ),
        NOW,
    )
    _, update = messages(run)
    assert (update.story_id, update.kind) == ("st-2", AlertKind.UPDATE)


def test_a_held_update_that_moves_is_numbered_as_the_storys_next() -> None:
    run = runner(watch("language", **COOL))
    run.take_all(
        records(
            event(headline("*MUSK* met *PUTIN*"), story="st-2", article_id="b1"),
            event(headline("*MUSK* met *PUTIN*"), story="st-2", number=2, article_id="b2", language="uk", minutes=70),
            pair(minutes=71),
            pair(2, language="uk", minutes=80),
            event(kind=K.MERGED, story="st-2", number=3, other="st-1", minutes=81),
            event(headline("Rain"), story="st-3", article_id="c1", minutes=150),
            event(headline("*MUSK* met *PUTIN*"), story="st-2", number=4, article_id="b4", language="pl", minutes=240),
        ),
        NOW,
    )
    said = messages(run)
    assert [(one.story_id, one.number) for one in said] == [
        ("st-2", 1), ("st-2", 2), ("st-1", 1), ("st-2", 3), ("st-2", 4)
    ]  # fmt: skip
    assert len({one.alert_id for one in said}) == len(said)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("asked", [("language",), ("language", "merged")])
@pytest.mark.parametrize("merged_at", [90, 200])
def test_a_merge_loses_nothing_of_what_two_stories_wait_to_say(
    own: bool, asked: tuple[str, ...], merged_at: int
) -> None:
    text = headline("*MUSK* met *PUTIN*")
    run = runner(watch(*asked, **COOL))
    in_st_2 = [event(text, story="st-2", article_id="b1", minutes=65)]
    in_st_2 += [event(text, story="st-2", number=2, article_id="b2", language="pl", minutes=75)] * own
    last = len(in_st_2) + 1
    run.take_all(
        records(
            pair(minutes=60),
            *in_st_2,
            pair(2, language="uk", minutes=80),
            event(kind=K.MERGED, story="st-2", number=last, other="st-1", minutes=merged_at),
            *(event(headline("Rain"), story="st-3", number=n, article_id=f"c{n}", minutes=300 + n) for n in (1, 2)),
        ),
        NOW,
    )
    updates = [one for one in messages(run) if one.kind is AlertKind.UPDATE]
    news = [line for one in updates for line in one.news]
    assert [line for line in news if "[uk]" in line], "st-1 waited to say it"
    assert bool([line for line in news if "[pl]" in line]) == own
    assert bool([line for line in news if "joined" in line]) == ("merged" in asked)
    assert len(news) == len(set(news))
    assert not any(key.startswith("held:") for key in run.state)
    ids = [one.alert_id for one in messages(run)]
    assert len(ids) == len(set(ids))


MERGED_WHILE_HELD = [
    *[(K.JOINED, 1, 1, 0, "*MUSK* met *PUTIN*", "en")] * 3,
    (K.JOINED, 1, 1, 0, "*MUSK*", "en"),
    (K.MERGED, 2, 1, 0, "Rain", "en"),
    (K.JOINED, 1, 1, 0, "*MUSK* met *PUTIN*", "uk"),
]


def test_a_held_update_of_a_watch_that_is_gone_is_dropped() -> None:
    run = runner(watch("language", **COOL))
    run.take_all(records(pair(), pair(2, language="uk", minutes=10)), NOW)
    after = StageRunner(lambda: Alerts([], {}), WATCH_STATE).over(run.state)
    after.take_all(records(event(headline("Rain"), story="st-2", minutes=90), first_offset=2), NOW)
    assert messages(after) == []
    assert not any(key.startswith("held:") for key in after.state)


def test_replayed_events_are_noted_as_told_and_nothing_is_sent() -> None:
    run = runner(watch())
    (told,) = records(pair())
    again = Record(topic=STORY_EVENTS, offset=0, key=told.key, value=told.value, headers=(("replay", b"1"),))
    run.take(again, NOW)
    run.take_all(records(pair(2), first_offset=1), NOW)
    assert messages(run) == []
    assert "told:st-1:pair" in run.state


EVENTS = st.tuples(
    st.sampled_from([K.JOINED, K.JOINED, K.REVISED, K.MERGED, K.SPLIT, K.MOVED, K.CLOSED]),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 5),
    st.sampled_from(["*MUSK* met *PUTIN*", "*MUSK*", "*PUTIN*", "Rain"]),
    st.sampled_from(["en", "uk"]),
)


@given(st.lists(EVENTS, max_size=25), st.integers(0, 2**32))
@example(MERGED_WHILE_HELD, 0)
def test_any_history_tells_each_story_once_and_restores_alike(
    steps: list[tuple[StoryEventKind, int, int, int, str, str]], seed: int
) -> None:
    """Each article is told of at most once as the reason of a first alert; a restart changes no decision."""
    asked = watch("language", "outlet", "headline", "merged", "correction", cooldown="5 min")
    run, numbers = runner(asked), dict.fromkeys(("st-1", "st-2", "st-3"), 0)
    for offset, (kind, story, other, article, text, language) in enumerate(steps):
        name, second = f"st-{story}", f"st-{other}"
        if kind in (K.MERGED, K.SPLIT, K.MOVED) and name == second:
            continue
        numbers[name] += 1
        one = event(
            headline(text),
            kind=kind,
            story=name,
            number=numbers[name],
            article_id=f"a{article}",
            version=f"v{offset}",
            language=language,
            minutes=offset,
            other=second,
            articles=(f"a{article}",),
        )
        run.take_all(records(one, first_offset=offset), NOW)
        if offset % 5 == 4:
            fresh = run.restart(lambda keys: random.Random(seed).sample(list(keys), len(keys)))
            assert fresh.state == run.state
            fresh.outputs = run.outputs
            run = fresh
    ids = [one.alert_id for one in messages(run)]
    assert len(ids) == len(set(ids))
    firsts = [one for one in messages(run) if one.kind is AlertKind.ALERT]
    reasons = [evidence.article_id for one in firsts for evidence in one.evidence]
    assert len(reasons) == len(set(reasons)) or len(firsts) <= 1
