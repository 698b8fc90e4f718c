"""`wirewatch tail`: a topic's records as lines."""

from contextlib import closing, suppress
from typing import Annotated

import typer

from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, MOST, JsonOption, SettingsOption, time_ago
from console.topics.tail import Filter
from console.topics.tail_run import follow_topic
from wire.log.port import Since
from wire.settings_file import load_settings


def tail(
    topic: Annotated[str, typer.Argument(help="A topic, such as news.alerts.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as records come; Ctrl-C ends.")] = False,
    last: Annotated[
        int | None, typer.Option("--last", "-n", min=0, max=MOST, help="Begin so many records before the end.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Begin so long ago, such as '2 h'.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Only of this outlet.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language.")] = None,
    story: Annotated[str | None, typer.Option(help="Only of this story.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only with this entity.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many were shown.")] = None,
    detailed: Annotated[bool, typer.Option("--details", help="Also where each stands, its cause and address.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Show a topic's records, one line each.

    Example: wirewatch tail news.alerts --follow
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        if topic not in log.topics:
            raise typer.BadParameter(f"{topic!r} is no topic; known: {', '.join(log.topics)}")
        chosen = Filter(outlet=outlet, language=language, story=story, entity=entity)
        beginning = Since(time=time_ago(since), last=last)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how a reader has seen enough
            follow_topic(log, topic, beginning, chosen, as_json=as_json, follow=follow, detailed=detailed, count=count)


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(tail)
