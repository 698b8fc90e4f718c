"""Odd feeds are read as they are meant: the table `odd_feeds.toml` is the specification, a found bug is a new row."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench.parse import lines_of, main
from ingest.errors import Unreadable
from ingest.parse import parse

CASES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("odd_feeds.toml").read_text(encoding="utf-8")
)["case"]


def test_there_are_cases() -> None:
    assert len(CASES) > 100


def read(case: dict[str, Any]) -> dict[str, Any]:
    body = case["document"].encode(case.get("encoding", "utf-8"))
    try:
        found = parse(body, "", "http://h.example/dir/feed.xml")
    except Unreadable as failure:
        return {"failed": failure.word.value}
    dates = [item.published or item.updated for item in found.items]
    return {
        "format": found.format,
        "items": [
            [item.title, item.url or "", "" if when is None else when.isoformat().replace("+00:00", "Z")]
            for item, when in zip(found.items, dates, strict=True)
        ],
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_odd_feed(case: dict[str, Any]) -> None:
    assert read(case) == {name: value for name, value in case.items() if name not in ("document", "encoding")}


def test_the_bench_writes_what_was_read(tmp_path: Path) -> None:
    folder, out = tmp_path / "feeds", tmp_path / "items.jsonl"
    folder.mkdir()
    (folder / "a.xml").write_text(CASES["atom03"]["document"], encoding="utf-8")
    (folder / "b.html").write_text("<html></html>", encoding="utf-8")
    assert main([str(folder), "--out", str(out)]) == 0
    first, second = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert first == {
        "file": str(folder / "a.xml"),
        "format": "atom03",
        "title": "a c",
        "url": "http://h.example/1",
        "published": "2026-03-01T10:00:00Z",
    }
    assert second["file"] == str(folder / "b.html")
    assert second["error"].startswith("html-page: ")
    assert list(lines_of(folder / "a.xml")) == [first]
