"""`wirewatch articles remove`: take an article down, and say what remains of it and until when."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from console.ask_command import find_article
from console.commands import command, send
from console.index.ready import ready_index
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, SettingsOption
from wire.messages import CommandKind
from wire.settings_file import load_settings
from wire.topics import ALERTS, ARTICLES, ENRICHED, STORY_EVENTS, Topic

DAY = timedelta(days=1)
group = typer.Typer(no_args_is_help=True, help="Articles: take one down.")


@group.command("remove")
def remove_command(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id or address.")],
    why: Annotated[str, typer.Option(help="The reason, kept in the log.")] = "",
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Take an article down: its words leave index, page and exports at once; the log forgets them by its retention.

    Example: wirewatch articles remove a-81c0 --why 'the outlet asked'
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        with ready_index(loaded, log) as index:
            found = find_article(index, article_id)
        who, when = getpass.getuser(), datetime.now(UTC)
        send(log, command(CommandKind.REMOVE, "cluster", found.article_id, who=who, when=when, why=why))
        with ready_index(loaded, log):
            pass  # the index of this machine has taken it in when this returns
    print(f"{found.article_id} is removed from index, page and exports: {found.url}")
    print("\n".join(kept_words(log.topics, found.seen)))


def kept_words(topics: Mapping[str, Topic], seen: datetime) -> Iterator[str]:
    """What the log keeps of an article that was last seen then, and until when."""
    yield "the log still holds its words, for those who can read the log itself:"
    for name in (ARTICLES, ENRICHED, STORY_EVENTS, ALERTS):
        retention, size = topics[name].retention, topics[name].retention_bytes
        if retention is not None:
            sooner = "" if size is None else f", sooner where {size / 1e9:.3g} GB are reached"
            until = f"until {seen + retention:%Y-%m-%d} or later"
            yield f"  {name:<18} {until}, by its retention of {retention / DAY:g} days{sooner}"
    yield "  stage state        headline and watched sentences, while its story is in the window"
    yield "the command itself (who, when, why) stays for a year in news.commands"
