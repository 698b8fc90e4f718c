"""A word to the operators that goes the way of alerts: any stage may write one, deliver sends it like any other."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from wire.messages import Alert, AlertKind
from wire.stage import Output
from wire.topics import ALERTS

OPERATORS = "operators"  # stands where an alert has its watch


def notice(subject: str, text: str, *, why: str, channels: Sequence[str], now: datetime) -> Output:
    """The notice as an output; without channels nobody is told, but it stands on the topic.

    Args:
        subject: what it is about, such as `feed:bbc.1`; its notices belong to one thread.
        text: the headline, one sentence.
        why: what was seen, one sentence.
        channels: through which it goes, by name.
        now: when the fault was noticed, UTC; an equal notice of the same instant is the same notice.
    """
    digest = hashlib.sha256("\x1f".join((subject, text, now.isoformat())).encode("utf-8", "replace")).hexdigest()
    message = Alert(
        alert_id=f"n-{digest[:24]}",
        kind=AlertKind.NOTICE,
        watch=OPERATORS,
        entities=(),
        story_id=subject,
        title=text,
        channels=tuple(channels),
        evidence=(),
        outlets=(),
        languages=(),
        why=why,
        first_seen=now,
        seen=now,
    )
    return Output(ALERTS, OPERATORS, message)
