"""What a webhook's receiver gets can be verified by the standard's own library, and a repeat be known as one."""

import asyncio
import base64
import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.channels.webhook import WebhookSender, signature
from alerts.message import Message
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused, TryLater
from tests.alert_samples import hostile_alert, message
from tests.webhook_server import Reply, WebhookServer

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def sender(server: WebhookServer, secret: str = SECRET) -> WebhookSender:
    return WebhookSender(SecretStr(server.url), SecretStr(secret), lambda: datetime.now(UTC))


def send(channel: WebhookSender, said: Message | None = None) -> Outcome:
    return asyncio.run(channel.send(said or message()))


def test_the_standard_s_own_library_verifies_it() -> None:
    with WebhookServer() as server:
        assert isinstance(send(sender(server)), Accepted)
        ((headers, body),) = server.posts
        said = Webhook(SECRET).verify(body, headers)
        assert said["type"] == "wirewatch.alert"
        assert (said["data"]["alert_id"], headers["webhook-id"]) == ("al-1", "de-1")
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body.replace(b"musk-putin", b"musk-nobody"), headers)


def test_the_signature_is_that_of_the_standard_s_example() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert (
        signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_every_attempt_has_the_same_id() -> None:
    with WebhookServer(Reply(503)) as server:
        assert isinstance(send(sender(server)), TryLater)
        assert isinstance(send(sender(server), message(attempt=2, may_repeat=True)), Accepted)
        assert {headers["webhook-id"] for headers, _ in server.posts} == {"de-1"}
        assert [json.loads(body)["may_repeat"] for _, body in server.posts] == [False, True]


def test_hostile_words_stay_in_their_strings() -> None:
    with WebhookServer() as server:
        send(sender(server), message(hostile_alert()))
        ((headers, body),) = server.posts
        assert Webhook(SECRET).verify(body, headers)["data"]["title"] == hostile_alert().title


REPLIES: dict[str, tuple[Reply, type[Outcome]]] = {
    "no content": (Reply(204), Accepted),
    "rate limit": (Reply(429, headers={"Retry-After": "3"}), TryLater),
    "gateway": (Reply(504), NoAnswer),
    "gone": (Reply(410), Refused),
    "redirect": (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), Refused),
    "cut": (Reply(how="cut"), NoAnswer),
}


@pytest.mark.parametrize(("reply", "outcome"), REPLIES.values(), ids=REPLIES.keys())
def test_replies(reply: Reply, outcome: type[Outcome]) -> None:
    with WebhookServer(reply) as server:
        assert isinstance(send(sender(server)), outcome)
