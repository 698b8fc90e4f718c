"""Every channel keeps the promises of `alerts.channels.port`, against real servers on loopback."""

import asyncio
import base64
import io
import logging
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from pydantic import SecretStr

from alerts.channels.console import ConsoleSender
from alerts.channels.email import EmailSender, MailServer
from alerts.channels.letter import Envelope
from alerts.channels.port import Channel
from alerts.channels.slack import SlackSender
from alerts.channels.slack_bot import SlackBot
from alerts.channels.webhook import WebhookSender
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused, TryLater
from tests.alert_samples import hostile_alert, message
from tests.messages import NOON
from tests.slack_api import CHANNEL, TOKEN, SlackApi
from tests.slack_server import Reply, SlackServer
from tests.smtp_server import SmtpServer
from tests.webhook_server import Reply as Reply_
from tests.webhook_server import WebhookServer

PASSWORD = "correct horse battery staple"
CERTIFICATE = Path(__file__).parent / "tls" / "loopback.pem"
SIGNING = "whsec_" + base64.b64encode(b"a key that only this test knows!").decode()
TO = ("one@desk.example", "two@desk.example")


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def mailer(port: int, **said: object) -> EmailSender:
    server = MailServer(**{"host": "127.0.0.1", "port": port, "security": "none", **said})  # type: ignore[arg-type]
    trust = ssl.create_default_context(cafile=CERTIFICATE)
    return EmailSender(server, Envelope(sender="wirewatch@desk.example", to=TO), tls=trust)


def slack(server: SlackServer) -> SlackSender:
    return SlackSender(SecretStr(server.url))


def webhook(server: WebhookServer) -> WebhookSender:
    return WebhookSender(SecretStr(server.url), SecretStr(SIGNING), lambda: NOON)


def send(channel: Channel, attempt: int = 1) -> Outcome:
    return asyncio.run(channel.send(message(attempt=attempt)))


@contextmanager
def working(kind: str) -> Iterator[tuple[Channel, list[object]]]:
    """A channel of this kind whose other side takes everything, and what has arrived there."""
    if kind == "email":
        with SmtpServer() as mail:
            yield mailer(mail.port), mail.letters  # type: ignore[misc]
    elif kind == "slack":
        with SlackServer() as hook:
            yield slack(hook), hook.posts  # type: ignore[misc]
    elif kind == "slack bot":
        with SlackApi() as api:
            yield SlackBot(SecretStr(TOKEN), CHANNEL, api.url), api.posts  # type: ignore[misc]
    elif kind == "webhook":
        with WebhookServer() as receiver:
            yield webhook(receiver), receiver.taken  # type: ignore[misc]
    else:
        arrived: list[object] = []

        class Screen(io.StringIO):
            encoding = "ascii"

            def write(self, text: str, /) -> int:
                arrived.append(text)
                return super().write(text)

        yield ConsoleSender(Screen()), arrived


@contextmanager
def stuck(kind: str) -> Iterator[Channel]:
    """A channel of this kind whose other side has taken the message and never answers."""
    if kind == "email":
        with SmtpServer() as mail:
            mail.silent_after = "DATA"
            yield mailer(mail.port)
    elif kind == "slack":
        with SlackServer(Reply(how="hang")) as hook:
            yield slack(hook)
    elif kind == "slack bot":
        with SlackApi(lambda _: "slow-taken") as api:
            yield SlackBot(SecretStr(TOKEN), CHANNEL, api.url)
    elif kind == "webhook":
        with WebhookServer(Reply_(how="hang")) as receiver:
            yield webhook(receiver)
    else:
        reading, writing = os.pipe()
        os.write(writing, b"x" * 65_536)  # full: nobody reads
        with os.fdopen(reading, "rb"), os.fdopen(writing, "w", encoding="utf-8") as output:
            yield ConsoleSender(output)
            os.read(reading, 65_536)


