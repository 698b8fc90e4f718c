"""`wirewatch topics` and `schema`: the topics as they should be, and what stands in them."""

from contextlib import closing
from importlib.metadata import version
from typing import Annotated

import msgspec
import typer

from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.topics.schema import asyncapi
from console.topics.topic_lines import topic_facts, topic_lines
from wire.errors import TopicMismatch
from wire.settings_file import load_settings
from wire.topics import topic_catalogue


def topics(
    settings: SettingsOption = DEFAULT_SETTINGS,
    verify: Annotated[bool, typer.Option("--verify", help="Change nothing; say what differs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the topics that are missing, let all keep what the settings say, and say what else is different.

    Example: wirewatch topics
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        made = () if verify else log.create()
        if different := log.differences():
            raise TopicMismatch(different)
        if off_limits := log.limit_differences():
            if verify:
                raise TopicMismatch(off_limits)
            log.adjust_limits()
        for said in off_limits:
            say(f"set anew: {said}")
        known = log.topics.values()
        if as_json:
            show(*(topic_facts(topic, made) for topic in known))
        else:
            print("\n".join(topic_lines(known, made)))


def schema() -> None:
    """Print the topics and messages as an AsyncAPI 3 document.

    Example: wirewatch schema > asyncapi.json
    """
    document = msgspec.json.encode(asyncapi(topic_catalogue().values(), version("wirewatch")))
    print(msgspec.json.format(document, indent=2).decode())


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.command()(topics)
    app.command()(schema)
