"""Find what a person names - an article, a story, an alert - in an index that is as new as the log."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from console.errors import NotFound
from console.index.queries import Chosen, article, articles_at, living_story, stories
from console.index.ready import Index, ready_index
from console.index.views import ArticleView, StoryView
from console.open_log import open_log
from console.options import say
from wire.messages import Alert
from wire.settings_file import load_settings


@contextmanager
def asked(settings: Path) -> Iterator[Index]:
    """The index of the settings' log; what it is behind is said on standard error."""
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log, ready_index(loaded, log) as index:
        if index.behind.records:
            say(f"note: the index is {index.behind.records} records behind the log; newer ones are not in this answer")
        yield index


def find_article(index: Index, named: str) -> ArticleView:
    """The article with this id or address.

    Raises:
        NotFound: there is none in the index.
    """
    found = article(index.db, named)
    if found is None and re.match(r"https?://", named):
        from ingest.canonical import canonical

        found = next(iter([*articles_at(index.db, named), *articles_at(index.db, canonical(named) or named)]), None)
    if found is None:
        raise NotFound("article", named, "its id is in `wirewatch tail news.articles --json`; an address works too")
    return found


def find_story(index: Index, named: str) -> StoryView:
    """The story with this id, or the one that it was merged into.

    Raises:
        NotFound: there is none in the index.
    """
    found = living_story(index.db, named)
    if found is None:
        near = ", ".join(one.story_id for one in stories(index.db, Chosen(), 3))
        raise NotFound("story", named, f"newest: {near}" if near else "there are no stories yet")
    return found


def find_alert(index: Index, alert_id: str) -> Alert:
    """The alert of that id, or of the only id that begins so.

    Raises:
        NotFound: there is none, or more than one.
    """
    rows = index.db.execute(
        "SELECT message FROM alerts WHERE id >= ? AND id < ? LIMIT 2", (alert_id, alert_id + "\uffff")
    ).fetchall()
    if len(rows) != 1:
        hint = "several ids begin so" if rows else "ids are in the messages and in `wirewatch deliveries`"
        raise NotFound("alert", alert_id, hint)
    return msgspec.json.decode(rows[0][0], type=Alert)