KINDS = ("console", "email", "slack", "slack bot", "webhook")


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_taken_once(kind: str) -> None:
    with working(kind) as (channel, arrived):
        assert isinstance(send(channel), Accepted)
        assert len(arrived) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_are_taken_like_any(kind: str) -> None:
    with working(kind) as (channel, arrived):
        assert isinstance(asyncio.run(channel.send(message(hostile_alert()))), Accepted)
        assert len(arrived) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_many_at_once_all_arrive(kind: str) -> None:
    async def both(channel: Channel) -> list[Outcome]:
        return await asyncio.gather(*(channel.send(message(delivery_id=f"de-{n}")) for n in range(4)))

    with working(kind) as (channel, arrived):
        assert all(isinstance(outcome, Accepted) for outcome in asyncio.run(both(channel)))
        assert len(arrived) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_send_that_is_given_up_ends_at_once(kind: str) -> None:
    async def give_up(channel: Channel) -> None:
        async with asyncio.timeout(0.3):
            await channel.send(message())

    with stuck(kind) as channel:
        begun = monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(give_up(channel))
        assert monotonic() - begun < 3


SMTP = {  # name: (replies of the server, attempt) -> outcome
    "all well": ({}, 1, Accepted(remark="accepted")),
    "no such user": ({"RCPT": "550 5.1.1 no such user"}, 1, Refused),
    "greylisted": ({"RCPT": "450 4.2.0 greylisted"}, 1, TryLater),
    "one of two is unknown": (
        {f"RCPT {TO[1]}": "550 no such user"},
        1,
        Accepted(remark="accepted; but not two@desk.example (550 no such user)"),
    ),
    "one of two is greylisted: nobody gets it yet": ({f"RCPT {TO[1]}": "450 later"}, 1, TryLater),
    "one of two is greylisted for long: the other gets it": (
        {f"RCPT {TO[1]}": "450 later"},
        3,
        Accepted(remark="accepted; but not two@desk.example (450 later)"),
    ),
    "sender refused": ({"MAIL": "553 not you"}, 1, Refused(reason="553 not you")),
    "busy": ({"MAIL": "421 too busy"}, 1, TryLater(reason="421 too busy")),
    "content refused": ({"DATA": "554 5.7.1 spam"}, 1, Refused(reason="554 5.7.1 spam")),
    "disk full": ({"DATA": "452 4.3.1 no space"}, 1, TryLater(reason="452 4.3.1 no space")),
}


@pytest.mark.parametrize(("replies", "attempt", "outcome"), SMTP.values(), ids=SMTP.keys())
def test_smtp_replies(replies: dict[str, str], attempt: int, outcome: Outcome | type[Outcome]) -> None:
    with SmtpServer() as server:
        server.replies = replies
        got = send(mailer(server.port), attempt)
        assert got == outcome if not isinstance(outcome, type) else isinstance(got, outcome)
        assert len(server.letters) == isinstance(got, Accepted)


def test_a_letter_reaches_all_recipients_with_its_key() -> None:
    with SmtpServer() as server:
        send(mailer(server.port))
        assert server.recipients == [list(TO)]
        assert server.letters[0]["Message-ID"] == "<de-1@desk.example>"


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


USER = {"user": "wirewatch", "password": SecretStr(PASSWORD)}


def test_starttls_and_password() -> None:
    with SmtpServer(tls=server_tls(), user=("wirewatch", PASSWORD)) as server:
        assert isinstance(send(mailer(server.port, security="starttls", **USER)), Accepted)
        wrong = send(mailer(server.port, security="starttls", user="wirewatch", password=SecretStr("guess")))
        assert wrong == Refused(reason="535: user or password was not accepted")
        assert len(server.letters) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to() -> None:
    with SmtpServer(tls=server_tls(), user=("wirewatch", PASSWORD)) as server:
        settings = MailServer(host="127.0.0.1", port=server.port, security="starttls", **USER)  # type: ignore[arg-type]
        channel = EmailSender(settings, Envelope(sender="wirewatch@desk.example", to=TO))
        assert isinstance(send(channel), TryLater)
        assert server.letters == []


def test_starttls_is_not_given_up_where_the_server_has_none() -> None:
    with SmtpServer() as server:
        assert isinstance(send(mailer(server.port, security="starttls")), Refused)
        assert server.letters == []


def test_nobody_there() -> None:
    port = unused_port()
    assert isinstance(send(mailer(port)), TryLater)
    assert isinstance(send(SlackSender(SecretStr(f"http://127.0.0.1:{port}/services/x"))), TryLater)


