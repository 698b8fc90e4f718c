"""The page shows watches and entities as the files have them now, whichever file that is."""

from pathlib import Path

from console.page.context import Rules
from tests.console.program import GOOD, settings_file
from wire.settings_file import load_settings

WATCH = '[[watch]]\nname = "{name}"\nall = ["elon-musk"]\nchannels = ["terminal"]\n'


def rules(path: Path) -> Rules:
    return Rules(path, *load_settings(path))


def watches(known: Rules) -> list[str]:
    return [watch.name for watch in known.now()[0].watch]


def test_files_of_watches_come_and_go(tmp_path: Path) -> None:
    known = rules(settings_file(tmp_path))
    more = tmp_path / "watches" / "desk.toml"
    more.parent.mkdir()
    more.write_text(WATCH.format(name="new"), encoding="utf-8")
    assert watches(known) == ["pair", "new"]
    more.write_text("no settings", encoding="utf-8")
    assert watches(known) == ["pair", "new"], "what is wrong changes nothing"
    more.unlink()
    assert watches(known) == ["pair"]


def test_entities_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "entities.toml"
    own.write_text("", encoding="utf-8")
    known = rules(settings_file(tmp_path, f'{GOOD}\n[enrich]\nentities = "entities.toml"\n'))
    assert "ada" not in {entity.id for entity in known.now()[1]}
    own.write_text('[ada]\nkind = "person"\nnames = { en = ["Ada Lovelace"] }\n', encoding="utf-8")
    assert "ada" in {entity.id for entity in known.now()[1]}
