"""A labelled set becomes a stream in order of event time; undated lines go with the line before."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.gold import GoldLine, in_event_time_order, read_gold


def line(name: str, published: str | None = None) -> GoldLine:
    return GoldLine(id=name, title=name, published=published)


def test_order() -> None:
    arrivals = in_event_time_order(
        [
            line("undated first"),
            line("noon", "2026-03-01T12:00:00Z"),
            line("undated with noon"),
            line("one o'clock in Kyiv", "2026-03-01T13:00:00+02:00"),
            line("a date alone", "2026-03-01"),
            line("a naive time", "2026-03-01T10:00:00"),
        ]
    )
    expected = ["undated first", "a date alone", "a naive time", "one o'clock in Kyiv", "noon", "undated with noon"]
    assert [arrival.id for arrival in arrivals] == expected
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert [arrival.article.event_time for arrival in arrivals[-2:]] == [noon, noon]


def test_labels_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "1", "title": "t", "lang": "uk", "cluster": "secret"}\n\n', encoding="utf-8")
    (found,) = read_gold(path)
    assert found == GoldLine(id="1", title="t", lang="uk")
    assert "secret" not in str(in_event_time_order([found]))


def test_an_outlet_that_is_not_told_is_nobody_elses() -> None:
    one, other = in_event_time_order([line("one"), line("other")])
    assert one.article.outlet != other.article.outlet


def test_a_line_that_is_no_article_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "1", "title": "t"}\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"gold\.jsonl, line 2: .*title"):
        read_gold(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "gold.jsonl"
    assert main(["language", "--articles", str(missing)]) == 2
    assert f"error: {missing}: No such file" in capsys.readouterr().err
