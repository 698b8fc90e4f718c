"""An article is taken down: its words leave what is kept and what is still to be sent.  Pure."""

from collections.abc import Iterator

from msgspec.structs import replace

from alerts.state import Removed, WatchState, article_key, held_key, removed_key
from wire.messages import Alert, ArticleId, Command, Reading, StoryEvent
from wire.stage import Change
from wire.takedown import REMOVED_TITLE, digest


def take_down(state: WatchState, command: Command) -> Iterator[Change]:
    """What the stage `alerts` forgets of the article `command.target`; that it was told of stays."""
    article_id = command.target
    known = state.coverage_of(article_id)
    titles = {digest(one.title) for one in known}
    for held in state.all_held():
        alert = without(held.alert, article_id)
        if alert != held.alert:
            titles |= {digest(one.title) for one in held.alert.evidence if one.article_id == article_id}
            key = held_key(alert.story_id, alert.watch)
            yield Change(key, None if says_nothing(alert) else replace(held, alert=alert))
    yield from (Change(article_key(one.story_id, article_id), None) for one in known)
    before = state.removed(article_id)
    titles |= set(before.titles) if before is not None else set()
    yield Change(removed_key(article_id), Removed(article_id=article_id, titles=tuple(sorted(titles))))


def without(alert: Alert, article_id: ArticleId) -> Alert:
    """The alert without the article's words."""
    gone = {one.title for one in alert.evidence if one.article_id == article_id}
    if not gone:
        return alert
    left = tuple(one for one in alert.evidence if one.article_id != article_id)
    # Without evidence nobody would see what it is about.
    title = REMOVED_TITLE if alert.title in gone or not left else alert.title
    return replace(alert, evidence=left, title=title)


def says_nothing(alert: Alert) -> bool:
    """Whether all articles that an alert showed were taken down."""
    return alert.title == REMOVED_TITLE and not alert.evidence


def as_allowed(state: WatchState, event: StoryEvent) -> StoryEvent:
    """The event without words of articles that were taken down before it was read: in a replay, or from a backlog."""
    if state.is_removed_title(event.title):
        event = replace(event, title=REMOVED_TITLE)
    if event.article is None or state.removed(event.article.article_id) is None:
        return event
    title = REMOVED_TITLE if event.title == event.article.title else event.title
    language = event.reading.language if event.reading is not None else "und"
    article = replace(event.article, title=REMOVED_TITLE, summary="", body="")
    return replace(event, title=title, article=article, reading=Reading(language=language))
