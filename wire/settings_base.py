"""What settings are made of: spans, names, zones, secrets, and the model that refuses unknown keys."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    model_validator,
)

from wire.errors import BadSettings, Fault

# A longer one is a slip of the pen; before now it would lie before the time that logs count from.
LONGEST_SPAN = timedelta(days=18_262)
_UNITS = {"ms": 0.001, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = re.compile(rf"(\d{{1,15}}(?:\.\d+)?)\s*({'|'.join(_BYTES)})")
ID, LANGUAGE, WEB_ADDRESS = r"^[a-z0-9][a-z0-9._-]{0,62}$", r"^[a-z]{2}$", r"^https?://\S+$"
PUBLIC_ADDRESS = r"^(https?://[^\s?#]+)?$"
MAIL_ADDRESS, PREFIX, SLACK_ID = r"^[^@\s]+@[^@\s]+$", r"^[A-Za-z0-9._-]{0,60}$", r"^[A-Z0-9]+$"
# What each pattern asks for, in the words of an error.
EXPECTED: Mapping[str, str] = {
    ID: "a name of at most 63 lower-case letters, digits, '.', '_' and '-'",
    LANGUAGE: "a language code of two letters, such as 'uk',",
    WEB_ADDRESS: "an http or https address",
    PUBLIC_ADDRESS: "an http or https address without query and fragment",
    MAIL_ADDRESS: "an e-mail address",
    PREFIX: "at most 60 letters, digits, '.', '_' and '-'",
    SLACK_ID: "the id of a Slack channel, such as 'C0123ABCD',",
}


def parse_span(value: object) -> timedelta:
    """A span written like "90 s", "5 min", "24 h" or "4 d", of 50 years at most; `ValueError` for anything else."""
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a time span was expected, such as '90 s', '5 min', '24 h' or '4 d', not {value!r}")
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > LONGEST_SPAN.total_seconds():
        raise ValueError(f"{value!r} is longer than 50 years")
    return timedelta(seconds=seconds)


def parse_size(value: object) -> int:
    """Bytes written like "500 MB" or "20 GiB", or as their number; `ValueError` for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a size was expected, such as '500 MB' or '20 GB', not {value!r}")
    return round(float(match[1]) * _BYTES[match[2]])


def _sound(address: str) -> str:
    """What begins as an address, once host and port can be told from it."""
    try:
        parts = urlsplit(address)
        sound = not address or (parts.hostname and (parts.port is None or parts.port > 0))
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"{EXPECTED[WEB_ADDRESS]} was expected")
    return address


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"a network was expected, such as '10.0.0.0/8' or 'fd00::/8', not {text!r}") from error
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"a time zone of the IANA database was expected, such as 'Europe/Kyiv', not {text!r}"
        ) from error
    return text


def _time_of_day(value: object) -> object:
    if isinstance(value, time):
        return value
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a time of day was expected, such as '07:30' or '22:00', not {value!r}")
    return time(int(match[1]), int(match[2]))


Span = Annotated[
    timedelta,
    BeforeValidator(parse_span),
    PlainSerializer(lambda span: f"{span.total_seconds():g} s", when_used="json"),
]
PositiveSpan = Annotated[Span, Field(gt=timedelta(0))]
Size = Annotated[int, BeforeValidator(parse_size), Field(ge=10**7)]  # bytes; less holds no hour of news
AnySpan = Annotated[Span, Field(ge=timedelta(0))]  # none at all is allowed
Id = Annotated[str, Field(pattern=ID)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
WebAddress = Annotated[str, Field(pattern=WEB_ADDRESS), AfterValidator(_sound)]
PublicAddress = Annotated[str, Field(pattern=PUBLIC_ADDRESS), AfterValidator(_sound)]  # "" for none
Network = Annotated[str, AfterValidator(_network)]
Zone = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), PlainSerializer(lambda at: at.strftime("%H:%M"), when_used="json")
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Port = Annotated[int, Field(ge=0, le=65_535)]


class Model(BaseModel):
    """Base of all settings: immutable, and a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class SecretSource(Model):
    """Where a secret is found: `{env = "NAME"}` or `{file = "path"}`; exactly one of them."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "SecretSource":
        if (self.env is None) == (self.file is None):
            raise ValueError('a secret is named by its source: {env = "NAME"} or {file = "path"}')
        return self

    def read(self, environment: Mapping[str, str], where: str) -> SecretStr:
        """The secret itself.

        Raises:
            BadSettings: the variable is not set, or the file cannot be read; it names the source, never a value.
        """
        if self.env is not None:
            value = environment.get(self.env, "")
            if not value:
                raise BadSettings(where, [Fault(where, f"the environment variable {self.env} is not set")])
            return SecretStr(value)
        assert self.file is not None
        try:
            return SecretStr(self.file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings(where, [Fault(where, f"cannot read {self.file}: {type(error).__name__}")]) from error
