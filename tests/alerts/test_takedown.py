"""Words of an article that was taken down leave what alerts and deliver keep, and never come back."""

from datetime import timedelta

from msgspec.structs import replace

from alerts.deliver import Deliver
from alerts.outcome import SendRequest
from tests.alert_samples import alert
from tests.alerts.test_alerts import alerts, pair, quiet, runner, watch
from tests.messages import NOON
from tests.stage_runner import StageRunner
from tests.story_events import NOW, event, headline, records
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Alert, AlertEvidence, Command, CommandKind, StoryEventKind
from wire.settings import DeliverSettings
from wire.stage import DUE
from wire.takedown import REMOVED_TITLE, digest
from wire.topics import ALERTS, COMMANDS, DELIVERIES


def removal(article_id: str, *titles: str) -> Record:
    said = Command(
        command_id="co-1", stage="cluster", kind=CommandKind.REMOVE, target=article_id, who="desk", when=NOON,
        titles=tuple(map(digest, titles)),
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
    (again_told,) = alerts(again)
    assert again_told.title == REMOVED_TITLE
    assert [one.article_id for one in again_told.evidence] == ["a2"]


def deliver() -> StageRunner[Deliver]:
    return StageRunner(lambda: Deliver(["mail"], DeliverSettings()), DELIVERIES)


def told(*articles: str, title: str = "Words of a1", offset: int = 0) -> Record:
    evidence = tuple(
        AlertEvidence(
            article_id=name, outlet="one", url="https://one.example/", title=f"Words of {name}", language="en",
            published=NOON, seen=NOON, snippets=(),
        )
        for name in articles
    )  # fmt: skip
    said = alert(alert_id=f"al-{offset + 1}", title=title, evidence=evidence, channels=("mail",))
    return Record(topic=ALERTS, offset=offset, key="pair", value=encode(said))


def waiting() -> StageRunner[Deliver]:
    """An alert on two articles that waits to be sent."""
    run = deliver()
    run.take(told("a1", "a2"), NOON)
    return run


def sent(run: StageRunner[Deliver]) -> list[Alert]:
    """What is sent of all that waits."""
    for record in run.stage.due(NOON + timedelta(seconds=1)):
        run.take(record, NOON + timedelta(seconds=1))
    return [one.body.alert for one in run.work if isinstance(one.body, SendRequest)]


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


def test_what_was_unread_at_the_takedown_is_sent_without_the_words() -> None:
    run = deliver()
    run.take(removal("a1"), NOON)
    run = run.restart()
    run.take(told("a1", "a2"), NOON)
    (said,) = sent(run)
    assert said.title == REMOVED_TITLE
    assert [one.article_id for one in said.evidence] == ["a2"]
    assert not any(b"Words of a1" in value for value in run.state.values())


def test_what_was_unread_and_shows_nothing_else_is_not_sent() -> None:
    run = deliver()
    run.take(removal("a1"), NOON)
    run.take(told("a1"), NOON)
    assert sent(run) == []
    assert any(b"taken down" in value for value in run.state.values())


def test_a_headline_is_known_also_where_its_article_is_not_shown() -> None:
    """A story's headline may be that of an article which the watch does not ask for."""
    run = deliver()
    run.take(told("a2"), NOON)
    run.take(removal("a1", "Words of a1", "Words of a1, at first"), NOON)
    run.take(told("a3", title="Words of a1, at first", offset=1), NOON)
    assert [said.title for said in sent(run)] == [REMOVED_TITLE]
    assert not any(b"Words of a1" in value for value in run.state.values())


def test_alerts_knows_the_headlines_that_the_command_names() -> None:
    run = runner(watch())
    run.take(removal("a9", "What a9 said"), NOON)
    second = event(headline("*MUSK* and *PUTIN* again"), number=2, article_id="a2")
    run.take_all(records(replace(second, title="What a9 said")), NOW)
    (said,) = alerts(run)
    assert said.title == REMOVED_TITLE
