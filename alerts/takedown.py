"""An article is taken down: its words leave what is kept and what is still to be sent.  Pure."""

from collections.abc import Container, Iterator

from msgspec.structs import replace

from alerts.state import WatchState, article_key, held_key
from wire.messages import Alert, ArticleId, Command, Reading, StoryEvent
from wire.stage import Change
from wire.takedown import REMOVED_TITLE, digest


def take_down(state: WatchState, command: Command) -> Iterator[Change]:
    """What the stage `alerts` forgets of the article `command.target`; that it was told of stays."""
    article_id = command.target
    known = state.coverage_of(article_id)
    titles = {digest(one.title) for one in known}
    for held in state.all_held():
        titles |= titles_of(held.alert, article_id)
        alert = without(held.alert, {article_id}, titles | {*command.titles})
        if alert != held.alert:
            key = held_key(alert.story_id, alert.watch)
            yield Change(key, None if says_nothing(alert) else replace(held, alert=alert))
    yield from (Change(article_key(one.story_id, article_id), None) for one in known)
    yield state.takedowns.taken(command, titles)


def titles_of(alert: Alert, article_id: ArticleId) -> set[str]:
    """Digests of the headlines that the article has in the alert."""
    return {digest(one.title) for one in alert.evidence if one.article_id == article_id}


def without(alert: Alert, articles: Container[ArticleId], titles: Container[str]) -> Alert:
    """The alert without the words of these articles; `titles` are digests of headlines that they bore elsewhere."""
    left = tuple(one for one in alert.evidence if one.article_id not in articles)
    gone = {one.title for one in alert.evidence if one.article_id in articles}
    # Without evidence nobody would see what it is about.
    empty = bool(alert.evidence) and not left
    title = REMOVED_TITLE if empty or alert.title in gone or digest(alert.title) in titles else alert.title
    return replace(alert, evidence=left, title=title)


def says_nothing(alert: Alert) -> bool:
    """Whether all articles that an alert showed were taken down."""
    return alert.title == REMOVED_TITLE and not alert.evidence


def as_allowed(state: WatchState, event: StoryEvent) -> StoryEvent:
    """The event without words of articles that were taken down before it was read: in a replay, or from a backlog."""
    if digest(event.title) in state.takedowns.titles:
        event = replace(event, title=REMOVED_TITLE)
    if event.article is None or event.article.article_id not in state.takedowns:
        return event
    title = REMOVED_TITLE if event.title == event.article.title else event.title
    language = event.reading.language if event.reading is not None else "und"
    article = replace(event.article, title=REMOVED_TITLE, summary="", body="")
    return replace(event, title=title, article=article, reading=Reading(language=language))
