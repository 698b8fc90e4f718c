"""A story after an event: what is then known of it, and the changes of state that say so.  Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from alerts.coverage import coverage_of
from alerts.ids import alert_id
from alerts.state import Coverage, Held, StoryHead, Told, WatchState, article_key, held_key, story_key, told_key
from alerts.watch import Watches
from wire.messages import ArticleId, StoryEvent, StoryEventKind, StoryId
from wire.stage import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """A story after an event; `before` and `now_is` are the event's article as it was and as it is."""

    covered: Mapping[ArticleId, Coverage]
    told: Mapping[str, Told]  # by watch
    first_seen: datetime
    changes: tuple[Change, ...]
    held: Mapping[str, Held] = field(default_factory=dict)  # updates that wait, by watch
    before: Coverage | None = None
    now_is: Coverage | None = None
    came: frozenset[ArticleId] = frozenset()  # articles that a merge brought


def with_article(state: WatchState, event: StoryEvent, watches: Watches, offset: int) -> After:
    """The event's story with its article added, or replaced by its new version."""
    if event.article is None or event.reading is None:
        raise ValueError(f"{event.kind.value} without its article and reading")
    story_id, article_id = event.story_id, event.article.article_id
    covered = dict(state.covered(story_id))
    before = covered.pop(article_id, None)
    now_is = coverage_of(story_id, event.article, event.reading, watches=watches, offset=offset)
    if now_is is not None:
        covered[article_id] = now_is
    return After(
        covered=covered,
        told=state.told(story_id),
        held=state.held_of(story_id),
        first_seen=first_seen(state, event),
        changes=() if now_is is before is None else (Change(article_key(story_id, article_id), now_is),),
        before=before,
        now_is=now_is,
    )


def merged(state: WatchState, event: StoryEvent) -> After:
    """`event.other` went into `event.story_id`, which is told for a watch if either was."""
    into, gone = event.story_id, event.other
    if gone is None:
        raise ValueError("merged without the other story")
    own, theirs = state.covered(into), state.covered(gone)
    moved = {key: replace(coverage, story_id=into) for key, coverage in theirs.items() if key not in own}
    told = dict(state.told(into))
    taken = {name: replace(note, story_id=into) for name, note in state.told(gone).items() if name not in told}
    all_told, waited = {**told, **taken}, state.held_of(into)
    held = {
        name: _held_by(into, all_told[name].number + 1, wait, waited.get(name))
        for name, wait in state.held_of(gone).items()
    }
    return After(
        covered={**moved, **own},
        told=all_told,
        held={**waited, **held},
        first_seen=first_seen(state, event),
        came=frozenset(moved),
        changes=(
            *(Change(article_key(gone, article_id), None) for article_id in theirs),
            *(Change(article_key(into, article_id), coverage) for article_id, coverage in moved.items()),
            *(Change(told_key(into, name), note) for name, note in taken.items()),
            *(Change(held_key(gone, name), None) for name in state.held_of(gone)),
            *(Change(held_key(into, name), wait) for name, wait in held.items()),
            Change(story_key(gone), None),
        ),
    )


def _held_by(story_id: StoryId, number: int, wait: Held, own: Held | None) -> Held:
    """An update that waits while its story goes into another: it is that story's next, and says what that one would."""
    news = tuple(dict.fromkeys((*(own.alert.news if own else ()), *wait.alert.news)))
    kept = own or wait
    alert = replace(kept.alert, story_id=story_id, number=number, news=news, why="; ".join(news))
    return replace(kept, alert=replace(alert, alert_id=alert_id(alert.watch, story_id, number)))


def parted(state: WatchState, event: StoryEvent) -> Iterator[Change]:
    """`event.articles` went from `event.story_id` to `event.other`, which is told where they were told of."""
    if event.other is None:
        raise ValueError(f"{event.kind.value} without the other story")
    for article_id in event.articles:
        if (coverage := state.covered(event.story_id).get(article_id)) is not None:
            yield Change(article_key(event.story_id, article_id), None)
            yield Change(article_key(event.other, article_id), replace(coverage, story_id=event.other))
    for name, note in state.told(event.story_id).items():
        if name not in state.told(event.other) and not set(event.articles).isdisjoint(note.articles):
            yield Change(told_key(event.other, name), replace(note, story_id=event.other))
    if state.story(event.other) is None:
        # Its own events number from 1, and its birth was this one.
        yield Change(
            story_key(event.other), StoryHead(story_id=event.other, number=0, first_seen=first_seen(state, event))
        )


def received(state: WatchState, event: StoryEvent) -> tuple[StoryEvent, After]:
    """The other story of a split or move after it, and the event as that story's: it may now show what it did not."""
    assert event.other is not None, "see `parted`"
    own = state.covered(event.story_id)
    came = {one: replace(own[one], story_id=event.other) for one in event.articles if one in own}
    told = dict(state.told(event.other))
    for name, note in state.told(event.story_id).items():
        if name not in told and not set(event.articles).isdisjoint(note.articles):
            told[name] = replace(note, story_id=event.other)
    known = event.other_after
    seen_as = replace(
        event,
        story_id=event.other,
        title=known.title if known else "",
        outlets=known.outlets if known else tuple(dict.fromkeys(coverage.outlet for coverage in came.values())),
        languages=known.languages if known else (),
        article_count=known.article_count if known else 0,
        facts=known.facts if known else None,
    )
    after = After(
        covered={**state.covered(event.other), **came},
        told=told,
        first_seen=first_seen(state, seen_as),
        changes=(),
        came=frozenset(came),
    )
    return seen_as, after


def forgotten(state: WatchState, event: StoryEvent) -> Iterator[Change]:
    """A story that is over keeps only what was told of it."""
    yield Change(story_key(event.story_id), None)
    for article_id in state.covered(event.story_id):
        yield Change(article_key(event.story_id, article_id), None)


def head(state: WatchState, event: StoryEvent) -> Change:
    """How far the story was read."""
    first = first_seen(state, event)
    return Change(story_key(event.story_id), StoryHead(story_id=event.story_id, number=event.number, first_seen=first))


def first_seen(state: WatchState, event: StoryEvent) -> datetime:
    """When the story's first article was seen, as far as is known."""
    heads = [state.story(event.story_id)]
    if event.kind is StoryEventKind.MERGED and event.other is not None:
        heads.append(state.story(event.other))
    known = [one.first_seen for one in heads if one is not None]
    return min(known, default=event.seen if event.article is None else event.article.seen)
