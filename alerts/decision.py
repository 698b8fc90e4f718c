"""Does the coverage of a story satisfy a watch?  Pure: coverage in, evidence out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts.scope import Nearness, Shown, show
from alerts.state import Coverage
from alerts.watch import Scope, Watch
from wire.messages import AlertEvidence, ArticleId, Place

# An alert is read at a glance; the story has the rest.
MOST_EVIDENCE = 5
_WHOLE = {Place.HEADLINE: "the headline", Place.SUMMARY: "the summary", Place.BODY: "the text"}

Show = Callable[[Watch, Coverage], Shown | None]
"""`shown_in`, or the same with a memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A watch is satisfied: the articles that show it, the best first, and how near the entities stand in them."""

    evidence: tuple[AlertEvidence, ...]
    articles: tuple[ArticleId, ...]  # all that show it, also beyond the evidence
    entities: tuple[str, ...]  # that the best of them show
    where: str  # for people: "in one sentence of the headline"


def shown_in(watch: Watch, coverage: Coverage) -> Shown | None:
    """Where one article alone shows what the watch asks for; None where it does not or does not count."""
    if not admits(watch, coverage):
        return None
    return show(coverage.sentences, coverage.mentions, watch.terms, watch.scope, watch.refused)


def admits(watch: Watch, coverage: Coverage) -> bool:
    """Whether the article counts as evidence, if it names the entities."""
    return (
        watch.may_count(coverage.outlet)
        and (not watch.languages or coverage.language in watch.languages)
        and (not watch.words or not watch.words.isdisjoint(coverage.words))
        and watch.without_words.isdisjoint(coverage.words)
        and (not watch.cites or not watch.cites.isdisjoint(map(str.casefold, coverage.citations)))
    )


def judge(watch: Watch, covered: Sequence[Coverage], outlets: Sequence[str], shows: Show = shown_in) -> Met | None:
    """What satisfies `watch` in a story, None while nothing does.

    Args:
        watch: the question.
        covered: articles of the story that mention watched entities, in any order.
        outlets: the independent ones that cover the story.
        shows: where one article shows it.
    """
    if watch.covered_by(outlets) < watch.min_outlets:
        return None
    ordered = sorted(covered, key=lambda c: (c.offset, c.article_id))
    if watch.scope is not Scope.STORY:
        return _in_one_article(watch, ordered, shows)
    admitted = [c for c in ordered if admits(watch, c)]
    if any(mention.entity in watch.refused for c in admitted for mention in c.mentions):
        return None
    return _in_one_article(watch, ordered, shows) or _across(watch, admitted)


def why(watch: Watch, met: Met, outlets: Sequence[str], names: Mapping[str, str]) -> str:
    """One sentence for people: who was found together, where, and which further condition was met."""
    *first, last = [names.get(entity, entity) for entity in met.entities]
    who = f"{', '.join(first)} and {last}" if first else last
    count = watch.covered_by(outlets)
    return f"{who} {met.where}" + (f"; {count} outlets cover the story" if watch.min_outlets > 1 else "")


def _in_one_article(watch: Watch, ordered: Sequence[Coverage], shows: Show) -> Met | None:
    found = [(coverage, shown) for coverage in ordered if (shown := shows(watch, coverage)) is not None]
    if not found:
        return None
    articles = tuple(coverage.article_id for coverage, _ in found)
    found.sort(key=lambda pair: pair[1].rank)  # stable: equals stay in order of arrival
    best = found[0][1]
    return Met(
        evidence=tuple(evidence_of(c, s) for c, s in found[:MOST_EVIDENCE]),
        articles=articles,
        entities=best.entities,
        where=where(best),
    )


def where(shown: Shown) -> str:
    """For people: how near the entities stand."""
    part = _WHOLE.get(shown.place, "the article")
    if shown.nearness is Nearness.SENTENCE:
        return f"in one sentence of {part}"
    if shown.place is Place.HEADLINE:
        return "in the headline"
    if shown.nearness is Nearness.PARAGRAPH:
        return f"in one paragraph of {part}"
    return "in one article"


def _across(watch: Watch, admitted: Sequence[Coverage]) -> Met | None:
    """Articles that together show all terms, none of them showing all: each next one adds most."""
    missing, left, chosen = frozenset(watch.terms), list(admitted), list[tuple[Coverage, Shown]]()
    while missing:
        best = min(left, key=lambda c: (-len(_adds(c, missing)), c.offset, c.article_id), default=None)
        wanted = frozenset() if best is None else _adds(best, missing)
        if best is None or not wanted:
            return None
        terms = [term for term in watch.terms if term in wanted]
        shown = show(best.sentences, best.mentions, terms, Scope.ARTICLE)
        assert shown is not None, "an article shows what it mentions"
        chosen.append((best, shown))
        left.remove(best)
        missing -= wanted
    named = [entity for _, shown in chosen for entity in shown.entities]
    return Met(
        evidence=tuple(evidence_of(c, s) for c, s in chosen[:MOST_EVIDENCE]),
        articles=tuple(coverage.article_id for coverage, _ in chosen),
        entities=tuple(dict.fromkeys(entity for term in watch.terms for entity in named if entity in term)),
        where=f"in {len(chosen)} articles of one story",
    )


def _adds(coverage: Coverage, missing: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    there = {mention.entity for mention in coverage.mentions}
    return frozenset(term for term in missing if not term.isdisjoint(there))


def evidence_of(coverage: Coverage, shown: Shown) -> AlertEvidence:
    """The article as an alert shows it."""
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
