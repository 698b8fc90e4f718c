"""The stories that cost most come first, with the parts that show what went wrong."""

from pathlib import Path

import pytest

from bench.bcubed import bcubed
from bench.errors import Labelled, main, worst_errors


def pairs(*rows: str) -> list[tuple[Labelled, str]]:
    """Of words like `A1`: an article labelled A and answered 1."""
    return [(Labelled(id=str(at), cluster=row[0]), row[1]) for at, row in enumerate(rows)]


def test_bcubed_by_hand() -> None:
    score = bcubed("AAAB", "1122")
    assert score == pytest.approx((0.75, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4))
    assert score.f1 == pytest.approx(2 * 0.75 * (2 / 3) / (0.75 + 2 / 3))


def test_an_answer_without_errors_has_none() -> None:
    assert not worst_errors(pairs("A1", "A1", "B2"))


def test_a_join_and_a_split_are_told_apart() -> None:
    (join,) = worst_errors(pairs("A1", "A1", "B1", "C2"))
    assert (join.kind, join.story, {story: len(part) for story, part in join.parts.items()}) == (
        "join",
        "1",
        {"A": 2, "B": 1},
    )
    (split,) = worst_errors(pairs("A1", "A1", "A2", "C3"))
    assert (split.kind, split.story, list(split.parts)) == ("split", "A", ["1", "2"])


def test_a_cost_is_what_mending_alone_would_give() -> None:
    rows = ["A1", "A1", "B1"] + [f"{name}{name}" for name in "CDEFGHIJKLMNOPQRSTUVWXYZ" * 8]
    (join,) = worst_errors(pairs(*rows))
    gold, said = zip(*((row[0], row[1]) for row in rows), strict=True)
    assert join.cost == pytest.approx(1 - bcubed(gold, said).f1, rel=0.01)


def test_the_dearest_is_printed_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, answer = tmp_path / "gold", tmp_path / "answer"
    gold.write_text("".join(f'{{"id":"{at}","cluster":"{name}"}}\n' for at, name in enumerate("AAAABBC")))
    answer.write_text("".join(f'{{"id":"{at}","story":"{name}"}}\n' for at, name in enumerate("112233")))
    assert main([str(gold), str(answer), "--count", "1"]) == 0
    assert capsys.readouterr().out.startswith("1. split A: ")
