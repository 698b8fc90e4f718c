"""Channels from settings: every fault at once, by its path, and never with a secret in it."""

import base64
import io

import pytest
from pydantic import TypeAdapter

from alerts.channels.apprise import AppriseSender
from alerts.channels.build import build_channels
from alerts.channels.console import ConsoleSender
from alerts.channels.email import EmailSender
from alerts.channels.slack import SlackSender
from alerts.channels.slack_bot import SlackBot
from alerts.channels.webhook import WebhookSender
from tests.messages import NOON
from wire.errors import BadSettings
from wire.settings import Channel

CHANNELS = TypeAdapter(tuple[Channel, ...])
SCREEN: dict[str, object] = {"kind": "console", "name": "screen"}
MAIL: dict[str, object] = {
    "kind": "email",
    "name": "mail",
    "host": "mail.example",
    "sender": "w@a.example",
    "to": ["o@a.example"],
}
HOOK: dict[str, object] = {"kind": "slack", "name": "hook", "webhook": {"env": "HOOK"}}

BOT: dict[str, object] = {"kind": "slack", "name": "bot", "token": {"env": "TOKEN"}, "channel": "C0123"}
WEB: dict[str, object] = {"kind": "webhook", "name": "web", "url": "https://a.example/x", "secret": {"env": "KEY"}}
ANY: dict[str, object] = {"kind": "apprise", "name": "any", "url": {"env": "APPRISE"}}
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()


def test_each_kind_is_built() -> None:
    environment = {"HOOK": "https://hooks.example/x", "KEY": KEY, "TOKEN": "xoxb-1", "APPRISE": "json://localhost"}
    built = build_channels(
        CHANNELS.validate_python([SCREEN, MAIL, HOOK, BOT, WEB, ANY]), environment, io.StringIO(), lambda: NOON
    )
    assert {name: type(channel) for name, channel in built.items()} == {
        "screen": ConsoleSender,
        "mail": EmailSender,
        "hook": SlackSender,
        "bot": SlackBot,
        "web": WebhookSender,
        "any": AppriseSender,
    }


FAULTS: dict[str, tuple[dict[str, object], dict[str, str], str]] = {
    "secret not set": (HOOK, {}, "channel[0].webhook: the environment variable HOOK is not set"),
    "no address": (HOOK, {"HOOK": "s3cret"}, "channel[0].webhook: a webhook's address begins with https:// or http://"),
    "user alone": (MAIL | {"user": "u"}, {}, "channel[0]: user and password are given together or not at all"),
    "password in the clear": (
        MAIL | {"user": "u", "password": {"env": "P"}, "security": "none"},
        {"P": "s3cret"},
        "channel[0].security: a password is not sent in the clear: use starttls or tls",
    ),
    "odd sender": (
        MAIL | {"sender": 'a"<b@a.example'},
        {},
        "channel[0].sender: 'a\"<b@a.example' is no e-mail address that every server takes",
    ),
    "no authority": (
        MAIL | {"ca": "/nowhere/ca.pem"},
        {},
        "channel[0].ca: cannot read /nowhere/ca.pem: FileNotFoundError",
    ),
    "no signing key": (
        WEB,
        {"KEY": "whsec_s3cret"},
        "channel[0]: a signing secret is whsec_ and base64 of 24 to 64 bytes",
    ),
    "odd recipient": (
        MAIL | {"to": ["o@a.example", "юзер@a.example"]},
        {},
        "channel[0].to[1]: 'юзер@a.example' is no e-mail address that every server takes",
    ),
}


@pytest.mark.parametrize(("channel", "environment", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(channel: dict[str, object], environment: dict[str, str], fault: str) -> None:
    with pytest.raises(BadSettings) as raised:
        build_channels(CHANNELS.validate_python([channel]), environment, io.StringIO(), lambda: NOON)
    assert [str(found) for found in raised.value.faults] == [fault]
    assert "s3cret" not in str(raised.value)


def test_all_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        build_channels(CHANNELS.validate_python([HOOK, MAIL | {"user": "u"}]), {}, io.StringIO(), lambda: NOON)
    assert len(raised.value.faults) == 2