def test_a_mail_server_that_falls_silent_before_the_letter_has_nothing() -> None:
    async def give_up(channel: Channel, server: SmtpServer) -> None:
        task = asyncio.create_task(channel.send(message()))
        await asyncio.to_thread(server.reached.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with SmtpServer() as server:
        server.silent_after = "MAIL"
        asyncio.run(give_up(mailer(server.port), server))
        assert server.letters == []


SLACK = {  # name: reply -> outcome
    "ok": (Reply(), Accepted()),
    "rate limited": (
        Reply(429, "", {"Retry-After": "30"}),
        TryLater(reason="HTTP 429", after_seconds=30.0),
    ),
    "rate limited, odd header": (Reply(429, "", {"Retry-After": "soon"}), TryLater(reason="HTTP 429")),
    "server fault": (Reply(500, "boom"), TryLater(reason="HTTP 500 boom")),
    "unavailable": (Reply(503, "", {"Retry-After": "7"}), TryLater(reason="HTTP 503", after_seconds=7.0)),
    "revoked": (Reply(403, "action_prohibited"), Refused(reason="HTTP 403 action_prohibited")),
    "gone": (Reply(404, "no_service"), Refused(reason="HTTP 404 no_service")),
    "bad token": (Reply(401, "invalid_token"), Refused(reason="HTTP 401 invalid_token")),
    "redirects are not followed": (Reply(302, "", {"Location": "http://127.0.0.1:1/"}), Refused(reason="HTTP 302")),
    "words that are no error word": (Reply(400, f"bad {SlackServer.SECRET}"), Refused(reason="HTTP 400")),
    "no answer": (Reply(how="cut"), NoAnswer),
}


@pytest.mark.parametrize(("reply", "outcome"), SLACK.values(), ids=SLACK.keys())
def test_slack_replies(reply: Reply, outcome: Outcome | type[Outcome]) -> None:
    with SlackServer(reply) as server:
        got = send(slack(server))
        assert got == outcome if not isinstance(outcome, type) else isinstance(got, outcome)
        assert len(server.posts) == 1


def test_a_redirect_does_not_carry_the_address_on() -> None:
    with SlackServer() as elsewhere:
        with SlackServer(Reply(307, "", {"Location": elsewhere.url})) as server:
            assert isinstance(send(slack(server)), Refused)
        assert elsewhere.posts == []


@pytest.mark.parametrize("word", ["http://a.example/\x00", "ftp://a.example/x", "/services/x", ""])
def test_a_webhook_that_is_no_address_is_refused_without_being_shown(word: str) -> None:
    with pytest.raises(ValueError, match="begins with https://") as raised:
        SlackSender(SecretStr(f"{word}"))
    assert not word or word not in str(raised.value)


def test_secrets_are_in_no_outcome_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    for reply in (Reply(), Reply(403, SlackServer.SECRET), Reply(how="cut")):
        with SlackServer(reply) as server:
            channel = slack(server)
            said += [send(channel), channel, vars(channel)["_http"]]
    with SlackApi(lambda _: "invalid_auth") as api:
        bot = SlackBot(SecretStr(TOKEN), CHANNEL, api.url)
        said += [send(bot), asyncio.run(bot.find(message())), bot, vars(bot)]
    with WebhookServer(Reply_(403)) as receiver:
        said += [send(webhook(receiver)), webhook(receiver)]
    with SmtpServer(tls=server_tls(), user=("wirewatch", "other")) as mail:
        said.append(send(mailer(mail.port, security="starttls", **USER)))
    with SmtpServer(tls=server_tls(), user=("wirewatch", PASSWORD)) as mail:
        mail.replies["RCPT"] = f"550 I know {PASSWORD}"
        sender = mailer(mail.port, security="starttls", **USER)
        said += [send(sender), sender, vars(sender)["_server"]]
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # which is the server's
    everything = "\n".join(ours) + repr(said)
    assert "HTTP" in everything
    assert "550 I know ***" in everything
    for secret in (PASSWORD, SlackServer.SECRET, "xyzsecretxyz", TOKEN, SIGNING, SIGNING[6:]):
        assert secret not in everything
