"""The packed file is read as it was written, and a broken one is refused, not guessed at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.conversion import tokenizer
from enrich.errors import BadPackedFile
from enrich.packed import read_packed
from tests.enrich.packed_file import HIDDEN, PIECES, REPLACEMENTS, SCORES, VOCABULARY, packed_file

FILE = packed_file()


def test_header_pieces_and_replacements() -> None:
    model = read_packed(FILE)
    assert (model.shape.hidden, model.shape.vocabulary, model.shape.token_types) == (HIDDEN, VOCABULARY, 2)
    assert model.pieces.texts == PIECES
    assert model.pieces.scores == SCORES
    assert (model.pieces.bos, model.pieces.pad, model.pieces.eos, model.pieces.unknown) == (0, 1, 2, 3)
    assert model.replacements == REPLACEMENTS


def test_tensors_of_both_kinds() -> None:
    model = read_packed(FILE)
    words = model.tensor("emb.word", VOCABULARY, HIDDEN)
    assert words.dtype == np.float32
    assert words[3].tolist() == [(place % 16 - 8) / 2 for place in range(HIDDEN)]
    assert model.tensor("emb.ln.w", HIDDEN).tolist() == [1.0] * HIDDEN


BROKEN = {  # name: (file, what is said)
    "another file": (b"PK\x03\x04" + FILE, "does not begin with E5S1"),
    "empty": (b"", "ends at 0 bytes"),
    "newer": (packed_file(version=2), "version 2, only 1 is known"),
    "cut in the pieces": (FILE[:120], "ends at 120 bytes"),
    "cut in the tensors": (FILE[:-1], "does not fit"),
}


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_are_named(content: bytes, said: str) -> None:
    with pytest.raises(BadPackedFile, match=said):
        read_packed(content)


@given(st.integers(min_value=0, max_value=len(FILE) - 1))
def test_no_cut_is_accepted(length: int) -> None:
    with pytest.raises(BadPackedFile):
        read_packed(FILE[:length])


def test_missing_or_misshapen_tensor() -> None:
    with pytest.raises(BadPackedFile, match=r"no tensor emb\.pos"):
        read_packed(packed_file(without="emb.pos")).tensor("emb.pos", 1)
    with pytest.raises(BadPackedFile, match="expected"):
        read_packed(FILE).tensor("emb.pos", 3, HIDDEN)


TOKENS = {  # text -> pieces
    "ab": ["<s>", "▁ab", "</s>"],
    "a\x07b": ["<s>", "▁ab", "</s>"],
    "a\t\u200b  b": ["<s>", "▁", "a", "▁", "b", "</s>"],
    "и\u0306": ["<s>", "▁", "й", "</s>"],  # decomposed
    "a?": ["<s>", "▁", "a", "?", "</s>"],
}


@pytest.mark.parametrize(("text", "pieces"), TOKENS.items(), ids=[ascii(text) for text in TOKENS])
def test_tokenizer(text: str, pieces: list[str]) -> None:
    assert tokenizer(read_packed(FILE)).encode(text).tokens == pieces
