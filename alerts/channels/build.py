"""Channels from the settings, their secrets read."""

from collections.abc import Iterable, Mapping
from email.headerregistry import Address
from typing import TextIO

from alerts.channels.console import ConsoleSender
from alerts.channels.email import EmailSender, MailServer
from alerts.channels.letter import Envelope
from alerts.channels.port import Channel
from alerts.channels.slack import SlackSender
from wire.errors import BadSettings, Fault
from wire.settings import Channel as ChannelSettings
from wire.settings import ConsoleChannel, EmailChannel, SlackChannel


def build_channels(
    settings: Iterable[ChannelSettings], environment: Mapping[str, str], output: TextIO
) -> dict[str, Channel]:
    """The channels by name; `output` is where the console channel writes.

    Raises:
        BadSettings: secrets that cannot be read or addresses that are none, all at once, never with a secret's value.
    """
    built: dict[str, Channel] = {}
    faults: list[Fault] = []
    for number, channel in enumerate(settings):
        try:
            built[channel.name] = _channel(channel, f"channel[{number}]", environment, output)
        except BadSettings as error:
            faults += error.faults
    if faults:
        raise BadSettings("channels", faults)
    return built


def _channel(settings: ChannelSettings, path: str, environment: Mapping[str, str], output: TextIO) -> Channel:
    match settings:
        case ConsoleChannel():
            return ConsoleSender(output)
        case SlackChannel():
            return _slack(settings, f"{path}.webhook", environment)
        case EmailChannel():
            return _email(settings, path, environment)


def _slack(settings: SlackChannel, path: str, environment: Mapping[str, str]) -> Channel:
    webhook = settings.webhook.read(environment, path)
    try:
        return SlackSender(webhook)
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
    return EmailSender(server, Envelope(sender=settings.sender, to=settings.to))


def _bad_addresses(settings: EmailChannel, path: str) -> Iterable[Fault]:
    for key, address in (("sender", settings.sender), *((f"to[{n}]", to) for n, to in enumerate(settings.to))):
        try:
            Address(addr_spec=address)
            address.encode("ascii")
        except (ValueError, IndexError):
            yield Fault(f"{path}.{key}", f"{address!r} is no e-mail address that every server takes")
