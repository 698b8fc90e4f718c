"""Where entities stand together, and which words show it."""

import pytest

from alerts.scope import Nearness, show
from alerts.watch import Scope, Term
from tests.story_events import Line, body, headline, reading
from wire.messages import Place

BOTH_ABOVE = (headline("*MUSK* met *PUTIN*"), body("Nobody said why *MUSK* went"))
ONE_EACH = (headline("*MUSK* went east"), body("He saw *PUTIN* there"))
TWO_SENTENCES = (headline("A meeting"), body("*MUSK* came late"), body("*PUTIN* waited"))
TWO_PARAGRAPHS = (headline("A meeting"), body("*MUSK* came late"), body("*PUTIN* waited", 2))
LONG_AND_SHORT = (headline("News"), body("After long hours *MUSK* met *PUTIN* at last"), body("*MUSK* met *PUTIN*", 2))
ALONE = (headline("*MUSK* met *MUSK*"), body("*MUSK* again"))


def terms(*entities: str) -> tuple[Term, ...]:
    return tuple(frozenset((entity,)) for entity in entities)


H, S, P, A = Scope.HEADLINE, Scope.SENTENCE, Scope.PARAGRAPH, Scope.ARTICLE
CASES: dict[str, tuple[tuple[Line, ...], Scope, list[str] | None]] = {
    "headline: both in it": (BOTH_ABOVE, H, ["MUSK met PUTIN"]),
    "headline: one of them below": (ONE_EACH, H, None),
    "sentence: both in one": (BOTH_ABOVE, S, ["MUSK met PUTIN"]),
    "sentence: neighbours are not one": (TWO_SENTENCES, S, None),
    "paragraph: two sentences of one": (TWO_SENTENCES, P, ["MUSK came late", "PUTIN waited"]),
    "paragraph: two of them": (TWO_PARAGRAPHS, P, None),
    "paragraph: the headline is one of its own": (ONE_EACH, P, None),
    "article: anywhere": (TWO_PARAGRAPHS, A, ["MUSK came late", "PUTIN waited"]),
    "article: headline and text": (ONE_EACH, A, ["MUSK went east", "He saw PUTIN there"]),
    "article: one sentence with both beats two": (
        (headline("*MUSK* spoke"), body("*PUTIN* heard"), body("*MUSK* met *PUTIN*", 2)),
        A,
        ["MUSK met PUTIN"],
    ),
    "the headline comes before the text": (BOTH_ABOVE, A, ["MUSK met PUTIN"]),
    "of two in the text, the shorter": (LONG_AND_SHORT, A, ["MUSK met PUTIN"]),
    "one entity twice is not a pair": (ALONE, A, None),
    "nothing at all": ((headline("Rain"),), A, None),
    "story: within one text as article": (TWO_PARAGRAPHS, Scope.STORY, ["MUSK came late", "PUTIN waited"]),
}


@pytest.mark.parametrize(("lines", "scope", "texts"), CASES.values(), ids=CASES.keys())
def test_show(lines: tuple[Line, ...], scope: Scope, texts: list[str] | None) -> None:
    read = reading(*lines)
    shown = show(read.sentences, read.mentions, terms("musk", "putin"), scope)
    assert (None if shown is None else [snippet.text for snippet in shown.snippets]) == texts


def test_snippets_mark_what_was_asked_for_and_nothing_else() -> None:
    read = reading(headline("*NASA* asks why *MUSK* met *PUTIN*"))
    shown = show(read.sentences, read.mentions, terms("musk", "putin"), Scope.SENTENCE)
    assert shown is not None
    (snippet,) = shown.snippets
    assert [(s.entity, snippet.text[s.start : s.end]) for s in snippet.spans] == [("musk", "MUSK"), ("putin", "PUTIN")]
    assert (shown.nearness, shown.place) == (Nearness.SENTENCE, Place.HEADLINE)


def test_three_entities_need_few_sentences() -> None:
    read = reading(headline("*MUSK*"), body("*NASA* saw *PUTIN*"), body("*PUTIN*"), body("*NASA*"))
    shown = show(read.sentences, read.mentions, terms("musk", "putin", "nasa"), Scope.ARTICLE)
    assert shown is not None
    assert [snippet.text for snippet in shown.snippets] == ["MUSK", "NASA saw PUTIN"]


def test_any_entity_of_a_term_will_do_and_is_named() -> None:
    read = reading(headline("*BEZOS* met *PUTIN*"))
    shown = show(read.sentences, read.mentions, (frozenset(("musk", "bezos")), *terms("putin")), Scope.SENTENCE)
    assert shown is not None
    assert shown.entities == ("bezos", "putin")


REFUSED = {  # name: (lines, scope, whether it shows the pair although NASA is refused)
    "in the same sentence": ((headline("*NASA* asks why *MUSK* met *PUTIN*"),), S, False),
    "in another sentence": ((headline("*MUSK* met *PUTIN*"), body("*NASA* asks")), S, True),
    "in another paragraph": ((body("*MUSK* met *PUTIN*"), body("*NASA* asks", 2)), P, True),
    "anywhere in the article": ((body("*MUSK* met *PUTIN*"), body("*NASA* asks", 2)), A, False),
}


@pytest.mark.parametrize(("lines", "scope", "there"), REFUSED.values(), ids=REFUSED.keys())
def test_who_is_refused_is_refused_within_the_scope(lines: tuple[Line, ...], scope: Scope, there: bool) -> None:
    read = reading(*lines)
    shown = show(read.sentences, read.mentions, terms("musk", "putin"), scope, frozenset(("nasa",)))
    assert (shown is not None) == there
