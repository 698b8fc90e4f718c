"""Words to people that deliver makes itself: a flood, a channel in trouble, a digest's head, a sample.  Pure."""

from collections.abc import Sequence
from datetime import datetime

from alerts.ids import hashed
from wire.messages import Alert, AlertEvidence, AlertKind, Place, Snippet, Span


def notice(title: str, why: str, *, watch: str, channel: str, now: datetime) -> Alert:
    """A notice; equal words at the same moment are the same notice."""
    return _about_nothing(
        hashed("no", watch, channel, title, now.isoformat()), AlertKind.NOTICE, title, why, watch, (channel,), now
    )


def digest_head(members: Sequence[Alert], why: str, *, channel: str, now: datetime) -> Alert:
    """What stands over a digest of `members`, all of one watch."""
    watch = members[0].watch
    ids = [member.alert_id for member in members]
    return _about_nothing(
        hashed("di", channel, *ids), AlertKind.DIGEST, f"{len(members)} messages", why, watch, (channel,), now
    )


def sample(channel: str, now: datetime) -> Alert:
    """An alert that looks like one, and says that it is none."""
    text = "This is a sample: Ada Lovelace met Charles Babbage to see whether messages arrive."
    spans = tuple(
        Span(entity=name, start=text.index(name), end=text.index(name) + len(name))
        for name in ("Ada Lovelace", "Charles Babbage")
    )
    evidence = AlertEvidence(
        article_id="sample",
        outlet="sample-outlet",
        url="https://example.org/sample",
        title="A sample from Wirewatch",
        language="en",
        published=now,
        seen=now,
        snippets=(Snippet(text=text, place=Place.BODY, spans=spans),),
    )
    return Alert(
        alert_id=hashed("sa", channel, now.isoformat()),
        watch="sample",
        entities=("Ada Lovelace", "Charles Babbage"),
        story_id="sample",
        title="A sample from Wirewatch",
        channels=(channel,),
        evidence=(evidence,),
        outlets=("sample-outlet",),
        languages=("en",),
        why="Somebody ran `wirewatch test`; nothing has happened",
        first_seen=now,
        seen=now,
    )


def _about_nothing(
    alert_id: str, kind: AlertKind, title: str, why: str, watch: str, channels: tuple[str, ...], now: datetime
) -> Alert:
    return Alert(
        alert_id=alert_id,
        kind=kind,
        watch=watch,
        entities=(),
        story_id=alert_id,
        title=title,
        channels=channels,
        evidence=(),
        outlets=(),
        languages=(),
        why=why,
        first_seen=now,
        seen=now,
    )
