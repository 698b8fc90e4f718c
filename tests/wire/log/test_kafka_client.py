"""One place says how brokers are reached, and what is stored beside an offset is read again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wire.errors import BadSettings
from wire.log.kafka_client import Limits, connection, part
from wire.log.kafka_records import Names, outbound, read_position, stored_position
from wire.log.port import NewRecord
from wire.settings import LogSettings, Sasl, SecretSource, Tls

PASSWORD = Sasl(user="wire", password=SecretSource(env="KAFKA_PASSWORD"))
CASES: dict[str, tuple[dict[str, object], dict[str, object]]] = {  # name: settings -> what the client is told
    "plain text": ({}, {"security_protocol": "PLAINTEXT"}),
    "TLS with a private authority": (
        {"tls": Tls(ca=Path("ca.pem"))},
        {"security_protocol": "SSL", "ssl_cafile": "ca.pem", "ssl_check_hostname": True},
    ),
    "TLS with a client certificate, host unchecked": (
        {"tls": Tls(certificate=Path("c.pem"), key=Path("k.pem"), verify_host=False)},
        {"ssl_certfile": "c.pem", "ssl_keyfile": "k.pem", "ssl_check_hostname": False},
    ),
    "password over plain text": (
        {"sasl": PASSWORD},
        {"security_protocol": "SASL_PLAINTEXT", "sasl_plain_username": "wire", "sasl_plain_password": "s3cret"},
    ),
    "password over TLS": (
        {"sasl": PASSWORD, "tls": Tls()},
        {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-256"},
    ),
}


@pytest.mark.parametrize(("settings", "told"), CASES.values(), ids=CASES.keys())
def test_connection_settings(settings: dict[str, object], told: dict[str, object]) -> None:
    found = connection(
        LogSettings.model_validate({"kind": "kafka", "bootstrap": ("a:1", "b:2"), **settings}),
        {"KAFKA_PASSWORD": "s3cret"},
        Limits(),
    )
    assert found["bootstrap_servers"] == ["a:1", "b:2"]
    assert told.items() <= found.items()
    assert not any(name.startswith("ssl_") for name in found) or "tls" in settings


def test_a_missing_password_is_named_without_a_connection() -> None:
    with pytest.raises(BadSettings, match="KAFKA_PASSWORD"):
        connection(LogSettings(kind="kafka", sasl=PASSWORD), {}, Limits())


def test_limits_leave_a_commit_room_within_its_transaction() -> None:
    """The last moment at which a commit may be asked for, and the time it may take, lie within the transaction."""
    limits = Limits()
    assert limits.flush + limits.round_trip < limits.transaction
    assert limits.request < limits.delivery < limits.flush


@pytest.mark.parametrize("note", ["", 'слово "with quotes" ✓', "x" * 1024])
def test_a_position_keeps_its_note_and_time(note: str) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    position = read_position("words", 0, stored_position(7, note, at, "adder.0:1:1/1"))
    assert (position.offset, position.note, position.at) == (7, note, at)


@pytest.mark.parametrize("metadata", ["", "by hand", "[]", '{"note": 1}'])
def test_metadata_that_is_not_ours_is_no_note(metadata: str) -> None:
    raw = stored_position(7, "", datetime(2026, 3, 1, tzinfo=UTC), "")._replace(metadata=metadata)  # type: ignore[attr-defined]
    position = read_position("words", 0, raw)
    assert (position.offset, position.note, position.at) == (7, "", None)


def test_names_carry_the_prefix_outside_only() -> None:
    names = Names("desk.")
    assert names.topic(names.part("words", 1)) == "words"
    assert names.topic(part("desk.words", 1)) == "words"
    assert names.lane("adder.0") == "desk.adder.0"
    record = outbound(names, NewRecord(topic="words", partition=1, key="ключ", value=None), "adder.0:1:1")
    assert (record.topic, record.key, record.headers) == ("desk.words", "ключ".encode(), [("ww_tx", b"adder.0:1:1")])
