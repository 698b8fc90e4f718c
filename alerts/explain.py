"""Each condition of a watch with its outcome for one article, so that people see why they were told.  Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.decision import where
from alerts.scope import show
from alerts.state import Coverage
from alerts.watch import Scope, Term, Watch


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its name in the settings, whether it holds, and what was found."""

    name: str
    holds: bool
    found: str


def article_conditions(watch: Watch, coverage: Coverage, names: Mapping[str, str]) -> Iterator[Condition]:
    """What the watch asks of an article, in the order of the settings."""
    there = {mention.entity for mention in coverage.mentions}
    for term in watch.terms:
        present = sorted(term & there)
        said = ", ".join(names.get(entity, entity) for entity in present)
        yield Condition("named", bool(present), said or f"nobody of {_either(term, names)}")
    if all(not term.isdisjoint(there) for term in watch.terms):
        yield _together(watch, coverage)
    if watch.refused:
        refused = sorted(watch.refused & there)
        said = ", ".join(names.get(entity, entity) for entity in refused)
        free = (
            not refused
            or show(coverage.sentences, coverage.mentions, watch.terms, watch.scope, watch.refused) is not None
        )
        yield Condition("none", free, said or "nobody who is refused")
    if watch.words:
        found = sorted(watch.words & set(coverage.words))
        yield Condition("words", bool(found), ", ".join(found) or f"none of {', '.join(sorted(watch.words))}")
    if watch.without_words:
        found = sorted(watch.without_words & set(coverage.words))
        yield Condition("without_words", not found, ", ".join(found) or "none of them")
    if watch.languages:
        yield Condition("languages", coverage.language in watch.languages, coverage.language)
    if watch.outlets is not None:
        yield Condition("outlets", coverage.outlet in watch.outlets, coverage.outlet)
    if watch.cites:
        cited = ", ".join(coverage.citations)
        holds = not watch.cites.isdisjoint(map(str.casefold, coverage.citations))
        yield Condition("cites", holds, cited or "cites nobody")


def story_conditions(watch: Watch, independent: Sequence[str], at: datetime) -> Iterator[Condition]:
    """What the watch asks of the story and of the time."""
    count = watch.covered_by(independent)
    if watch.min_outlets > 1:
        yield Condition(
            "min_outlets", count >= watch.min_outlets, f"{count} of {watch.min_outlets} independent outlets"
        )
    if watch.expires is not None:
        yield Condition("expires", at < watch.expires, f"{watch.expires:%Y-%m-%d %H:%M %Z}")


def _together(watch: Watch, coverage: Coverage) -> Condition:
    shown = show(coverage.sentences, coverage.mentions, watch.terms, watch.scope)
    if shown is not None:
        return Condition("scope", True, where(shown))
    apart = show(coverage.sentences, coverage.mentions, watch.terms, Scope.ARTICLE)
    assert apart is not None, "every term is named"
    return Condition("scope", False, f"{where(apart)}, not in one {watch.scope.value}")


def _either(term: Term, names: Mapping[str, str]) -> str:
    return " or ".join(sorted(names.get(entity, entity) for entity in term))
