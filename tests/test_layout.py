"""The source itself: no clock, environment or chance off the rim, nothing swallowed, the client behind its backend."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("wire", "ingest", "enrich", "cluster", "alerts", "console", "demo", "bench")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
# The rim: where the time of day and the environment come in.
RIM = {"wire/clock.py", "console", "bench", "demo/server.py"}


def on_the_rim(path: Path) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return name in RIM or name.split("/")[0] in RIM


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_source(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not on_the_rim(path):
        forbidden = {
            "datetime.now",
            "datetime.utcnow",
            "time.time",
            "uuid.uuid4",
            "uuid4",
            "random.random",
            "os.getenv",
        }
        assert not forbidden & set(calls(tree))
        assert "os.environ" not in {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    if not path.relative_to(ROOT).as_posix().startswith("wire/log/kafka"):
        assert "kafka" not in imported, "only the Kafka backend knows the client"
    for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
        broad = handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
        assert not (broad and all(isinstance(part, ast.Pass | ast.Continue) for part in handler.body)), "swallowed"
