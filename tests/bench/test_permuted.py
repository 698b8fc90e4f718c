"""Articles come late, and nothing else of them changes."""

from datetime import timedelta
from pathlib import Path

import pytest

from bench.gold import GoldLine, in_event_time_order
from bench.permuted import delayed, main
from tests.small_encoder import SmallEncoder

LINES = [
    GoldLine(id=str(number), title=f"The ferry of {number} o'clock", published=f"2026-03-01T00:{number:02}")
    for number in range(40)
]


def test_each_is_late_by_at_most_the_time_given_and_keeps_its_event_time() -> None:
    arrivals = in_event_time_order(LINES)
    late = delayed(arrivals, timedelta(minutes=5), seed=1)
    assert late != arrivals
    assert late == delayed(arrivals, timedelta(minutes=5), seed=1)
    assert [one.article.seen for one in late] == sorted(one.article.seen for one in late)
    before = {one.id: one.article for one in arrivals}
    for one in late:
        assert timedelta(0) <= one.article.seen - before[one.id].seen <= timedelta(minutes=5)
        assert one.article.event_time == before[one.id].event_time


@pytest.mark.parametrize(("minutes", "moved"), [("0", 0), ("30", None)])
def test_the_same_order_gives_the_same_stories(
    minutes: str,
    moved: int | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bench.permuted.chosen_encoder", lambda options: SmallEncoder())
    articles = tmp_path / "set.jsonl"
    rows = (f'{{"id":"{line.id}","title":"{line.title}","published":"{line.published}"}}\n' for line in LINES)
    articles.write_text("".join(rows))
    assert main([str(articles), "--minutes", minutes]) == 0
    said = capsys.readouterr().out
    if moved is None:
        assert ": 0 of 40" not in said
    else:
        assert said == "seed 1: 0 of 40 articles in another place; the stories agree to 1.000\n"
