"""From a body to what a poll shows: parsed, identified, its rhythm told.  Runs in a process of its own (`parsers`)."""

from ingest.errors import Unreadable
from ingest.identity import identify
from ingest.page import read_page
from ingest.parse import parse
from ingest.polled import Failed
from ingest.rhythm import rhythm_of
from ingest.tasks import Answer, PageTask, Read, Task


def read(task: Task) -> Answer:
    """Do one task; whatever the bytes are, the answer says what came of it."""
    if isinstance(task, PageTask):
        return read_page(task.body, task.content_type, task.url, title=task.title)
    try:
        parsed = parse(task.body, task.content_type, task.url)
    except Unreadable as failure:
        return Read(failed=Failed(word=failure.word, reason=failure.reason))
    shown, passed_over = identify(task.feed, parsed)
    return Read(
        shown=shown,
        items=len(parsed.items),
        passed_over=passed_over,
        language=parsed.language,
        ttl=parsed.ttl,
        format=parsed.format,
        rhythm=rhythm_of(parsed.items, seen=task.seen),
        index=parsed.index,
    )
