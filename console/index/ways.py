"""`trace`: an article's way through the stages, from the outlet's claim to each channel, like a parcel's."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from alerts.delivery import Delivery
from console.index.queries import article, instant, moves_of
from console.index.views import StepView
from wire.messages import Alert
from wire.topics import STAGES

# Of stations in the same millisecond.
_ORDER = {stage: place for place, stage in enumerate(STAGES, 1)}
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def way_of(db: sqlite3.Connection, article_id: str) -> list[StepView]:
    """Every station by time; empty for an article that the index does not know."""
    parts = (_claimed, _stages, _moves, _alerts, _dead)
    stations = [step for part in parts for step in part(db, article_id)]
    return sorted(stations, key=lambda step: (step.at or _BEGINNING, _ORDER.get(step.stage, 0)))


def _claimed(db: sqlite3.Connection, article_id: str) -> Iterator[StepView]:
    found = article(db, article_id)
    if found is None:
        return
    if found.published is not None:
        yield StepView(at=found.published, stage=found.outlet, what="published, as the outlet says")
    yield StepView(at=found.first_seen, stage="ingest", what=f"seen in feed {found.feed}")


def _stages(db: sqlite3.Connection, article_id: str) -> Iterator[StepView]:
    rows = db.execute("SELECT stage, version, at, origin, note FROM steps WHERE article = ?", (article_id,))
    for stage, version, at, origin, note in rows:
        said = {"ingest": "article written", "enrich": "enriched", "cluster": note}[stage]
        yield StepView(
            at=_at(at), stage=stage, what=f"{said} (version {version[:8]})" if version else said, origin=origin
        )


def _moves(db: sqlite3.Connection, article_id: str) -> Iterator[StepView]:
    for event, at in moves_of(db, article_id):
        yield StepView(at=_at(at), stage="cluster", what=f"{event.kind.value} from {event.story_id} to {event.other}")


def _alerts(db: sqlite3.Connection, article_id: str) -> Iterator[StepView]:
    rows = db.execute(
        "SELECT a.message, a.at, a.origin FROM alert_articles x JOIN alerts a ON a.id = x.alert WHERE x.article = ?",
        (article_id,),
    ).fetchall()
    for message, at, origin in rows:
        alert = msgspec.json.decode(message, type=Alert)
        what = f"{alert.kind.value} {alert.alert_id} for watch {alert.watch}"
        yield StepView(at=_at(at), stage="alerts", what=what, origin=origin)
        yield from _deliveries(db, alert.alert_id)


def _deliveries(db: sqlite3.Connection, alert_id: str) -> Iterator[StepView]:
    for (message,) in db.execute("SELECT message FROM deliveries WHERE alert = ?", (alert_id,)).fetchall():
        delivery = msgspec.json.decode(message, type=Delivery)
        said = f"{delivery.state.value} through {delivery.channel}"
        tries = f" after {delivery.attempts} tries" if delivery.attempts > 1 else ""
        reason = f": {delivery.reason}" if delivery.reason and delivery.state.value != "sent" else ""
        what = f"{said}{tries}{reason}"
        at = delivery.ended or delivery.taken
        yield StepView(at=at, stage="deliver", what=what, origin=delivery.delivery_id)


def _dead(db: sqlite3.Connection, article_id: str) -> Iterator[StepView]:
    rows = db.execute("SELECT stage, code, reason, at, origin FROM deadletters WHERE article = ?", (article_id,))
    for stage, code, reason, at, origin in rows:
        yield StepView(at=_at(at), stage=stage, what=f"dead letter, {code}: {reason}", origin=origin)


def _at(at_ms: int) -> datetime | None:
    return None if at_ms == 0 else instant(at_ms)
