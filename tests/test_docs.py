"""The documentation and the program say the same."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_reference", DOCS / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "topics.md", "errors.md", "metrics.md"])
def test_the_reference_is_what_the_program_says(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == writer().pages()[name], "run: python docs/write_reference.py"


def test_every_command_that_the_documentation_names_exists() -> None:
    known = set(re.findall(r"^## wirewatch (\w+)", (DOCS / "reference/commands.md").read_text(encoding="utf-8"), re.M))
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    named = {
        (word, page.name)
        for page in pages
        if "_build" not in page.parts
        for word in re.findall(r"(?:^    |`)wirewatch ([a-z]+)", page.read_text(encoding="utf-8"), re.M)
    }
    assert named, "no page names a command"
    assert not {(word, page) for word, page in named if word not in known}


def test_every_command_has_an_example() -> None:
    sections = re.split(r"^## wirewatch ", (DOCS / "reference/commands.md").read_text(encoding="utf-8"), flags=re.M)[1:]
    assert len(sections) > 25
    for section in sections:
        name = section.splitlines()[0]
        assert re.search(rf"^    wirewatch {name}\b", section, re.M), f"wirewatch {name} has no example in its help"


def test_every_decision_has_a_number_of_its_own() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    heads = [page.read_text(encoding="utf-8").split(" ", 2)[1] for page in pages]
    assert heads == [f"{number}." for number in numbers]
