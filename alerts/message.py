"""An alert as people read it, before any channel gives it a form.  Pure.

All text here is one line each and without control characters; a channel only has to escape its own mark-up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.ids import hashed
from alerts.outcome import SendRequest
from alerts.plain import cut, one_line, safe_link
from wire.messages import Alert, AlertEvidence, AlertKind, Snippet

_LONGEST_TITLE_CHARS = 300
_MOST_OUTLETS_NAMED = 12
_LABELS = {AlertKind.UPDATE: "Update", AlertKind.NOTICE: "Notice"}


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a passage; `name` says which entity they mean, if they are marked."""

    text: str
    name: str | None = None


Passage = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article of the evidence."""

    outlet: str
    language: str
    title: str
    link: str | None  # http or https; None where the article gave no such address
    published: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """All that a channel needs; `key` is the same in every attempt, `thread` in every message of story and watch."""

    key: str
    thread: str
    attempt: int
    may_repeat: bool
    label: str  # "Alert", "Update" or "Notice"
    watch: str
    who: str  # "Elon Musk and Vladimir Putin"
    headline: str
    language: str  # of the headline; empty where it is not known
    link: str | None  # to the article that has the headline, where it is among the evidence
    why: str
    pieces: tuple[Piece, ...]
    coverage: str  # "3 outlets (cnn, pravda-ua, wsj) in en, uk"
    first_seen: str
    story_id: str
    alert_id: str
    at: datetime

    @property
    def subject(self) -> str:
        """One line that says who and what."""
        return cut(f"{self.who}: {self.headline}", 200)

    @property
    def repeat_note(self) -> str:
        """A sentence to be put first where an earlier attempt may have arrived; else empty."""
        return "This may repeat a message: an earlier attempt ended without an answer." if self.may_repeat else ""


def compose(request: SendRequest, names: Mapping[str, str]) -> Message:
    """The message of `request`; `names` are the display names of entities by id."""
    alert = request.alert
    pieces = tuple(_piece(evidence, names) for evidence in alert.evidence)
    headline = _text(alert.title)
    source = next((piece for piece in pieces if piece.title == headline), None)  # it may be another article's
    return Message(
        key=request.delivery_id,
        thread=hashed("th", alert.watch, alert.story_id),
        attempt=request.attempt,
        may_repeat=request.may_repeat,
        label=_LABELS.get(alert.kind, "Alert"),
        watch=_text(alert.watch),
        who=_text(_and([names.get(entity, entity) for entity in alert.entities]) or alert.watch),
        headline=headline,
        language=source.language if source else "",
        link=source.link if source else None,
        why=_text(alert.why),
        pieces=pieces,
        coverage=_coverage(alert),
        first_seen=instant(alert.first_seen),
        story_id=_text(alert.story_id),
        alert_id=_text(alert.alert_id),
        at=alert.seen,
    )


def instant(time: datetime | None) -> str:
    """A time for people, in UTC; "-" for none."""
    return "-" if time is None else time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _text(text: str) -> str:
    return cut(one_line(text).strip(), _LONGEST_TITLE_CHARS)


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _coverage(alert: Alert) -> str:
    count = len(alert.outlets)
    if alert.kind is AlertKind.NOTICE:
        return "for the operators"
    named = ", ".join(_text(outlet) for outlet in alert.outlets[:_MOST_OUTLETS_NAMED])
    more = ", …" if count > _MOST_OUTLETS_NAMED else ""
    languages = ", ".join(_text(language) for language in alert.languages)
    return f"{count} outlet{'' if count == 1 else 's'} ({named}{more}) in {languages}"


def _piece(evidence: AlertEvidence, names: Mapping[str, str]) -> Piece:
    return Piece(
        outlet=_text(evidence.outlet),
        language=_text(evidence.language),
        title=_text(evidence.title),
        link=safe_link(evidence.url),
        published=instant(evidence.published),
        passages=tuple(passage for snippet in evidence.snippets if (passage := tuple(_runs(snippet, names)))),
    )


def _runs(snippet: Snippet, names: Mapping[str, str]) -> Iterator[Run]:
    """The snippet cut at its spans; of two that overlap the earlier, and of two that begin together the longer."""
    done = 0
    for span in sorted(snippet.spans, key=lambda s: (s.start, -s.end, s.entity)):
        if done <= span.start < span.end <= len(snippet.text):
            yield from _run(snippet.text[done : span.start])
            yield from _run(snippet.text[span.start : span.end], names.get(span.entity, span.entity))
            done = span.end
    yield from _run(snippet.text[done:])


def _run(text: str, name: str | None = None) -> Iterator[Run]:
    if harmless := one_line(text):
        yield Run(harmless, name)
