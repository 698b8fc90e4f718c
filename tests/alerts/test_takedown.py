"""Words of an article that was taken down leave what alerts and deliver keep, and never come back."""

from datetime import timedelta

from msgspec.structs import replace

from alerts.deliver import Deliver
from tests.alert_samples import alert
from tests.alerts.test_alerts import alerts, pair, quiet, runner, watch
from tests.messages import NOON
from tests.stage_runner import StageRunner
from tests.story_events import NOW, event, headline, records
from wire.codec import encode
from wire.log.port import Record
from wire.messages import AlertEvidence, Command, CommandKind, StoryEventKind
from wire.settings import DeliverSettings
from wire.stage import DUE
from wire.takedown import REMOVED_TITLE
from wire.topics import ALERTS, COMMANDS, DELIVERIES


def removal(article_id: str) -> Record:
    said = Command(
        command_id="co-1", stage="cluster", kind=CommandKind.REMOVE, target=article_id, who="desk", when=NOON
    )  # fmt: skip
    return Record(topic=COMMANDS, offset=0, key="cluster", value=encode(said))


def test_coverage_goes_and_what_was_told_stays() -> None:
    run = runner(watch())
    run.take_all(records(pair(1), quiet(2)), NOW)
    assert any(b"MUSK" in value for value in run.state.values())
    run.take(removal("a1"), NOW)
    run = run.restart()
    assert not any(b"MUSK" in value for value in run.state.values())
    assert "told:st-1:pair" in run.state
    later = pair(3, article_id="a1", version="v2", kind=StoryEventKind.REVISED)
    run.take_all(records(later, first_offset=2), NOW)
    assert not any(b"MUSK" in value for value in run.state.values())
    assert alerts(run) == []


def test_a_replay_alerts_of_others_without_its_headline() -> None:
    """Later events of the story still bear the headline that it had."""
    run = runner(watch())
    first = pair(1)
    assert first.article is not None
    run.take_all(records(first), NOW)
    run.take(removal("a1"), NOW)
    again = runner(watch()).over({key: value for key, value in run.state.items() if key.startswith("removed:")})
    second = event(headline("*MUSK* and *PUTIN* again"), number=2, article_id="a2")
    again.take_all(records(first, replace(second, title=first.article.title)), NOW)
    (told,) = alerts(again)
    assert told.title == REMOVED_TITLE
    assert [one.article_id for one in told.evidence] == ["a2"]


def waiting() -> StageRunner[Deliver]:
    """An alert on two articles that is held by quiet hours."""
    run = StageRunner(lambda: Deliver(["mail"], DeliverSettings()), DELIVERIES)
    evidence = tuple(
        AlertEvidence(
            article_id=name, outlet="one", url="https://one.example/", title=f"Words of {name}", language="en",
            published=NOON, seen=NOON, snippets=(),
        )
        for name in ("a1", "a2")
    )  # fmt: skip
    told = alert(alert_id="al-1", title="Words of a1", evidence=evidence, channels=("mail",))
    run.take(Record(topic=ALERTS, offset=0, key="pair", value=encode(told)), NOON)
    return run


def test_what_waits_to_be_sent_loses_the_words() -> None:
    run = waiting()
    run.take(removal("a1"), NOON)
    kept = run.restart().state["alert:al-1"]
    assert b"Words of a2" in kept
    assert b"Words of a1" not in kept
    assert REMOVED_TITLE.encode() in kept


def test_what_then_says_nothing_is_not_sent() -> None:
    run = waiting()
    run.take(removal("a1"), NOON)
    run.take(removal("a2"), NOON)
    (key,) = (key for key in run.state if key.startswith("delivery:"))
    run.take(Record(topic=DUE, key=key.removeprefix("delivery:")), NOON + timedelta(seconds=1))
    assert run.work == []
    assert b"taken down" in run.state[key]
