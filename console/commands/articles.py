"""`wirewatch articles remove`: take an article down, and say what remains of it and until when."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from console.finding import find_article
from console.index.ready import ready_index
from console.index.redaction import headlines_of
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, show
from console.orders import command, operator, send
from wire.messages import CommandKind
from wire.settings_file import load_settings
from wire.takedown import digest
from wire.topics import ALERTS, ARTICLES, ENRICHED, STORY_EVENTS, Topic

group = typer.Typer(no_args_is_help=True, help="Articles: take one down.")


@group.command("remove")
def remove_command(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id or address.")],
    why: Annotated[str, typer.Option(help="The reason, kept in the log.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Take an article down: its words leave index, page, exports and the stages' state; the log forgets them by its
    limits.  What waits to be sent loses them too; what was sent is sent.

    Example: wirewatch articles remove a-81c0 --why 'the outlet asked'
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        with ready_index(loaded, log) as index:
            found = find_article(index, article_id)
            titles = tuple(sorted(map(digest, headlines_of(index.db, found.article_id))))
        who, when = operator(), datetime.now(UTC)
        sent = command(CommandKind.REMOVE, "cluster", found.article_id, who=who, when=when, why=why, titles=titles)
        send(log, sent)
        with ready_index(loaded, log):
            pass  # the index of this machine has taken it in when this returns
    kept = list(kept_words(log.topics, found.seen))
    if as_json:
        said = {"command": sent.command_id, "article": found.article_id, "url": found.url}
        show({**said, "kept": kept})
        return
    print(f"{found.article_id} is removed from index, page and exports: {found.url}")
    print("\n".join([*KEPT_HEAD, *map(_line, kept)]))
    print("the command itself (who, when, why) stays as long as the longest of these in news.commands")


KEPT_HEAD = (
    "cluster, alerts and deliver forget its words as soon as they run, and pass over its later versions;",
    "their earlier records go when the log next compacts them",
    "the log still holds its words, for those who can read the log itself:",
)


class Kept(msgspec.Struct, frozen=True):
    """A topic that still holds the words, and for how long at least."""

    topic: str
    until: datetime
    bytes: int | None  # of the topic at most, the oldest records go first


def kept_words(topics: Mapping[str, Topic], seen: datetime) -> Iterator[Kept]:
    """What the log keeps of an article that was last seen then, and until when or longer."""
    for name in (ARTICLES, ENRICHED, STORY_EVENTS, ALERTS):
        topic = topics[name]
        if topic.retention is not None:
            yield Kept(name, seen + topic.retention, topic.retention_bytes)


def _line(kept: Kept) -> str:
    sooner = "" if kept.bytes is None else f", sooner where {kept.bytes / 1e9:.3g} GB are reached"
    return f"  {kept.topic:<18} until {kept.until:%Y-%m-%d} or later{sooner}"


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.add_typer(group, name="articles")
