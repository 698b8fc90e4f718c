"""A settings file is refused with all its faults at once, each with its path and the nearest known name."""

from datetime import timedelta
from pathlib import Path

import pytest

from console.starter import starter_settings
from wire.errors import BadSettings, Exit
from wire.settings import Settings, parse_span
from wire.settings_base import EXPECTED
from wire.settings_file import load_settings

GOOD = """
[ingest]
contact = "desk@example.org"
[[outlet]]
id = "cnn"
name = "CNN"
[[outlet.feed]]
url = "https://feeds.example.org/world.xml"
[[watch]]
name = "pair"
all = ["Elon Musk", "vladimir-putin"]
channels = ["terminal"]
[[channel]]
kind = "console"
name = "terminal"
"""
CASES = {  # name: (replaced, by, words of the fault)
    "unknown key, near one": ('contact = "desk', 'contakt = "desk', ["ingest.contakt", "did you mean contact?"]),
    "rows for a table": ("[ingest]", "[[ingest]]", ["ingest: a table was expected"]),
    "a list for a table": ("[ingest]\n", "cluster = []\n[ingest]\n", ["cluster: a table was expected"]),
    "a table for rows": ("[[outlet.feed]]", "[outlet.feed]", ["outlet[0].feed: a list was expected"]),
    "unknown table": ("[ingest]", "[injest]", ["injest", "did you mean ingest?"]),
    "bad span": (
        "[[outlet]]\nid",
        '[cluster]\nwindow = "4 weeks"\n[[outlet]]\nid',
        ["cluster.window", "'4 weeks'", "90 s"],
    ),
    "bad size": ("[ingest]", '[log]\nkeep.articles.bytes = "much"\n[ingest]', ["log.keep.articles.bytes", "'20 GB'"]),
    "too small to be meant": ("[ingest]", '[log]\nkeep.alerts.bytes = "1 MB"\n[ingest]', ["log.keep.alerts.bytes"]),
    "shorter than the window": (
        "[ingest]",
        '[log]\nkeep.enriched.time = "2 d"\n[ingest]',
        ["log.keep.enriched.time", "cluster.window (4 days"],
    ),
    "unknown channel": ('["terminal"]', '["terminl"]', ["watch[0].channels", "did you mean terminal?"]),
    "unknown entity": ('"Elon Musk"', '"Elon Mask"', ["watch[0].all", "elon-musk"]),
    "no address": ("https://feeds", "ftp://feeds", ["outlet[0].feed[0].url", "http or https address was expected"]),
    "an address without end": (
        "https://feeds.example.org",
        "https://[feeds",
        ["outlet[0].feed[0].url", "http or https"],
    ),
    "no such port": ("feeds.example.org/", "feeds.example.org:99999/", ["outlet[0].feed[0].url", "http or https"]),
    "no public address": ("[ingest]", '[page]\npublic_url = "ftp://x"\n[ingest]', ["page.public_url", "without query"]),
    "a span without end": (
        "[ingest]",
        '[cluster]\nwindow = "999999999999 d"\n[ingest]',
        ["cluster.window", "50 years"],
    ),
    "a size without end": (
        "[ingest]",
        f'[log]\nkeep.articles.bytes = "{"9" * 400} GB"\n[ingest]',
        ["log.keep.articles.bytes"],
    ),
    "no number": ("[ingest]", "[ingest]\nsilent_after = inf", ["ingest.silent_after", "finite"]),
    "missing key": ('name = "CNN"\n', "", ["outlet[0].name", "required"]),
    "two of one name": (
        "[[channel]]",
        '[[channel]]\nkind = "console"\nname = "terminal"\n[[channel]]',
        ["channel", "2 times"],
    ),
    "nobody to reach": ("desk@example.org", "", ["ingest.contact", "is empty"]),
    "secret in the open": ('kind = "console"', 'kind = "slack"\nwebhook = "https://x"', ["channel[0].slack.webhook"]),
}


def load(text: str, folder: Path) -> Settings:
    path = folder / "wirewatch.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)[0]


