"""A labelled set becomes a stream in order of event time; undated lines go with the line before."""

from datetime import UTC, datetime
from pathlib import Path

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
