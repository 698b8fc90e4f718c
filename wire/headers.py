"""Record headers: CloudEvents attributes, the trace, and the record that caused this one."""

import hashlib
from datetime import datetime

from wire.log.port import Headers, Record

CAUSE = "ww_cause"
TRACEPARENT = "traceparent"
# On records of the past that come again or late: they are applied and noted as told, and nothing is sent.
REPLAY = "replay"


def trace_of(article: str) -> str:
    """The W3C trace id of an article: every record about it, in every stage, belongs to one trace."""
    return _digest(article)[:32]


def header(record: Record, name: str) -> str | None:
    """The text of a header, None where it is absent."""
    return next((value.decode("utf-8", "replace") for key, value in record.headers if key == name), None)


def event_headers(*, cause: Record, stage: str, kind: str, key: str, value: bytes, now: datetime) -> Headers:
    """Headers of the record (`key`, `value`) that `stage` writes because of `cause`.

    The event's id is a hash of its content.  The trace is the cause's; where that has none (a poll's result), it is
    made from `key`, the article.  What a replayed record causes is marked as replayed too.
    """
    inherited = header(cause, TRACEPARENT)
    trace = inherited.split("-")[1] if inherited and inherited.count("-") == 3 else trace_of(key)
    event = _digest(kind, key, value.decode("utf-8", "replace"))[:32]
    headers = (
        ("ce_id", event.encode()),
        ("ce_type", f"wirewatch.{kind}".encode()),
        ("ce_source", f"/wirewatch/{stage}".encode()),
        ("ce_time", now.isoformat().replace("+00:00", "Z").encode()),
        (TRACEPARENT, f"00-{trace}-{_digest(stage, event)[:16]}-01".encode()),
        (CAUSE, cause.origin.encode()),
    )
    marked = header(cause, REPLAY)
    return headers if marked is None else (*headers, (REPLAY, marked.encode()))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