def test_names_of_entities_become_ids_and_paths_lie_beside_the_file(tmp_path: Path) -> None:
    settings = load(GOOD, tmp_path)
    assert settings.watch[0].all == ("elon-musk", "vladimir-putin")
    assert settings.log.path == tmp_path / "wirewatch.db"


@pytest.mark.parametrize(("replaced", "by", "words"), CASES.values(), ids=CASES.keys())
def test_a_fault_names_its_place_and_what_is_allowed(tmp_path: Path, replaced: str, by: str, words: list[str]) -> None:
    assert replaced in GOOD
    with pytest.raises(BadSettings) as raised:
        load(GOOD.replace(replaced, by, 1), tmp_path)
    assert raised.value.exit is Exit.USAGE
    for word in words:
        assert word in str(raised.value)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    """Faults of form and names that nobody knows, though the former stand before and beside the latter."""
    text = (
        GOOD.replace('contact = "desk', 'shortest_intervall = "1 h"\ncontact = "desk')
        .replace('name = "CNN"\n', "")
        .replace("https://f", "ftp://f")
        .replace("[[watch]]", '[[watch]]\nname = "no entities"\n[[watch]]')
        .replace('"Elon Musk"', '"Elon Mask"')
        .replace('"terminal"]', '"terminl"]\noutlets = ["cnn", "cmn"]')
    )
    with pytest.raises(BadSettings) as raised:
        load(text, tmp_path)
    assert [fault.path for fault in raised.value.faults] == [
        "ingest.shortest_intervall",
        "outlet[0].name",
        "outlet[0].feed[0].url",
        "watch[0].name",
        "watch[0].channels",
        "watch[1].all",
        "watch[1].outlets",
        "watch[1].channels",
    ]


def test_a_faulty_channel_is_still_a_known_name(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="1 fault") as raised:
        load(GOOD.replace('kind = "console"', 'kind = "consol"'), tmp_path)
    assert "channel[0]" in str(raised.value)


def test_a_secret_is_never_said(tmp_path: Path) -> None:
    text = GOOD.replace('kind = "console"', 'kind = "slack"\nwebhook = "https://hooks.example.org/s3cret"')
    with pytest.raises(BadSettings) as raised:
        load(text, tmp_path)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("text", ["[log\n\n[ingest]\n", "a = 1\na = 2\nb = 3\n"])
def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match="line"):
        load(text, tmp_path)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="wirewatch init"):
        load_settings(tmp_path / "none.toml")


def test_the_starter_is_good_once_it_has_a_contact(tmp_path: Path) -> None:
    settings = load(starter_settings("desk@example.org"), tmp_path)
    assert len(settings.outlet) >= 10
    with pytest.raises(BadSettings, match=r"ingest\.contact"):
        load(starter_settings(), tmp_path)


def test_a_pattern_is_told_in_words() -> None:
    """Nobody is shown a regular expression, or a traceback in its place."""
    schemas = [Settings.model_json_schema()]
    patterns = set()
    while schemas:
        schema = schemas.pop()
        patterns |= {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        below = [part for value in schema.values() for part in (value if isinstance(value, list) else [value])]
        schemas += [part for part in below if isinstance(part, dict)]
    assert len(patterns) > 5
    assert patterns <= EXPECTED.keys()


def test_what_cannot_be_read_is_said_without_error_numbers(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read: Is a directory"):
        load_settings(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSettings, match="no UTF-8 text"):
        load_settings(tmp_path / "bytes.toml")


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """Editors of Windows write one."""
    path = tmp_path / "wirewatch.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_settings(path)[0].outlet[0].id == "cnn"


SPANS = {"90 s": 90, "5 min": 300, "5m": 300, "24 h": 86_400, "4d": 345_600, "250 ms": 0.25, "1.5 h": 5400}


@pytest.mark.parametrize(("said", "seconds"), SPANS.items())
def test_spans(said: str, seconds: float) -> None:
    assert parse_span(said) == timedelta(seconds=seconds)


@pytest.mark.parametrize("said", ["", "5", "5 weeks", "-1 s", 5, None])
def test_what_is_no_span(said: object) -> None:
    with pytest.raises(ValueError, match="time span"):
        parse_span(said)
