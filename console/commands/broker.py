"""`wirewatch broker`: a real Kafka for trying things out."""

import signal
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from console.options import say


def broker(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Where clients connect; 0 takes a free port.")] = 9092,
    folder: Annotated[Path, typer.Option(help="Where it keeps its data.")] = Path("wirewatch-broker"),
) -> None:
    """Run a real single-node Kafka for trying things out; Ctrl-C ends it.

    Example: wirewatch broker --port 9092
    """
    from wire.broker import Broker

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: ended.set())
    with Broker(folder, port=port) as running:
        say(f"Kafka is ready at {running.bootstrap}; Ctrl-C ends it")
        print(running.bootstrap, flush=True)
        ended.wait()


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(broker)
