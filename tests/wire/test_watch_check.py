"""Watches are judged together: unknown names with the nearest, contradictions, doubles; files beside the settings."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from wire.errors import BadSettings
from wire.settings_file import load_settings
from wire.watch_check import watch_notes
from wire.watch_settings import last_moment

BASE = """
[ingest]
contact = "desk@example.org"
[[outlet]]
id = "one"
name = "One"
kind = "agency"
languages = ["en"]
[[outlet]]
id = "two"
name = "Two"
languages = ["en"]
[[group]]
name = "leaders"
entities = ["Vladimir Putin", "donald-trump"]
[[channel]]
kind = "console"
name = "terminal"
"""


def watch(said: str, name: str = "w") -> str:
    return f'[[watch]]\nname = "{name}"\nchannels = ["terminal"]\n{said}\n'


def load(folder: Path, text: str) -> list[str]:
    (folder / "wirewatch.toml").write_text(BASE + text, encoding="utf-8")
    try:
        load_settings(folder / "wirewatch.toml")
    except BadSettings as error:
        return [str(fault) for fault in error.faults]
    return []


GOOD = {
    "a pair": 'all = ["elon-musk", "Vladimir Putin"]',
    "a group": 'all = ["elon-musk", "leaders"]\nnone = ["donald-trump"]',
    "never expires, as many write it": 'all = ["elon-musk"]\nexpires = 9999-12-31',
    "any": 'any = ["elon-musk", "leaders"]',
    "all that a watch can say": """
all = ["elon-musk"]
words = ["grain*"]
without_words = ["sport"]
kinds = ["agency"]
cites = ["two"]
expires = 2026-12-31
updates = ["language", "outlet"]
update_outlets = ["two"]
cooldown = "2 h"
urgency = "high"
zone = "Europe/Kyiv"
quiet = {start = "22:00", end = "07:00"}
digest = {at = ["08:00"], days = ["mon"]}
flood = {most = 5, within = "1 h"}
""",
}


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD.keys())
def test_good_watches(tmp_path: Path, said: str) -> None:
    assert load(tmp_path, watch(said)) == []


BAD = {  # name: (watches, the faults' words)
    "an entity that nobody knows": (
        watch('all = ["elon-mask"]'),
        ["watch[0].all: 'elon-mask' is no entity of the catalogue; did you mean elon-musk"],
    ),
    "a group that nobody knows": (watch('all = ["leeders"]'), ["did you mean", "leaders"]),
    "an unknown entity of `none`": (watch('all = ["elon-musk"]\nnone = ["x-y-z"]'), ["watch[0].none: 'x-y-z'"]),
    "nothing asked for": (watch('none = ["elon-musk"]'), ["at least one entity or group"]),
    "demanded and refused": (
        watch('all = ["elon-musk"]\nnone = ["Elon Musk"]'),
        ["watch[0].none: refuses 'elon-musk', which `all` demands: this watch can never speak"],
    ),
    "a group demanded, all of it refused": (watch('all = ["leaders"]\nnone = ["leaders"]'), ["can never speak"]),
    "all of any refused": (watch('any = ["elon-musk"]\nnone = ["elon-musk"]'), ["refuses all of `any`"]),
    "a word asked for and refused": (
        watch('all = ["elon-musk"]\nwords = ["Grain"]\nwithout_words = ["grain"]'),
        ["refuses 'grain', which `words` asks for"],
    ),
    "more outlets than there are": (watch('all = ["elon-musk"]\nmin_outlets = 3'), ["it may count only 2"]),
    "no outlet of its kind": (watch('all = ["elon-musk"]\nkinds = ["blog"]'), ["no outlet that it may speak of"]),
    "an unknown cited outlet": (watch('all = ["elon-musk"]\ncites = ["tow"]'), ["watch[0].cites: 'tow'", "two"]),
    "the same twice": (
        watch('all = ["elon-musk", "putin-x"]'.replace("putin-x", "vladimir-putin"))
        + watch('all = ["Vladimir Putin", "elon-musk"]', "other"),
        ["w and other are the same but for their names"],
    ),
    "a zone that nobody knows": (
        watch('all = ["elon-musk"]\nzone = "Europe/Kyjiw"'),
        ["a time zone of the IANA"],
    ),
    "no time of day": (watch('all = ["elon-musk"]\nquiet = {start = "22", end = "07:00"}'), ["a time of day was"]),
    "quiet always": (watch('all = ["elon-musk"]\nquiet = {start = "7:00", end = "07:00"}'), ["are the same"]),
    "outlets without asking for their updates": (
        watch('all = ["elon-musk"]\nupdate_outlets = ["one"]'),
        ['updates does not have "outlet"'],
    ),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_bad_watches(tmp_path: Path, text: str, words: list[str]) -> None:
    faults = load(tmp_path, text)
    assert len(faults) == 1, faults
    assert all(word in faults[0] for word in words), faults


def test_watches_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "b.toml").write_text(watch('all = ["elon-musk"]', "second"))
    (tmp_path / "watches" / "a.toml").write_text('[[group]]\nname = "g"\nentities = ["elon-musk"]\n')
    assert load(tmp_path, watch('all = ["g"]', "first")) == []
    settings, _ = load_settings(tmp_path / "wirewatch.toml")
    assert [w.name for w in settings.watch] == ["first", "second"]
    assert [g.name for g in settings.group] == ["leaders", "g"]


def test_a_fault_names_the_file_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "a.toml").write_text(
        watch('all = ["elon-musk"]', "good") + watch('all = ["nobody-at-all"]', "bad")
    )
    (fault,) = load(tmp_path, watch('all = ["vladimir-putin"]'))
    assert fault.startswith("watches/a.toml: watch[1].all: 'nobody-at-all'")
    (tmp_path / "watches" / "a.toml").write_text(watch('all = ["elon-musk"]\nchanels = ["x"]', "bad"))
    (fault,) = load(tmp_path, watch('all = ["vladimir-putin"]'))
    assert fault.startswith("watches/a.toml: watch[0].chanels: is not a known key")


def test_only_watches_and_groups_stand_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "a.toml").write_text('[log]\npath = "x"\n')
    assert load(tmp_path, "") == ["watches/a.toml: log: only [[watch]] and [[group]] stand here"]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_watch_that_never_expires_is_in_force(zone: str) -> None:
    assert last_moment(date.max, zone) > datetime(9999, 1, 1, tzinfo=UTC)


def test_what_is_hardly_meant_is_noted(tmp_path: Path) -> None:
    (tmp_path / "wirewatch.toml").write_text(
        BASE
        + watch('all = ["elon-musk"]\nexpires = 2026-01-01', "old")
        + watch('all = ["elon-musk"]\nlanguages = ["uk"]\noutlets = ["one"]', "mute")
        + watch('all = ["vladimir-putin"]', "a")
        + watch('all = ["vladimir-putin"]\nurgency = "high"', "b")
        + watch('all = ["donald-trump"]\nwords = ["oil", "€"]\nwithout_words = ["***"]', "signs"),
        encoding="utf-8",
    )
    settings, _ = load_settings(tmp_path / "wirewatch.toml")
    notes = list(watch_notes(settings, datetime(2026, 1, 2, tzinfo=UTC)))
    assert len(notes) == 5
    assert "has expired" in notes[0]
    assert "none of its outlets publishes in" in notes[1]
    assert "'€', which has no letter or digit" in notes[2]
    assert "'***'" in notes[3]
    assert "a, b ask the same" in notes[4]
