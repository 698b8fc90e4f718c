"""Does the coverage of a story satisfy a watch?  Pure: coverage in, evidence out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.scope import Nearness, Shown, show
from alerts.state import Coverage
from alerts.watch import Scope, Watch
from wire.messages import AlertEvidence, Place

# An alert is read at a glance; the story has the rest.
MOST_EVIDENCE = 5
_WHOLE = {Place.HEADLINE: "the headline", Place.SUMMARY: "the summary", Place.BODY: "the text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A watch is satisfied: the articles that show it, the best first, and how near the entities stand in them."""

    evidence: tuple[AlertEvidence, ...]
    where: str  # for people: "in one sentence of the headline"


def judge(watch: Watch, covered: Sequence[Coverage], outlets: Sequence[str]) -> Met | None:
    """What satisfies `watch` in a story, None while nothing does.

    Args:
        watch: the question.
        covered: articles of the story that mention watched entities, in any order.
        outlets: all that cover the story.
    """
    if watch.covered_by(outlets) < watch.min_outlets:
        return None
    admitted = [c for c in covered if watch.admits(outlet=c.outlet, language=c.language)]
    admitted.sort(key=lambda c: (c.offset, c.article_id))
    return _in_one_article(watch, admitted) or (_across(watch, admitted) if watch.scope is Scope.STORY else None)


def why(watch: Watch, met: Met, outlets: Sequence[str], names: Mapping[str, str]) -> str:
    """One sentence for people: who was found together, where, and which further condition was met."""
    *first, last = [names.get(entity, entity) for entity in watch.entities]
    who = f"{', '.join(first)} and {last}" if first else last
    count = watch.covered_by(outlets)
    return f"{who} {met.where}" + (f"; {count} outlets cover the story" if watch.min_outlets > 1 else "")


def _in_one_article(watch: Watch, admitted: Sequence[Coverage]) -> Met | None:
    shows = ((c, show(c.sentences, c.mentions, watch.entities, watch.scope)) for c in admitted)
    found = [(coverage, shown) for coverage, shown in shows if shown is not None]
    found.sort(key=lambda pair: pair[1].rank)  # stable: equals stay in order of arrival
    if not found:
        return None
    return Met(evidence=tuple(_evidence(c, s) for c, s in found[:MOST_EVIDENCE]), where=_where(found[0][1]))


def _where(shown: Shown) -> str:
    part = _WHOLE.get(shown.place, "the article")
    if shown.nearness is Nearness.SENTENCE:
        return f"in one sentence of {part}"
    if shown.place is Place.HEADLINE:
        return "in the headline"
    if shown.nearness is Nearness.PARAGRAPH:
        return f"in one paragraph of {part}"
    return "in one article"


def _across(watch: Watch, admitted: Sequence[Coverage]) -> Met | None:
    """Articles that together show all entities, none of them showing all: each next one adds most."""
    missing, left, chosen = frozenset(watch.entities), list(admitted), list[tuple[Coverage, Shown]]()
    while missing:
        best = min(left, key=lambda c: (-len(_adds(c, missing)), c.offset, c.article_id), default=None)
        wanted = frozenset[str]() if best is None else _adds(best, missing)
        if best is None or not wanted:
            return None
        shown = show(best.sentences, best.mentions, sorted(wanted), Scope.ARTICLE)
        assert shown is not None, "an article shows what it mentions"
        chosen.append((best, shown))
        left.remove(best)
        missing -= wanted
    where = f"in {len(chosen)} articles of one story"
    return Met(evidence=tuple(_evidence(c, s) for c, s in chosen[:MOST_EVIDENCE]), where=where)


def _adds(coverage: Coverage, missing: frozenset[str]) -> frozenset[str]:
    return missing & {mention.entity for mention in coverage.mentions}


def _evidence(coverage: Coverage, shown: Shown) -> AlertEvidence:
    return AlertEvidence(
        article_id=coverage.article_id,
        outlet=coverage.outlet,
        url=coverage.url,
        title=coverage.title,
        language=coverage.language,
        published=coverage.published,
        seen=coverage.seen,
        snippets=shown.snippets,
    )
