"""Any service that Apprise knows, through a process that can be ended and says no secret."""

import asyncio
from time import monotonic

import pytest
from pydantic import SecretStr

from alerts.channels.apprise import AppriseSender
from alerts.outcome import Accepted, Outcome, Refused, TryLater
from tests.alert_samples import message
from tests.webhook_server import Reply, WebhookServer

pytestmark = pytest.mark.slow  # Apprise loads all its services for each message


def sender(server: WebhookServer) -> AppriseSender:
    return AppriseSender(SecretStr(server.url.replace("http://", "json://user:s3cret@")))


CASES: dict[str, tuple[tuple[Reply, ...], Outcome]] = {
    "taken": ((), Accepted()),
    "not taken": ((Reply(500),), TryLater(reason="the service did not take it")),
}


@pytest.mark.parametrize(("script", "outcome"), CASES.values(), ids=CASES.keys())
def test_send(script: tuple[Reply, ...], outcome: Outcome) -> None:
    with WebhookServer(*script) as server:
        assert asyncio.run(sender(server).send(message(may_repeat=True))) == outcome
        ((_, body),) = server.posts
        assert "(may repeat) [musk-putin]" in body.decode("unicode_escape")


def test_an_address_that_no_service_has() -> None:
    channel = AppriseSender(SecretStr("nothing://s3cret"))
    outcome = asyncio.run(channel.send(message()))
    assert outcome == Refused(reason="Apprise knows no service for this address")
    assert "s3cret" not in repr([outcome, channel, vars(channel)])


def test_a_send_that_is_given_up_touches_nothing_more() -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await AppriseSender(SecretStr("json://127.0.0.1:1")).send(message())

    begun = monotonic()
    asyncio.run(give_up())
    assert monotonic() - begun < 5
