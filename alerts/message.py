"""An alert as people read it, before any channel gives it a form.  Pure.

All text here is one line each and without control characters; a channel only has to escape its own mark-up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from alerts.ids import hashed
from alerts.outcome import SendRequest
from alerts.plain import cut, one_line, safe_link
from wire.messages import Alert, AlertEvidence, AlertKind, Snippet

_LONGEST_TITLE_CHARS = 300
_MOST_OUTLETS_NAMED = 12
_MOST_CITATIONS = 5
_LABELS = {AlertKind.UPDATE: "Update", AlertKind.DIGEST: "Digest", AlertKind.NOTICE: "Notice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How messages speak: names of entities and outlets by id, the zone of each watch's times, the page's address."""

    names: Mapping[str, str] = field(default_factory=dict)
    outlets: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    zone: tzinfo = UTC  # of watches without one
    public_url: str | None = None  # of the web page, without a slash at its end


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a passage; `name` says which entity they mean, if they are marked."""

    text: str
    name: str | None = None


Passage = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article of the evidence, or one message of a digest."""

    outlet: str
    language: str
    title: str
    link: str | None  # http or https; None where the article gave no such address
    published: str  # with how long after it the article was seen
    passages: tuple[Passage, ...]
    why: str = ""  # in a digest: of the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """All that a channel needs; `key` is the same in every attempt, `thread` in every message of story and watch."""

    key: str
    thread: str
    reply_to: str  # the channel's name for its first message on the story; empty if there is none, or this is none
    attempt: int
    may_repeat: bool
    since: datetime  # no attempt was made before this
    urgent: bool
    label: str  # "Alert", "Update", "Digest" or "Notice"
    watch: str
    who: str  # "Elon Musk and Vladimir Putin"; empty where it is about no entity
    headline: str
    language: str  # of the headline; empty where it is not known
    link: str | None  # to the article that has the headline, where it is among the evidence
    why: str
    pieces: tuple[Piece, ...]
    facts: tuple[tuple[str, str], ...]  # name and value: coverage, who reported first, whom they cite, times
    story_link: str | None  # to the story's page
    mute: str  # how to silence it, for people
    mute_link: str | None  # to a page with a button that does
    story_id: str
    alert_id: str
    at: datetime
    alert: Alert
    members: tuple[Alert, ...] = ()

    @property
    def subject(self) -> str:
        """One line that says who and what."""
        return cut(f"{self.who}: {self.headline}" if self.who else self.headline, 200)

    @property
    def repeat_note(self) -> str:
        """A sentence to be put first where an earlier attempt may have arrived; else empty."""
        return "This may repeat a message: an earlier attempt ended without an answer." if self.may_repeat else ""


def compose(request: SendRequest, manner: Manner) -> Message:
    """The message of `request`."""
    alert = request.alert
    zone = manner.zones.get(alert.watch, manner.zone)
    if request.members:
        pieces = tuple(_entry(member, manner, zone) for member in request.members)
    else:
        pieces = tuple(_piece(evidence, manner, zone) for evidence in alert.evidence)
    headline = _text(alert.title)
    source = next((piece for piece in pieces if piece.title == headline), None)  # it may be another article's
    is_update = alert.kind is AlertKind.UPDATE
    about_story = bool(alert.evidence)
    return Message(
        key=request.delivery_id,
        thread=hashed("th", alert.watch, alert.story_id),
        reply_to=request.thread if is_update else "",
        attempt=request.attempt,
        may_repeat=request.may_repeat,
        since=request.since or alert.seen,
        urgent=request.urgent,
        label=_LABELS.get(alert.kind, "Alert"),
        watch=_text(alert.watch),
        who=_text(_and([manner.names.get(entity, entity) for entity in alert.entities])),
        headline=headline,
        language=source.language if source else "",
        link=source.link if source else None,
        why=_text(alert.why),
        pieces=pieces,
        facts=tuple(_facts(alert, manner, zone)) if about_story else (),
        story_link=_page(manner, "stories", alert.story_id) if about_story else None,
        mute_link=None if alert.kind is AlertKind.NOTICE else _page(manner, "mute", alert.watch),
        mute="" if alert.kind is AlertKind.NOTICE else f"wirewatch mute {_text(alert.watch)} --for 2h",
        story_id=_text(alert.story_id),
        alert_id=_text(alert.alert_id),
        at=alert.seen,
        alert=alert,
        members=request.members,
    )


def instant(time: datetime | None, zone: tzinfo = UTC) -> str:
    """A time for people in their zone, which it names; "-" for none."""
    if time is None:
        return "-"
    try:
        local = time.astimezone(zone)
    except OverflowError:
        local = time  # a feed's date at an end of the calendar, where not every zone has that moment
    return local.strftime("%Y-%m-%d %H:%M %Z")


