"""A notice to the operators is an alert without a story, sent and threaded like any other."""

from alerts.message import Manner, compose
from alerts.outcome import SendRequest
from tests.messages import NOON
from wire.codec import decode, encode
from wire.messages import Alert, AlertKind
from wire.notice import notice
from wire.topics import ALERTS, STAGES


def test_a_notice_reads_well_and_keeps_its_identity() -> None:
    said = notice("feed:bbc.1", "feed bbc.1 fell silent", why="no article for 3 d", channels=["ops"], now=NOON)
    again = notice("feed:bbc.1", "feed bbc.1 fell silent", why="no article for 3 d", channels=["ops"], now=NOON)
    assert said == again
    assert said.topic == ALERTS
    alert = decode(encode(said.message), Alert)
    assert (alert.kind, alert.channels) == (AlertKind.NOTICE, ("ops",))
    message = compose(SendRequest(delivery_id="d", channel="ops", alert=alert, attempt=1, may_repeat=False), Manner())
    assert (message.label, message.subject) == ("Notice", "feed bbc.1 fell silent")
    assert (message.why, message.facts, message.pieces) == ("no article for 3 d", (), ())


def test_ingest_may_write_one() -> None:
    assert ALERTS in STAGES["ingest"].outputs
