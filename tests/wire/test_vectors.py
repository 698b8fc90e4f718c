"""A vector survives the wire: as every reader sees it, once rounded never rounded again, and broken text is refused."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wire.errors import Undecodable
from wire.vectors import Vector, decode_vector, encode_vector, rounded

COMPONENTS = st.floats(min_value=-1, max_value=1, width=32)


def test_a_known_vector() -> None:
    assert encode_vector(np.array([1.0, -2.0], dtype=np.float32)) == base64.b64encode(b"\x00\x3c\x00\xc0").decode()


@given(arrays(np.float32, st.integers(0, 400), elements=COMPONENTS))
def test_rounding_is_bounded_and_happens_once(vector: Vector) -> None:
    once = rounded(vector)
    assert once.dtype == np.float32
    assert (np.abs(once - vector) <= np.maximum(np.abs(vector) * 2.0**-11, 3e-8)).all()
    assert np.array_equal(rounded(once), once)
    assert encode_vector(once) == encode_vector(vector)


def test_a_unit_vector_keeps_its_direction() -> None:
    vectors = np.random.default_rng(5).normal(size=(200, 384)).astype(np.float32)
    for vector in vectors / np.linalg.norm(vectors, axis=1, keepdims=True):
        stored = rounded(vector).astype(np.float64)
        assert abs(1 - stored @ vector / np.linalg.norm(stored)) < 1e-6
        assert len(encode_vector(vector)) == 1024


REFUSED = {  # name: (text, what is said)
    "not base64": ("*", "base64"),
    "half a component": (base64.b64encode(b"\x00\x3c\x00").decode(), "no whole number"),
    "not a number": (base64.b64encode(b"\x00\x7e").decode(), "not finite"),
    "infinite": (base64.b64encode(b"\x00\xfc" + bytes(766)).decode(), "not finite"),
    "not ASCII": ("ї", "ASCII"),
}


def test_the_largest_components_are_finite() -> None:
    vector = np.full(4096, -65_504, dtype=np.float32)
    assert np.array_equal(rounded(vector), vector)


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_broken_text(text: str, said: str) -> None:
    with pytest.raises(Undecodable, match=said):
        decode_vector(text)


@pytest.mark.parametrize("component", [np.nan, np.inf, 1e6])
def test_what_float16_cannot_hold_is_refused(component: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        encode_vector(np.array([component], dtype=np.float32))


def test_a_matrix_is_no_vector() -> None:
    with pytest.raises(ValueError, match="one dimension"):
        encode_vector(np.zeros((2, 2), dtype=np.float32))
