"""`why`: in words, what put an article into its story and kept it out of another."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from console.index.queries import (
    article,
    articles_of,
    entities_of,
    first_event_of,
    living_story,
    place_of,
    placements,
    rearrangements,
)
from console.index.views import ArticleView, StoryView
from console.words import counted, plain
from wire.messages import JoinEvidence, Signal, StoryEvent, StoryEventKind

_PLACED = (StoryEventKind.OPENED, StoryEventKind.JOINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An article with its story and the event that decided."""

    article: ArticleView
    story: StoryView | None
    decided: StoryEvent | None  # None where the index holds no such event any more
    moved: tuple[StoryEvent, ...]  # splits, moves and merges that carried it on, oldest first


def why(db: sqlite3.Connection, article_id: str) -> Why | None:
    """What is known about the article's place; None for an article that the index does not know."""
    found = article(db, article_id)
    if found is None:
        return None
    placed = next((event for event in placements(db, article_id) if event.kind in _PLACED), None)
    moved = () if placed is None else _moves(db, article_id, placed)
    story = None if found.story_id is None else living_story(db, found.story_id)
    return Why(article=found, story=story, decided=placed, moved=moved)


def _moves(db: sqlite3.Connection, article_id: str, placed: StoryEvent) -> tuple[StoryEvent, ...]:
    """The later events that took the article to another story."""
    found, at = [], placed.story_id
    for event in rearrangements(db, article_id, placed):
        if event.kind is StoryEventKind.MERGED and event.other == at:
            found.append(event)
            at = event.story_id
        elif article_id in event.articles and event.other is not None and event.kind is not StoryEventKind.MERGED:
            found.append(event)
            at = event.other
    return tuple(found)


def why_lines(db: sqlite3.Connection, said: Why) -> Iterator[str]:
    """The answer for people, facts first."""
    one = said.article
    yield f"Article   {one.article_id}  {one.outlet}, {one.language or '-'}  {plain(one.title)}"
    yield f"          {plain(one.url)}"
    if said.story is None:
        yield "Story     -  (none yet: the cluster stage has not taken it, or has forgotten its story)"
    else:
        story = said.story
        size = f"{counted(story.article_count, 'article')}, {counted(len(story.outlets), 'outlet')}"
        yield f"Story     {story.story_id}  {story.status}, {size}  {plain(story.title)}"
    if said.decided is not None:
        yield from _decision(db, said.decided)
    for event in said.moved:
        to = event.story_id if event.kind is StoryEventKind.MERGED else event.other
        yield f"Then      {event.seen:%Y-%m-%d %H:%M:%SZ}  {event.kind.value} to {to}{_scored(event)}"
        yield from _by_hand(event.evidence)


def _decision(db: sqlite3.Connection, event: StoryEvent) -> Iterator[str]:
    evidence = event.evidence or JoinEvidence()
    if event.kind is StoryEventKind.OPENED:
        yield f"Opened    {event.seen:%Y-%m-%d %H:%M:%SZ}  {_why_opened(evidence, event.score)}"
    else:
        yield f"Joined    {event.seen:%Y-%m-%d %H:%M:%SZ}  score {event.score:.2f}, {evidence.bar:.2f} was needed"
    yield from _asked(evidence)
    yield from _by_hand(evidence)
    if evidence.nearest is not None:
        yield f"Nearest   {_named(db, evidence.nearest)}  similarity {evidence.similarity:.2f}"
    if evidence.copy_of is not None:
        yield f"Copy of   {_named(db, evidence.copy_of)}"
    yield from _signals("Signals", evidence.signals)
    if evidence.shared:
        yield f"Shared    {plain(', '.join(evidence.shared))}"
    if evidence.runner_up is not None:
        score = evidence.runner_up_score or 0.0
        yield f"Next best {_titled(db, evidence.runner_up)}  score {score:.2f}"
        yield from _signals("         ", evidence.runner_up_signals)


def _why_opened(evidence: JoinEvidence, score: float) -> str:
    if evidence.runner_up is None and evidence.nearest is None:
        return "a story of its own: nothing near was there"
    best = score or evidence.runner_up_score or 0.0
    return f"a story of its own: the best other story scored {best:.2f}, {evidence.bar:.2f} was needed"


def _asked(evidence: JoinEvidence) -> Iterator[str]:
    """What raised the bar."""
    if evidence.story_fit is not None and evidence.differs:
        yield (
            f"Needed    {evidence.bar:.2f}: the story's own articles score {evidence.story_fit:.2f} with it, "
            f"and this one names or counts other things ({evidence.differs:.2f} of 1)"
        )


