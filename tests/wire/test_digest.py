"""Two states have one digest exactly when they are equal."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from wire.digest import StateDigest, digest_of

STATES = st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=5)


@given(STATES, STATES, st.randoms(use_true_random=False))
def test_equal_states_alone_are_equal(one: dict[str, bytes], other: dict[str, bytes], chance: object) -> None:
    shuffled = list(one.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digest_of(shuffled) == digest_of(one.items())
    assert (digest_of(one.items()) == digest_of(other.items())) == (one == other)


def test_how_it_is_computed() -> None:
    """Others compute it too: the documentation says how."""
    sums = [int(sha256(pair).hexdigest(), 16) for pair in (b"a\0x", b"b\0y")]
    assert digest_of([("b", b"y"), ("a", b"x")]) == StateDigest(2, f"{sum(sums) % 2**256:064x}")
    assert digest_of([]) == StateDigest(0, "0" * 64)
