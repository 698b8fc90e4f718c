"""An article is taken down: the stage keeps none of its words, and passes over what comes of it later.

Only its place stays until the window has passed.  What it did to its story's counts and outlets is history and stays.
"""

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.state import StoryState
from wire.messages import ArticleId, Headline, StoryId
from wire.takedown import REMOVED_TITLE


def take_down(draft: Draft, article_id: ArticleId) -> None:
    """Forget the article; stories that bear its headline bear another one of theirs, or none."""
    for story_id in list(draft.memory.stories):
        story = draft.story(story_id)
        if story is not None and any(one.article_id == article_id for one in story.facts.headlines):
            draft.put_story(story_id, _without(draft, story_id, story, article_id))
    if draft.article(article_id) is not None:
        draft.put_article(article_id, None)


def _without(draft: Draft, story_id: StoryId, story: StoryState, article_id: ArticleId) -> StoryState:
    gone = {one.title for one in story.facts.headlines if one.article_id == article_id}
    shown = (_another(draft, story_id, one) if one.article_id == article_id else one for one in story.facts.headlines)
    headlines = tuple(one for one in shown if one is not None and one.title not in gone)
    title = next((one.title for one in headlines), REMOVED_TITLE) if story.title in gone else story.title
    return replace(story, title=title, facts=replace(story.facts, headlines=headlines))


def _another(draft: Draft, story_id: StoryId, gone: Headline) -> Headline | None:
    """The newest headline of the story in the same language."""
    for other in reversed(draft.members(story_id)):
        article = draft.article(other)
        if article is not None and other != gone.article_id and article.language == gone.language:
            return Headline(language=article.language, title=article.title, article_id=other)
    return None
