"""The bench of pairs asks the very stages: inflected names count, one name alone does not."""

from pathlib import Path

import msgspec

from bench.pairs import main

WATCHES = {
    "entities": {
        "PER-Musk": {"kind": "PER", "names": {"en": ["Elon Musk"], "uk": ["Ілон Маск"], "ru": ["Илон Маск"]}},
        "PER-Putin": {"kind": "PER", "names": {"en": ["Vladimir Putin"], "uk": ["Володимир Путін"]}},
    },
    "pairs": {"P1": ["PER-Musk", "PER-Putin"]},
}
ARTICLES = [
    {"id": "both", "lang": "uk", "title": "Про що говорив Ілон Маск", "text": "Розмова з Володимиром Путіним тривала."},
    {"id": "one", "lang": "uk", "title": "Ілона Маска бачили в Одесі", "text": "Більше нікого."},
    {"id": "again", "lang": "en", "title": "Elon Musk on Vladimir Putin", "text": ""},
]


def test_one_line_for_each_pair_and_article(tmp_path: Path) -> None:
    watches, articles, out = tmp_path / "w.json", tmp_path / "a.jsonl", tmp_path / "p.jsonl"
    watches.write_bytes(msgspec.json.encode(WATCHES))
    articles.write_bytes(b"\n".join(map(msgspec.json.encode, ARTICLES)))
    assert main(["--articles", str(articles), "--watches", str(watches), "--out", str(out)]) == 0
    found = [msgspec.json.decode(line) for line in out.read_bytes().splitlines()]
    assert found == [{"pair": "P1", "id": "both"}, {"pair": "P1", "id": "again"}]