def _dated(published: datetime | None, zone: tzinfo) -> str:
    return "undated" if published is None else instant(published, zone)


def _text(text: str) -> str:
    return cut(one_line(text).strip(), _LONGEST_TITLE_CHARS)


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _facts(alert: Alert, manner: Manner, zone: tzinfo) -> Iterator[tuple[str, str]]:
    yield "Coverage", _coverage(alert, manner)
    if alert.first_outlet:
        first = _text(_outlet(alert.first_outlet, manner))
        yield "Reported first", f"{first}, {instant(alert.first_event_time, zone)}"
    if alert.citations:
        named = [f"{_outlet(one.outlet, manner)} cites {_outlet(one.cites, manner)}" for one in alert.citations]
        yield "Sources", _text("; ".join(named[:_MOST_CITATIONS]) + ("; …" if len(named) > _MOST_CITATIONS else ""))
    delay = alert.first_event_time and _after(alert.first_seen, alert.first_event_time)
    yield "First seen", instant(alert.first_seen, zone) + (f", {delay}" if delay else "")


def _coverage(alert: Alert, manner: Manner) -> str:
    count = len(alert.outlets)
    named = ", ".join(_text(_outlet(outlet, manner)) for outlet in alert.outlets[:_MOST_OUTLETS_NAMED])
    more = ", …" if count > _MOST_OUTLETS_NAMED else ""
    own = f", {len(alert.independent)} independent" if alert.independent else ""
    languages = ", ".join(_text(language) for language in alert.languages)
    return f"{count} outlet{'' if count == 1 else 's'}{own} ({named}{more}) in {languages}"


def _outlet(outlet: str, manner: Manner) -> str:
    return manner.outlets.get(outlet, outlet)


def _page(manner: Manner, kind: str, name: str) -> str | None:
    """The address of something on the page, where there is one."""
    if manner.public_url is None:
        return None
    return safe_link(f"{manner.public_url.rstrip('/')}/{kind}/{quote(name, safe='')}")


def _piece(evidence: AlertEvidence, manner: Manner, zone: tzinfo) -> Piece:
    delay = evidence.published and _after(evidence.seen, evidence.published)
    return Piece(
        outlet=_text(_outlet(evidence.outlet, manner)),
        language=_text(evidence.language),
        title=_text(evidence.title),
        link=safe_link(evidence.url),
        published=_dated(evidence.published, zone) + (f", seen {delay}" if delay else ""),
        passages=tuple(passage for snippet in evidence.snippets if (passage := tuple(_runs(snippet, manner.names)))),
    )


def _entry(member: Alert, manner: Manner, zone: tzinfo) -> Piece:
    """One message of a digest: its best article, and why it was told."""
    if not member.evidence:
        return Piece(
            outlet=_text(member.watch),
            language="",
            title=_text(member.title),
            link=None,
            published=instant(member.seen, zone),
            passages=(),
            why=_text(member.why),
        )
    piece = _piece(member.evidence[0], manner, zone)
    label = "" if member.kind is AlertKind.ALERT else f"{_LABELS.get(member.kind, 'Alert')}: "
    return Piece(
        outlet=piece.outlet,
        language=piece.language,
        title=piece.title,
        link=piece.link,
        published=piece.published,
        passages=piece.passages[:1],
        why=_text(f"{label}{member.why}"),
    )


def _after(seen: datetime, published: datetime) -> str:
    """How long after publication, for people; empty where the outlet's date is later than our own."""
    seconds = int((seen - published).total_seconds())
    if seconds < 0:
        return ""
    if seconds < 120:
        return f"{seconds} s after publication"
    if seconds < 7200:
        return f"{seconds // 60} min after publication"
    return f"{seconds // 3600} h after publication" if seconds < 172_800 else f"{seconds // 86_400} d after publication"


def _runs(snippet: Snippet, names: Mapping[str, str]) -> Iterator[Run]:
    """The snippet cut at its spans; of two that overlap the earlier, and of two that begin together the longer."""
    done = 0
    for span in sorted(snippet.spans, key=lambda s: (s.start, -s.end, s.entity)):
        if done <= span.start < span.end <= len(snippet.text):
            yield from _run(snippet.text[done : span.start])
            yield from _run(snippet.text[span.start : span.end], _text(names.get(span.entity, span.entity)))
            done = span.end
    yield from _run(snippet.text[done:])


def _run(text: str, name: str | None = None) -> Iterator[Run]:
    if harmless := one_line(text):
        yield Run(harmless, name)
