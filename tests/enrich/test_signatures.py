"""Signatures tell copies from other texts about as well as the texts themselves would."""

import random

import pytest

from enrich.signatures import copy_signature
from wire.copies import resemblance

WORDS = [f"word{n}" for n in range(2000)]


def text_of(seed: int, words: int = 300) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def trigrams(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


@pytest.mark.parametrize("changed", [0, 5, 20, 60])
def test_the_estimate_is_near_the_truth(changed: int) -> None:
    one = text_of(1)
    other = list(one)
    for at in random.Random(2).sample(range(len(one)), changed):
        other[at] = "changed"
    true = len(trigrams(one) & trigrams(other)) / len(trigrams(one) | trigrams(other))
    assert abs(resemblance(copy_signature(" ".join(one)), copy_signature(" ".join(other))) - true) < 0.19  # 3 errors


def test_case_signs_and_spaces_do_not_count() -> None:
    assert copy_signature("Порт Одеси,  відновив роботу!") == copy_signature("порт одеси відновив РОБОТУ")


def test_other_texts_do_not_resemble() -> None:
    assert resemblance(copy_signature(" ".join(text_of(3))), copy_signature(" ".join(text_of(4)))) < 0.1


def test_a_signature_never_changes_its_meaning() -> None:
    """It is kept in the log: an upgrade of the library must not give old texts new signatures."""
    signature = copy_signature("the port of Odesa works again since Monday")
    assert len(signature) == 88
    assert signature == "9jZv/1n0201mBejsSbR9SBtS+zwudlvb36yDjUuRa1KjnkDPip3+aVndH47bY3vppvaHfb46/8R1nkhHvXpvYw=="


@pytest.mark.parametrize("text", ["", "two words", "\ud800", "🙂🙂🙂"])
def test_short_texts_have_none_and_resemble_nothing(text: str) -> None:
    assert copy_signature(text) == ""
    assert resemblance(copy_signature(text), copy_signature(text)) == 0.0


def test_a_huge_text_is_read_to_its_limit() -> None:
    assert copy_signature("word another third " * 100_000) != ""
