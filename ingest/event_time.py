"""When an article happened, as far as its outlet can be believed."""

from datetime import UTC, datetime, timedelta

from wire.messages import Dated

# Clocks of outlets go wrong by minutes; a date further ahead is an announcement or a mistake.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Before there were news on the web: the date of an unset field, not of an article.
FIRST_BELIEVABLE = datetime(1991, 8, 6, tzinfo=UTC)


def event_time(published: datetime | None, updated: datetime | None, *, seen: datetime) -> tuple[datetime, Dated]:
    """The time that orders the article, never after `seen`, and where it comes from.

    The outlet's `published`, else its `updated`, where that lies between the first web page and `seen`.
    """
    for claim in (published, updated):
        if claim is not None and FIRST_BELIEVABLE <= claim <= seen + CLOCK_TOLERANCE:
            return min(claim, seen), Dated.OUTLET
    return seen, Dated.SEEN
