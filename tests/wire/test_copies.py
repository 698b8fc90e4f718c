"""Signatures are compared byte by byte, and what is none is refused."""

import base64

import pytest

from wire.copies import MINIMA, decode_signature, resemblance
from wire.errors import Undecodable


def signature(*, other: int) -> str:
    """One whose first `other` bytes are unlike those of `signature(other=0)`."""
    return base64.b64encode(bytes([1] * other + [0] * (MINIMA - other))).decode("ascii")


@pytest.mark.parametrize(("other", "alike"), [(0, 1.0), (32, 0.498), (MINIMA, 0.0)])
def test_what_agrees_by_chance_does_not_count(other: int, alike: float) -> None:
    assert resemblance(signature(other=0), signature(other=other)) == pytest.approx(alike, abs=0.001)


def test_no_signature_resembles_nothing() -> None:
    assert resemblance("", signature(other=0)) == resemblance("", "") == 0.0


@pytest.mark.parametrize("signature", ["", "%", "AAAA"])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    with pytest.raises(Undecodable):
        decode_signature(signature)
