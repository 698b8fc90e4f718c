"""What a story that was told has that is new, as far as its watch asks for news.  Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from alerts.scope import Shown, show
from alerts.state import MOST_TOLD_ARTICLES, Coverage, Told
from alerts.watch import News, Scope, Watch
from wire.messages import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one event did to an article of a told story."""

    before: Coverage | None  # the article's earlier version, as far as it is known
    after: Coverage | None
    shown: Shown | None  # where the new version shows what the watch asks for
    independent: bool  # its outlet reports on its own


def told_more(told: Told, change: Change, watch: Watch) -> Told:
    """What is told of the story, with the article added, whether or not anybody hears of it."""
    after = change.after
    if after is None or change.shown is None:
        return told
    return replace(
        told,
        articles=_with(told.articles, after.article_id)[:MOST_TOLD_ARTICLES],
        languages=_with(told.languages, after.language),
        outlets=_with(told.outlets, after.outlet) if change.independent else told.outlets,
        headline=told.headline or in_headline(watch, after),
    )


def news(told: Told, change: Change, watch: Watch) -> Iterator[str]:
    """One sentence for each thing that the watch asks for and that was not told."""
    after, asked = change.after, watch.updates
    if after is not None and change.shown is not None:
        if News.LANGUAGE in asked and after.language not in told.languages:
            yield f"first article in another language: {after.outlet} [{after.language}]"
        if News.OUTLET in asked and _another_outlet(told, change, watch):
            yield f"another independent outlet: {after.outlet}"
        if News.HEADLINE in asked and not told.headline and in_headline(watch, after):
            yield f"now together in a headline: {after.outlet}"
    if News.CORRECTION in asked:
        yield from _correction(told, change)


def _another_outlet(told: Told, change: Change, watch: Watch) -> bool:
    assert change.after is not None
    outlet = change.after.outlet
    asked = not watch.update_outlets or outlet in watch.update_outlets
    return asked and change.independent and outlet not in told.outlets


def _correction(told: Told, change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None or before.article_id not in told.articles:
        return
    if after is not None and after.corrected and not before.corrected:
        yield f"{after.outlet} has corrected or withdrawn its article"
    elif change.shown is None and (after is None or after.version != before.version):
        yield f"{before.outlet} has changed its article: it no longer shows what was told"


def in_headline(watch: Watch, coverage: Coverage) -> bool:
    """Whether the headline alone shows an entity of each term."""
    first = [s for s in coverage.sentences if s.place is Place.HEADLINE]
    return bool(first) and show(coverage.sentences, coverage.mentions, watch.terms, Scope.HEADLINE) is not None


def _with(known: tuple[str, ...], one: str) -> tuple[str, ...]:
    return known if one in known else (*known, one)
