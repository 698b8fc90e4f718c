"""Messages to bytes and back: JSON, so that any Kafka tool can tail a topic."""

from functools import cache
from typing import TypeVar

import msgspec

from wire.errors import SchemaTooNew, Undecodable

M = TypeVar("M", bound=msgspec.Struct)
_encoder = msgspec.json.Encoder(order="deterministic")


class _Schema(msgspec.Struct):
    schema: int = 1


_schema = msgspec.json.Decoder(_Schema)


def encode(message: msgspec.Struct) -> bytes:
    """The message as JSON; equal messages give equal bytes.

    Raises:
        Undecodable: the text holds a lone surrogate, which no UTF-8 reader could take.
    """
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError as error:
        raise Undecodable(type(message).__name__, f"not valid Unicode: {error.reason}") from error


def decode(value: bytes | None, kind: type[M]) -> M:
    """The message in `value`; times in UTC, unknown fields dropped, unknown kinds `other`.

    Raises:
        Undecodable: not JSON, a field of the wrong type, or a tombstone where a message must be.
        SchemaTooNew: written under a schema that this program does not know; never a fault of the record.
    """
    if value is None:
        raise Undecodable(kind.__name__, "a tombstone where a message was expected")
    try:
        message: M = _decoder(kind).decode(value)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        _refuse_newer(_schema_of(value), kind)
        raise Undecodable(kind.__name__, str(error)) from error
    _refuse_newer(getattr(message, "schema", 1), kind)
    return message


@cache
def _decoder(kind: type[M]) -> msgspec.json.Decoder[M]:
    return msgspec.json.Decoder(kind)


def _schema_of(value: bytes) -> int:
    try:
        return _schema.decode(value).schema
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return 1


def _refuse_newer(found: int, kind: type[msgspec.Struct]) -> None:
    known = _known_schema(kind)
    if found > known:
        raise SchemaTooNew(kind.__name__, found, known)


@cache
def _known_schema(kind: type[msgspec.Struct]) -> int:
    defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
    return int(defaults.get("schema", 1))
