"""What is kept of an article: the sentences that mention watched entities, and who published them.  Pure."""

from alerts.correction import says_correction
from alerts.state import Coverage
from alerts.watch import Watches
from wire.messages import Article, Mention, Reading, StoryId


def coverage_of(
    story_id: StoryId, article: Article, reading: Reading, *, watches: Watches, offset: int
) -> Coverage | None:
    """The article reduced to what `watches` ask of it; None where it mentions none of their entities.

    Raises:
        IndexError: a mention names a sentence that the reading does not have.
    """
    mentions = [mention for mention in reading.mentions if mention.entity in watches.entities]
    if not mentions:
        return None
    kept = sorted({mention.sentence for mention in mentions})
    place = {number: position for position, number in enumerate(kept)}
    return Coverage(
        story_id=story_id,
        article_id=article.article_id,
        version=article.version,
        offset=offset,
        outlet=article.outlet,
        url=article.url,
        title=article.title,
        language=reading.language,
        published=article.published,
        seen=article.seen,
        sentences=tuple(reading.sentences[number] for number in kept),
        mentions=tuple(
            Mention(entity=m.entity, sentence=place[m.sentence], start=m.start, end=m.end) for m in mentions
        ),
        words=tuple(sorted(watches.words.find("\n".join((article.title, article.summary, article.body))))),
        citations=reading.citations,
        corrected=says_correction(article),
    )
