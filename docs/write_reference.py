"""Write `docs/reference/` from the program itself: commands, settings, topics, errors, metrics.

    python docs/write_reference.py

A test holds the written pages against the program, so that they cannot drift apart.
"""

import importlib
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Union, get_args, get_origin

import typer.main
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.core import TyperCommand, TyperGroup, TyperOption

from console.main import app
from console.page.numbers import PageCollector
from console.services.stage_metrics import ModelMetrics, SendMetrics
from ingest.metrics import FeedMetrics
from wire import errors
from wire.metrics import LaneMetrics
from wire.process_metrics import process_metrics
from wire.settings import Settings
from wire.topics import STAGES, topic_catalogue

FOLDER = Path(__file__).parent / "reference"
Row = tuple[str, ...]


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "commands.md": _page("Commands", _commands()),
        "settings.md": _page("Settings", _settings()),
        "topics.md": _page("Topics", _topics()),
        "errors.md": _page("Errors and exit statuses", _errors()),
        "metrics.md": _page("Metrics", _metrics()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    note = "Written by `docs/write_reference.py` from the program itself; do not edit."
    return "\n".join([f"# {title}", "", note, "", *lines]).rstrip() + "\n"


def _table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _commands() -> Iterator[str]:
    root = typer.main.get_command(app)
    yield (app.info.help or "").strip() if isinstance(app.info.help, str) else ""
    yield ""
    assert isinstance(root, TyperGroup)
    context = typer.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if isinstance(command, TyperGroup):
            for below, inner in command.commands.items():
                assert isinstance(inner, TyperCommand)
                yield from _command(f"{name} {below}", inner)
        else:
            assert isinstance(command, TyperCommand)
            yield from _command(name, command)


def _command(name: str, command: TyperCommand) -> Iterator[str]:
    about, _, example = (command.help or "").partition("Example:")
    yield f"## wirewatch {name}"
    yield ""
    yield " ".join(about.split())
    yield ""
    yield f"    {' '.join(example.split())}"
    yield ""
    options = [p for p in command.params if not (isinstance(p, TyperOption) and p.hidden)]
    rows = [(f"`{' '.join(p.opts)}`", getattr(p, "help", None) or "", _default(p.default)) for p in options]
    if rows:
        yield from _table(("option", "meaning", "default"), rows)


def _default(value: object) -> str:
    return "" if value is None or callable(value) or "Sentinel" in type(value).__name__ else f"`{value}`"


def _settings() -> Iterator[str]:
    yield "One file, `wirewatch.toml`; unknown keys are errors."
    yield "Time spans are written like `90 s`, `5 min`, `24 h` or `4 d`; sizes like `500 MB` or `20 GiB`."
    yield ""
    yield from _model("", Settings, set())


def _model(path: str, model: type[BaseModel], told: set[type[BaseModel]]) -> Iterator[str]:
    plain = {name: info for name, info in model.model_fields.items() if not _inner(info.annotation)}
    if path:
        yield f"## {path}"
        yield ""
        yield " ".join((model.__doc__ or "").split())
        yield ""
        rows = [
            (f"`{name}`", _type(info), "required" if info.is_required() else _value(info))
            for name, info in plain.items()
        ]
        yield from _table(("key", "kind", "default"), rows)
    for name, info in model.model_fields.items():
        for inner in _inner(info.annotation):
            if inner not in told:
                told.add(inner)
                many = "tuple" in str(info.annotation) and inner.__name__ != "SecretSource"
                below = f"{path}.{name}" if path else name
                yield from _model(f"[[{below}]] {_kind(inner)}".strip() if many else below, inner, told)


def _kind(model: type[BaseModel]) -> str:
    kind = model.model_fields.get("kind")
    values = get_args(kind.annotation) if kind is not None and kind.is_required() else ()
    return f'kind = "{values[0]}"' if values else ""


def _inner(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _inner(part)]


def _type(info: FieldInfo) -> str:
    return _type_words(info.annotation)


def _type_words(annotation: object) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return " or ".join(_type_words(part) for part in parts if part is not type(None))
    if origin is tuple:
        return f"list of {_type_words(parts[0])}"
    if origin is not None and "Literal" in str(origin):
        return ", ".join(f"`{part}`" for part in parts)
    if hasattr(annotation, "__metadata__"):
        return _type_words(parts[0])
    names = {"str": "text", "int": "number", "float": "number", "bool": "true or false", "timedelta": "time span"}
    name = getattr(annotation, "__name__", str(annotation))
    return names.get(name, name.lower())


def _value(info: FieldInfo) -> str:
    value = info.default
    if value is None or value in ((), ""):
        return "-"
    if hasattr(value, "total_seconds"):
        return f"`{value.total_seconds():g} s`"
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else value}`"


def _topics() -> Iterator[str]:
    topics = topic_catalogue()
    rows = [
        (
            f"`{topic.name}`",
            topic.key,
            topic.message.__name__ if topic.message else "state of its stage",
            topic.cleanup.value if topic.retention is None else f"{topic.retention.days} d",
            ", ".join(s.name for s in STAGES.values() if topic.name in s.outputs) or "-",
            ", ".join(s.name for s in STAGES.values() if topic.name in s.inputs) or "-",
        )
        for topic in topics.values()
    ]
    yield from _table(("topic", "key", "message", "kept", "written by", "read by"), rows)
    yield "The messages themselves: `wirewatch schema` prints them as AsyncAPI 3."


def _errors() -> Iterator[str]:
    for package in (
        "ingest",
        "enrich",
        "cluster",
        "console",
    ):  # their errors are in the tree once their modules are loaded
        importlib.import_module(f"{package}.errors")
    rows = [(str(int(status)), status.name.lower().replace("_", " ")) for status in errors.Exit]
    yield from _table(("exit status", "meaning"), rows)
    kinds = sorted(_below(errors.WireError), key=lambda kind: kind.code)
    yield from _table(
        ("code", "meaning", "exit status"),
        [(f"`{kind.code}`", (kind.__doc__ or "").splitlines()[0], str(int(kind.exit))) for kind in kinds],
    )
    yield "`extra-missing` (exit status 2) means that a command needs a package of an extra that is not installed."
    yield "`refused` (exit status 1) means that the system refused a command something: a full disk or the like."
    yield ""
    yield "In dead letters, `bug` is anything raised that is none of these, and `killer` a record at which the process"
    yield "died each time."


def _below(kind: type[errors.WireError]) -> list[type[errors.WireError]]:
    ours = ("wire", "ingest", "enrich", "cluster", "alerts", "console", "demo")
    found = [kind] if kind.__module__.split(".")[0] in ours else []
    return found + [below for child in kind.__subclasses__() for below in _below(child)]


def _metrics() -> Iterator[str]:
    registry = CollectorRegistry()
    LaneMetrics(registry)
    FeedMetrics(registry)
    ModelMetrics(registry)
    SendMetrics(registry)
    process_metrics(registry, FOLDER, lambda: ())
    registry.register(PageCollector(None))
    rows = [(f"`{metric.name}`", metric.type, metric.documentation) for metric in registry.collect()]
    yield "Every service answers `/metrics`, `/healthz` and `/readyz` on `health.port` plus its stage's place."
    yield "The live page answers `/metrics` and `/healthz` on its own port."
    yield ""
    yield from _table(("metric", "kind", "meaning"), sorted(rows))


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