def _by_hand(evidence: JoinEvidence | None) -> Iterator[str]:
    said = by_hand(evidence)
    if said:
        yield f"          {said}"


def by_hand(evidence: JoinEvidence | None) -> str:
    """Which command of an operator was obeyed, and its reason; empty where the machine decided."""
    if evidence is None or evidence.command is None:
        return ""
    return f"by command {evidence.command}: {plain(evidence.why) or 'no reason given'}"


def _scored(event: StoryEvent) -> str:
    """What an operator's word did was not scored."""
    return "" if by_hand(event.evidence) else f"  score {event.score:.2f}"


def _signals(label: str, signals: tuple[Signal, ...]) -> Iterator[str]:
    if signals:
        parts = "  ".join(f"{signal.name} {signal.value:.2f} ({signal.adds:+.2f})" for signal in signals)
        yield f"{label:<9} {parts}"


def _named(db: sqlite3.Connection, article_id: str) -> str:
    found = article(db, article_id)
    return article_id if found is None else f"{article_id}  {found.outlet}  {plain(found.title)}"


def _titled(db: sqlite3.Connection, story_id: str) -> str:
    found = living_story(db, story_id)
    if found is None:
        return story_id
    now = "" if found.story_id == story_id else f" (now {found.story_id})"
    return f"{story_id}{now}  {plain(found.title)}"


class WhyNot(Struct, frozen=True, kw_only=True):
    """The answer for machines: the story, and what people are told of it, a line each."""

    not_in: str
    because: tuple[str, ...]


def why_not_lines(db: sqlite3.Connection, said: Why, other: StoryView) -> Iterator[str]:
    """Why the article is not in `other`: what the log says of it, else what the two have in common."""
    if said.story is not None and said.story.story_id == other.story_id:
        yield f"Not?      it is in {other.story_id}"
        return
    yield f"Not in    {other.story_id}  {plain(other.title)}"
    left = next((event for event in reversed(said.moved) if _left(db, event, other)), None)
    if left is not None:
        yield (
            f"Because   it was in it until {left.seen:%Y-%m-%d %H:%M:%SZ}: {left.kind.value} to {left.other}"
            f"{_scored(left)}"
        )
        yield from _by_hand(left.evidence)
    else:
        yield from _never_there(db, said.decided, other)
    yield from _apart(db, said.article, other)


def _left(db: sqlite3.Connection, event: StoryEvent, story: StoryView) -> bool:
    """Whether the event took the article out of the story, or out of one that went into it."""
    if event.kind is StoryEventKind.MERGED:
        return False
    source = living_story(db, event.story_id)
    return source is not None and source.story_id == story.story_id


def _never_there(db: sqlite3.Connection, decided: StoryEvent | None, other: StoryView) -> Iterator[str]:
    evidence = None if decided is None else decided.evidence
    runner_up = None if evidence is None or evidence.runner_up is None else living_story(db, evidence.runner_up)
    opened = first_event_of(db, other.story_id)
    if evidence is not None and runner_up is not None and runner_up.story_id == other.story_id:
        score, bar = evidence.runner_up_score or 0.0, evidence.runner_up_bar or evidence.bar
        yield f"Because   it was the next best: it scored {score:.2f}, {bar:.2f} was needed"
        yield from _signals("         ", evidence.runner_up_signals)
    elif decided is not None and opened is not None and place_of(db, opened) > place_of(db, decided):
        yield f"Because   there was no such story yet: it begins at {opened.seen:%Y-%m-%d %H:%M:%SZ}"
    elif evidence is not None and evidence.runner_up_score is not None:
        yield f"Because   it came after the next best, which scored {evidence.runner_up_score:.2f}"
    else:
        yield "Because   it was no candidate: no article of it was near by vector, words or names, or none was live"


def _apart(db: sqlite3.Connection, one: ArticleView, other: StoryView) -> Iterator[str]:
    gap = max(other.first_event_time - one.event_time, one.event_time - other.last_event_time)
    if gap.total_seconds() > 0:
        yield f"Time      {gap.total_seconds() / 3600:.1f} h outside the story's span"
    mine = set(entities_of(db, one.article_id))
    theirs = {entity for near in articles_of(db, other.story_id, 100) for entity in entities_of(db, near.article_id)}
    both, here = ", ".join(sorted(mine & theirs)) or "-", ", ".join(sorted(mine - theirs)) or "-"
    yield f"Entities  in common: {both}; only here: {here}"
