"""The facts about stories that other stages read."""

from cluster.decision import Decision
from cluster.state import StoryState, event_id
from wire.messages import Enriched, StoryEvent, StoryEventKind, StoryId, UtcTime
from wire.stage import Output
from wire.topics import STORY_EVENTS


def told(
    kind: StoryEventKind,
    enriched: Enriched,
    story_id: StoryId,
    story: StoryState,
    now: UtcTime,
    decision: Decision | None = None,
) -> Output:
    """An article or version that changed `story`, which is as it is afterwards; `decision` where one was made."""
    event = StoryEvent(
        event_id=event_id(kind, story_id, story.number),
        kind=kind,
        story_id=story_id,
        number=story.number,
        title=story.title,
        article=enriched.article,
        reading=enriched.reading,
        score=decision.score if decision else 0.0,
        evidence=decision.evidence if decision else None,
        article_count=story.article_count,
        outlets=story.outlets,
        languages=story.languages,
        event_time=enriched.article.event_time,
        seen=now,
    )
    return Output(STORY_EVENTS, story_id, event)


def told_closed(story_id: StoryId, story: StoryState, now: UtcTime) -> Output:
    """That `story` takes no more articles."""
    event = StoryEvent(
        event_id=event_id(StoryEventKind.CLOSED, story_id, story.number),
        kind=StoryEventKind.CLOSED,
        story_id=story_id,
        number=story.number,
        title=story.title,
        article_count=story.article_count,
        outlets=story.outlets,
        languages=story.languages,
        event_time=story.last_event_time,
        seen=now,
    )
    return Output(STORY_EVENTS, story_id, event)
