"""One alert per story and watch: never none, never two."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.stage import Alerts
from alerts.state import TOLD_FOR
from alerts.watch import Watch, watch_from
from tests.stage_runner import StageRunner
from tests.story_events import NOW, body, event, headline, records
from wire.errors import Undecodable
from wire.log.port import Record
from wire.messages import Alert, StoryEvent, StoryEventKind, StoryFacts
from wire.settings import WatchSettings
from wire.topics import STORY_EVENTS, WATCH_STATE

NAMES = {"musk": "Elon Musk", "putin": "Vladimir Putin"}
K = StoryEventKind


def watch(**said: object) -> Watch:
    settings = {"name": "pair", "all": ("musk", "putin"), "channels": ("mail",), **said}
    return watch_from(WatchSettings.model_validate(settings))


def runner(*watches: Watch) -> StageRunner[Alerts]:
    return StageRunner(lambda: Alerts(watches, NAMES), WATCH_STATE)


def alerts(run: StageRunner[Alerts]) -> list[Alert]:
    found = [output.message for output in run.outputs]
    assert all(isinstance(message, Alert) for message in found)
    return [message for message in found if isinstance(message, Alert)]


def told(*events: StoryEvent, by: Sequence[Watch] = ()) -> list[Alert]:
    run = runner(*(by or [watch()]))
    run.take_all(records(*events), NOW)
    return alerts(run)


def pair(number: int = 1, **said: object) -> StoryEvent:
    return event(headline("*MUSK* met *PUTIN*"), number=number, **{"article_id": f"a{number}", **said})  # type: ignore[arg-type]


def quiet(number: int = 1, **said: object) -> StoryEvent:
    return event(headline("It rains"), number=number, **{"article_id": f"a{number}", **said})  # type: ignore[arg-type]


def only_musk(number: int = 1, **said: object) -> StoryEvent:
    return event(headline("*MUSK* spoke"), number=number, **{"article_id": f"a{number}", **said})  # type: ignore[arg-type]


def only_putin(number: int = 1, **said: object) -> StoryEvent:
    return event(headline("*PUTIN* spoke"), number=number, **{"article_id": f"a{number}", **said})  # type: ignore[arg-type]


CASES: dict[str, tuple[Watch, list[StoryEvent], list[str]]] = {  # name: (watch, events, stories told)
    "the pair": (watch(), [pair()], ["st-1"]),
    "told once, however many follow": (watch(), [pair(), pair(2), pair(3)], ["st-1"]),
    "each story is told": (watch(), [pair(), pair(story="st-2", article_id="b1")], ["st-1", "st-2"]),
    "a story regrouped around a told article is told": (watch(), [pair(), pair(story="st-2")], ["st-1"]),
    "a split with another article that shows the pair": (
        watch(),
        [
            pair(),
            pair(2),
            event(kind=K.SPLIT, number=3, other="st-2", articles=("a2",)),
            pair(story="st-2", article_id="b1"),
        ],
        ["st-1"],
    ),
    "moved there and back": (
        watch(),
        [
            pair(),
            quiet(story="st-2", article_id="b1"),
            event(kind=K.MOVED, number=2, other="st-2", articles=("a1",)),
            event(kind=K.MOVED, story="st-2", number=2, other="st-1", articles=("a1",)),
            pair(3),
            pair(3, story="st-2", article_id="b3"),
        ],
        ["st-1"],
    ),
    "a move brings the pair together": (
        watch(scope="story"),
        [
            only_musk(),
            only_putin(story="st-2", article_id="b1"),
            event(kind=K.MOVED, number=2, other="st-2", articles=("a1",)),
            quiet(story="st-2", number=2, article_id="b2"),
        ],
        ["st-2"],
    ),
    "a split makes a story of the pair alone": (
        watch(scope="story", none=("nasa",)),
        [
            event(headline("*NASA* flew"), article_id="a0"),
            only_musk(2),
            only_putin(3),
            event(kind=K.SPLIT, number=4, other="st-2", articles=("a2", "a3")),
        ],
        ["st-2"],
    ),
    "a word asked for": (
        watch(words=("grain*",)),
        [pair(), event(headline("*MUSK* met *PUTIN* on grains"), number=2)],
        ["st-1"],
    ),
    "a word refused": (watch(without_words=("met",)), [pair()], []),
    "a citation asked for": (watch(cites=("wsj",)), [pair(), pair(2, citations=("WSJ",))], ["st-1"]),
    "a citation never seen": (watch(cites=("wsj",)), [pair(citations=("cnn",))], []),
    "someone refused in the article": (watch(none=("nasa",)), [event(headline("*MUSK* *PUTIN* *NASA*"))], []),
    "someone refused in another article": (
        watch(none=("nasa",), scope="story"),
        [event(headline("*NASA* flew")), pair(2)],
        [],
    ),
    "any of several": (watch(all=("musk",), any=("nasa", "putin")), [pair()], ["st-1"]),
    "expired": (watch(expires=NOW + timedelta(minutes=1)), [pair(minutes=1)], []),
    "not yet expired": (watch(expires=NOW + timedelta(minutes=1)), [pair()], ["st-1"]),
    "one alone": (watch(), [only_musk(), only_musk(2)], []),
    "the pair in two articles of one story": (watch(), [only_musk(), only_putin(2)], []),
    "... with scope story": (watch(scope="story"), [only_musk(), only_putin(2)], ["st-1"]),
    "... in two unrelated stories": (watch(scope="story"), [only_musk(), only_putin(story="st-2")], []),
    "a revision brings the pair": (watch(), [only_musk(), pair(2, kind=K.REVISED, article_id="a1")], ["st-1"]),
    "a revision takes half away in time": (
        watch(scope="story"),
        [only_musk(), quiet(2, kind=K.REVISED, article_id="a1"), only_putin(3)],
        [],
    ),
    "language asked for": (watch(languages=("uk",)), [pair(), pair(2, language="uk")], ["st-1"]),
    "language never seen": (watch(languages=("uk",)), [pair(), pair(2)], []),
    "outlet asked for": (watch(outlets=("two",)), [pair(outlet="one")], []),
    "another language is no evidence for scope story": (
        watch(scope="story", languages=("en",)),
        [only_musk(), only_putin(2, language="uk")],
        [],
    ),
    "too few outlets": (watch(min_outlets=2), [pair(), pair(2)], []),
    "copies are no independent outlets": (
        watch(min_outlets=2),
        [pair(outlets=("one", "two"), facts=StoryFacts(independent=("one",)))],
        [],
    ),
    "... until a second one reports on its own": (
        watch(min_outlets=2),
        [
            pair(outlets=("one", "two"), facts=StoryFacts(independent=("one",))),
            quiet(2, outlet="three", facts=StoryFacts(independent=("one", "three"))),
        ],
        ["st-1"],
    ),
    "enough outlets, the second without the pair": (
        watch(min_outlets=2),
        [pair(), quiet(2, outlet="two", outlets=("one", "two"))],
        ["st-1"],
    ),
    "outlets that the watch does not ask for do not count": (
        watch(min_outlets=2, outlets=("one", "three")),
        [pair(), quiet(2, outlet="two", outlets=("one", "two"))],
        [],
    ),
    "a merge brings the pair together": (
        watch(scope="story"),
        [only_musk(), only_putin(story="st-2", article_id="b1"), event(kind=K.MERGED, number=2, other="st-2")],
        ["st-1"],
    ),
    "a merge of told stories": (
        watch(),
        [pair(), pair(story="st-2", article_id="b1"), event(kind=K.MERGED, number=2, other="st-2"), pair(3)],
        ["st-1", "st-2"],
    ),
    "a merge into an untold story": (
        watch(),
        [
            pair(),
            quiet(story="st-2"),
            event(kind=K.MERGED, story="st-2", number=2, other="st-1"),
            pair(3, story="st-2"),
        ],
        ["st-1"],
    ),
    "a split takes the told article along": (
        watch(),
        [pair(), event(kind=K.SPLIT, number=2, other="st-2", articles=("a1",)), pair(story="st-2", article_id="a9")],
        ["st-1"],
    ),
    "a split without the told article": (
        watch(),
        [
            pair(),
            only_musk(2),
            event(kind=K.SPLIT, number=3, other="st-2", articles=("a2",)),
            pair(story="st-2", article_id="a9"),
        ],
        ["st-1", "st-2"],
    ),
    "closed stories are forgotten, what was told is not": (
        watch(),
        [pair(), event(kind=K.CLOSED, number=2), pair(3)],
        ["st-1"],
    ),
    "a closed story's revision is still judged": (
        watch(),
        [only_musk(), event(kind=K.CLOSED, number=2), pair(3, kind=K.REVISED, article_id="a1")],
        ["st-1"],
    ),
    "kinds of a newer program": (watch(), [event(kind=K.OTHER), pair(2)], ["st-1"]),
}


@pytest.mark.parametrize(("asked", "events", "stories"), CASES.values(), ids=CASES.keys())
def test_who_is_told_of(asked: Watch, events: list[StoryEvent], stories: list[str]) -> None:
    assert [alert.story_id for alert in told(*events, by=[asked])] == stories


WHYS = {
    "in one sentence of the headline": (watch(), [pair()]),
    "in one sentence of the text": (watch(), [event(headline("News"), body("*MUSK* met *PUTIN*"))]),
    "in one paragraph of the text": (watch(), [event(headline("News"), body("*MUSK*"), body("*PUTIN*"))]),
    "in the headline": (watch(), [event(headline("*MUSK* flew."), headline("*PUTIN* too."))]),
    "in one article": (watch(), [event(headline("*MUSK*"), body("*PUTIN*"))]),
    "in 2 articles of one story": (watch(scope="story"), [only_musk(), only_putin(2)]),
    "in one sentence of the headline; 2 outlets cover the story": (
        watch(min_outlets=2),
        [pair(outlets=("one", "two"))],
    ),
}


@pytest.mark.parametrize(("where", "case"), WHYS.items(), ids=WHYS.keys())
def test_the_alert_says_why(where: str, case: tuple[Watch, list[StoryEvent]]) -> None:
    (alert,) = told(*case[1], by=[case[0]])
    assert alert.why == f"Elon Musk and Vladimir Putin {where}"


def test_the_alert_carries_what_a_reader_needs() -> None:
    first = quiet(1, kind=K.OPENED, outlets=("one",))
    second = pair(2, outlet="two", outlets=("one", "two"), minutes=7, language="en")
    (alert,) = told(first, second)
    assert (alert.watch, alert.channels, alert.entities) == ("pair", ("mail",), ("musk", "putin"))
    assert (alert.first_seen, alert.seen) == (NOW, NOW + timedelta(minutes=7))
    assert alert.outlets == ("one", "two")
    (evidence,) = alert.evidence
    assert (evidence.article_id, evidence.outlet, evidence.url) == ("a2", "two", "https://two.example/a2")
    (snippet,) = evidence.snippets
    assert [snippet.text[span.start : span.end] for span in snippet.spans] == ["MUSK", "PUTIN"]


def test_an_event_read_twice_changes_nothing() -> None:
    run = runner(watch(scope="story"))
    run.take_all(records(only_musk(), quiet(2, kind=K.REVISED, article_id="a1")), NOW)
    before = dict(run.state)
    run.take_all(records(only_musk(), first_offset=2), NOW)
    assert run.state == before


def test_an_edited_watch_does_not_tell_again_and_a_new_one_does_not_look_back() -> None:
    run = runner(watch(scope="headline"))
    run.take_all(records(pair(), quiet(2)), NOW)
    edited = watch(scope="article", channels=("slack",))
    new = watch(name="new", scope="story")
    after = StageRunner(lambda: Alerts([edited, new], NAMES), WATCH_STATE).over(run.state)
    after.take_all(records(only_musk(3), first_offset=2), NOW)
    assert alerts(after) == []
    after.take_all(records(only_putin(4), first_offset=3), NOW)
    assert [(alert.watch, {e.article_id for e in alert.evidence}) for alert in alerts(after)] == [("new", {"a3", "a4"})]


def test_loading_is_noted_with_the_offset_once() -> None:
    run = runner(watch())
    run.take_all(records(quiet(), first_offset=41), NOW)
    noted = run.state["watch:pair"]
    assert b'"since":41' in noted
    run.take_all(records(quiet(2), first_offset=42), NOW)
    assert run.state["watch:pair"] == noted


def test_what_was_told_is_kept_as_long_as_its_alert() -> None:
    run = runner(watch())
    year = int(TOLD_FOR / timedelta(minutes=1))
    run.take_all(records(pair(), event(kind=K.CLOSED, number=2), quiet(story="st-2", minutes=year)), NOW)
    assert "told:st-1:pair" in run.state
    run.take_all(records(quiet(2, story="st-2", minutes=year + 1), first_offset=3), NOW)
    assert "told:st-1:pair" not in run.state
    assert not any(key.startswith(("article:st-1", "story:st-1")) for key in run.state)


def test_a_revision_after_the_end_leaves_nothing_but_what_was_told() -> None:
    run = runner(watch())
    run.take_all(records(pair(), event(kind=K.CLOSED, number=2), pair(3, kind=K.REVISED, article_id="a1")), NOW)
    assert sorted(run.state) == ["clock", "told:st-1:pair", "watch:pair"]


def test_a_broken_event_raises_and_changes_nothing() -> None:
    run = runner(watch())
    with pytest.raises(Undecodable):
        run.take(Record(topic=STORY_EVENTS, key="st-1", value=b"{"), NOW)
    assert run.state == {}


MAKERS = (pair, quiet, only_musk, only_putin)


@given(
    st.lists(st.tuples(st.sampled_from(MAKERS), st.sampled_from("123"), st.booleans()), max_size=14),
    st.integers(0, 14),
    st.integers(0, 2**32),
)
def test_a_restart_in_any_order_of_keys_decides_alike(
    steps: list[tuple[object, str, bool]], cut: int, seed: int
) -> None:
    events, numbers = [], dict.fromkeys("123", 0)
    for make, story, merge in steps:
        numbers[story] += 1
        if merge and story != "1":
            said = event(kind=K.MERGED, story=f"st-{story}", number=numbers[story], other="st-1")
        else:
            said = make(numbers[story], story=f"st-{story}", article_id=f"a{story}-{numbers[story]}")  # type: ignore[operator]
        events.append(said)
    watches = (watch(), watch(name="whole", scope="story", min_outlets=1))
    whole = runner(*watches)
    whole.take_all(records(*events), NOW)
    part = runner(*watches)
    part.take_all(records(*events)[:cut], NOW)
    rest = part.restart(lambda keys: random.Random(seed).sample(list(keys), len(keys)))
    rest.take_all(records(*events)[cut:], NOW)
    assert alerts(part) + alerts(rest) == alerts(whole)
    assert rest.state == whole.state
