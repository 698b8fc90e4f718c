"""Channels from the settings, their secrets read."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.headerregistry import Address
from typing import TextIO

from pydantic import SecretStr

from alerts.channels.apprise import AppriseSender
from alerts.channels.console import ConsoleSender
from alerts.channels.email import EmailSender, MailServer
from alerts.channels.letter import Envelope
from alerts.channels.port import Channel
from alerts.channels.slack import SlackSender
from alerts.channels.slack_bot import SlackBot
from alerts.channels.webhook import WebhookSender
from wire.errors import BadSettings, Fault
from wire.settings import AppriseChannel, ConsoleChannel, EmailChannel, SlackChannel, WebhookChannel
from wire.settings import Channel as ChannelSettings


def build_channels(
    settings: Iterable[ChannelSettings], environment: Mapping[str, str], output: TextIO, now: Callable[[], datetime]
) -> dict[str, Channel]:
    """The channels by name; `output` is where the console channel writes, `now` dates signatures.

    Raises:
        BadSettings: secrets that cannot be read or addresses that are none, all at once, never with a secret's value.
    """
    built: dict[str, Channel] = {}
    faults: list[Fault] = []
    for number, channel in enumerate(settings):
        try:
            built[channel.name] = _channel(channel, f"channel[{number}]", environment, output, now)
        except BadSettings as error:
            faults += error.faults
    if faults:
        raise BadSettings("channels", faults)
    return built


def _channel(
    settings: ChannelSettings,
    path: str,
    environment: Mapping[str, str],
    output: TextIO,
    now: Callable[[], datetime],
) -> Channel:
    match settings:
        case ConsoleChannel():
            return ConsoleSender(output)
        case SlackChannel():
            return _slack(settings, path, environment)
        case EmailChannel():
            return _email(settings, path, environment)
        case WebhookChannel():
            return _webhook(settings, path, environment, now)
        case AppriseChannel():
            return AppriseSender(settings.url.read(environment, f"{path}.url"))


def _slack(settings: SlackChannel, path: str, environment: Mapping[str, str]) -> Channel:
    if settings.webhook is None:
        assert settings.token is not None, "the settings demand one of them"
        assert settings.channel is not None
        return SlackBot(settings.token.read(environment, f"{path}.token"), settings.channel, settings.api)
    webhook = settings.webhook.read(environment, f"{path}.webhook")
    try:
        return SlackSender(webhook)
    except ValueError as error:
        raise BadSettings(path, [Fault(f"{path}.webhook", str(error))]) from None


def _webhook(
    settings: WebhookChannel, path: str, environment: Mapping[str, str], now: Callable[[], datetime]
) -> Channel:
    said = settings.url
    url = SecretStr(said) if isinstance(said, str) else said.read(environment, f"{path}.url")
    secret = settings.secret.read(environment, f"{path}.secret")
    try:
        return WebhookSender(url, secret, now)
    except ValueError as error:
        raise BadSettings(path, [Fault(path, str(error))]) from None


def _email(settings: EmailChannel, path: str, environment: Mapping[str, str]) -> Channel:
    password = None if settings.password is None else settings.password.read(environment, f"{path}.password")
    faults = list(_bad_addresses(settings, path))
    if (settings.user is None) != (settings.password is None):
        faults.append(Fault(path, "user and password are given together or not at all"))
    if password is not None and settings.security == "none":
        faults.append(Fault(f"{path}.security", "a password is not sent in the clear: use starttls or tls"))
    if faults:
        raise BadSettings(path, faults)
    server = MailServer(
        host=settings.host, port=settings.port, security=settings.security, user=settings.user, password=password
    )
    return EmailSender(server, Envelope(sender=settings.sender, to=settings.to), tls=_trust(settings, path))


def _trust(settings: EmailChannel, path: str) -> ssl.SSLContext | None:
    """The system's authorities and the channel's own; None for the system's alone."""
    if settings.ca is None:
        return None
    trust = ssl.create_default_context()
    try:
        trust.load_verify_locations(settings.ca)
    except (OSError, ssl.SSLError) as error:
        raise BadSettings(path, [Fault(f"{path}.ca", f"cannot read {settings.ca}: {type(error).__name__}")]) from None
    return trust


def _bad_addresses(settings: EmailChannel, path: str) -> Iterable[Fault]:
    for key, address in (("sender", settings.sender), *((f"to[{n}]", to) for n, to in enumerate(settings.to))):
        try:
            Address(addr_spec=address)
            address.encode("ascii")
        except (ValueError, IndexError):
            yield Fault(f"{path}.{key}", f"{address!r} is no e-mail address that every server takes")
