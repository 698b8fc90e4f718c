"""What is embedded of an article, and that nothing is embedded twice while it is remembered."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.encoder import Encoder, RememberingEncoder, Vectors, space_name, vector_text
from tests.small_encoder import SmallEncoder

TEXTS = {  # name: (title, text) -> what is embedded
    "headline and lead": (("Port reopens", "Ships leave."), "Port reopens\nShips leave."),
    "headline alone": (("Port reopens", ""), "Port reopens"),
    "no headline": (("", "Ships leave."), "Ships leave."),
    "lead repeats the headline": (("Port reopens", "Port reopens\nShips leave."), "Port reopens\nShips leave."),
    "white space is folded": ((" Port\treopens ", "Ships\n\n leave."), "Port reopens\nShips leave."),
    "a label is left out": (("The Latest: Port reopens to ships", "They leave."), "Port reopens to ships\nThey leave."),
    "lead is cut": (("T", "x" * 1000), "T\n" + "x" * 400),
    "nothing": (("", ""), ""),
}


@pytest.mark.parametrize(("given_text", "embedded"), TEXTS.values(), ids=TEXTS.keys())
def test_vector_text(given_text: tuple[str, str], embedded: str) -> None:
    assert vector_text(*given_text) == embedded


def test_a_space_is_another_with_any_of_its_parts() -> None:
    spaces = [
        space_name("digest", "query: ", "mean", 384),
        space_name("other", "query: ", "mean", 384),
        space_name("digest", "passage: ", "mean", 384),
        space_name("digest", "query: ", "cls", 384),
        space_name("digest", "query: ", "mean", 768),
    ]
    assert len(set(spaces)) == len(spaces)


class Counting:
    """The small encoder, with a list of what it was asked for."""

    space = SmallEncoder.space
    way = SmallEncoder.way

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return SmallEncoder().encode(texts)


def test_repeats_cost_nothing() -> None:
    counting = Counting()
    remembering = RememberingEncoder(counting)
    remembering.encode(["a port", "a bridge", "a port"])
    remembering.encode(["a bridge", "a road"])
    assert counting.asked == ["a port", "a bridge", "a road"]
    assert (remembering.hits, remembering.misses) == (2, 3)


def test_the_longest_unused_is_forgotten() -> None:
    counting = Counting()
    remembering = RememberingEncoder(counting, kept_vectors=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        remembering.encode([text])
    assert counting.asked == ["a", "b", "c", "b"]


@given(st.lists(st.lists(st.sampled_from(["", "a", "порт", "port", "\ud800", "é" * 50]))), st.integers(1, 4))
def test_remembering_changes_no_vector(batches: list[list[str]], kept_vectors: int) -> None:
    plain: Encoder = SmallEncoder()
    remembering: Encoder = RememberingEncoder(plain, kept_vectors)
    assert (remembering.space, remembering.way) == (plain.space, plain.way)
    for batch in batches:
        vectors = remembering.encode(batch)
        assert vectors.shape == (len(batch), 384)
        assert np.array_equal(vectors, plain.encode(batch))
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_memory_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RememberingEncoder(SmallEncoder(), kept_vectors=0)
