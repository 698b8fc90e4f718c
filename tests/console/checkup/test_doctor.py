"""The doctor calls well only what a service could use, and is stopped by nothing that it finds."""

from pathlib import Path

import pytest

from console.checkup.doctor import Finding, Word, examine
from tests.console.program import GOOD, settings_file
from tests.messages import NOON

MODELS = {  # enrich.model: whether enrich could find it, or fetch it
    "some-owner/some-model": Word.WELL,
    "/gone/folder": Word.WRONG,
    "./models/gone": Word.WRONG,
    "models/of/ours": Word.WRONG,
    "gone": Word.WRONG,
}


def found(folder: Path, check: str, more: str) -> list[Finding]:
    return [one for one in examine(settings_file(folder, GOOD + more), NOON) if one.check == check]


@pytest.mark.parametrize(("model", "word"), MODELS.items(), ids=MODELS)
def test_a_model_is_a_folder_that_is_there_or_has_a_name_on_the_hub(model: str, word: Word, tmp_path: Path) -> None:
    (one,) = found(tmp_path, "model", f'[enrich]\nmodel = "{model}"\n')
    assert (one.word, one.what.split(",")[0].split(" ")[0]) == (word, model)


@pytest.mark.parametrize("host", ["mail..example", "m" * 70])
def test_a_host_that_cannot_be_one(host: str, tmp_path: Path) -> None:
    mail = (
        f'[[channel]]\nkind = "email"\nname = "mail"\nhost = "{host}"\nsender = "a@b.example"\nto = ["c@d.example"]\n'
    )
    *_, one = found(tmp_path, "channels", mail)
    assert one.word is Word.WRONG
    assert "cannot be reached" in one.what
