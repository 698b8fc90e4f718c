"""The facts about stories that other stages read."""

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.state import StoryState, event_id
from cluster.story import told_facts
from wire.messages import ArticleId, Enriched, JoinEvidence, OtherStory, StoryEvent, StoryEventKind, StoryId


def tell(
    draft: Draft,
    kind: StoryEventKind,
    story_id: StoryId,
    *,
    enriched: Enriched | None = None,
    score: float = 0.0,
    evidence: JoinEvidence | None = None,
    articles: tuple[ArticleId, ...] = (),
    other: StoryId | None = None,
) -> None:
    """Tell the next event of a story, which the draft holds as it is afterwards but for its number."""
    story = draft.story(story_id)
    assert story is not None
    story = replace(story, number=story.number + 1)
    draft.put_story(story_id, story)
    parted = kind in (StoryEventKind.SPLIT, StoryEventKind.MOVED) and other is not None
    draft.tell(
        StoryEvent(
            event_id=event_id(kind, story_id, story.number),
            kind=kind,
            story_id=story_id,
            number=story.number,
            title=story.title,
            article=enriched.article if enriched else None,
            reading=enriched.reading if enriched else None,
            articles=articles,
            other=other,
            other_after=_other(draft, other) if parted and other is not None else None,
            score=score,
            evidence=evidence,
            article_count=story.article_count,
            outlets=story.outlets,
            languages=story.languages,
            event_time=enriched.article.event_time if enriched else story.last_event_time,
            seen=draft.now,
            facts=told_facts(draft, story_id, story),
        )
    )


def _other(draft: Draft, story_id: StoryId) -> OtherStory:
    story: StoryState | None = draft.story(story_id)
    assert story is not None
    return OtherStory(
        title=story.title,
        article_count=story.article_count,
        outlets=story.outlets,
        languages=story.languages,
        facts=told_facts(draft, story_id, story),
    )
