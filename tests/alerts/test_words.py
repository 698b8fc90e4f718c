"""Words and phrases that watches ask for, in any case and with a star for endings."""

import pytest

from alerts.words import WordIndex

CASES = {  # name: (phrase, text, whether it is there)
    "a whole word in any case": ("Sanctions", "New SANCTIONS on oil", True),
    "no part of a word": ("oil", "Turmoil in the market", False),
    "a star is any ending": ("санкці*", "Нові санкціями проти", True),
    "a star is also no ending": ("sanction*", "one sanction", True),
    "a phrase in order": ("oil price*", "The oil prices fell", True),
    "not apart": ("oil price*", "The oil and the prices", False),
    "at the very end": ("oil price", "about the oil", False),
    "one apostrophe is like another": ("п'ять", "П’ять років", True),
    "letters in two parts, as some systems write them": ("київ*", "У Ки\u0456\u0308ві тихо", True),
    "and in the phrase": ("Ки\u0456\u0308в*", "У Києві, у Київі", True),
    "yo is ye": ("елка", "Ёлка в Киеве", True),
    "nothing but signs asks for nothing": ("***", "*** all ***", False),
}


@pytest.mark.parametrize(("phrase", "text", "there"), CASES.values(), ids=CASES.keys())
def test_find(phrase: str, text: str, there: bool) -> None:
    assert WordIndex([phrase, "other"]).find(text) == (frozenset((phrase,)) if there else frozenset())


def test_without_phrases_nothing_is_found() -> None:
    assert WordIndex([]).find("anything") == frozenset()
