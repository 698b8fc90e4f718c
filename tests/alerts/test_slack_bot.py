"""The bot posts with its key, keeps stories in threads, and finds what has arrived although nobody said so."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from alerts.channels.slack_bot import SlackBot
from alerts.message import Message
from alerts.outcome import Absent, Accepted, Found, NoAnswer, Outcome, Refused, TryLater
from tests.alert_samples import message
from tests.slack_api import CHANNEL, TOKEN, SlackApi


def bot(api: SlackApi, token: str = TOKEN) -> SlackBot:
    return SlackBot(SecretStr(token), CHANNEL, api.url)


def send(channel: SlackBot, said: Message | None = None) -> Outcome:
    return asyncio.run(channel.send(said or message()))


def find(channel: SlackBot, said: Message | None = None) -> Found:
    return asyncio.run(channel.find(said or message()))


def test_a_post_carries_its_key_and_answers_with_its_receipt() -> None:
    with SlackApi() as api:
        outcome = send(bot(api))
        (post,) = api.posts
        assert outcome == Accepted(receipt=str(post["ts"]))
        assert (api.keys(), post["channel"], "thread_ts" in post) == (["de-1"], CHANNEL, False)


def test_an_update_stands_in_its_story_s_thread() -> None:
    with SlackApi() as api:
        first = send(bot(api))
        assert isinstance(first, Accepted)
        update = replace(message(), reply_to=first.receipt, key="de-2")
        send(bot(api), update)
        assert api.posts[1]["thread_ts"] == first.receipt
        assert isinstance(find(bot(api), update), Accepted)
        assert api.calls[-1] == "conversations.replies"


FAULTS: dict[str, tuple[str, Outcome | type[Outcome], type[Accepted | Absent]]] = {
    # name: (what happens, outcome, what the history then says)
    "rate limit": ("429", TryLater(reason="HTTP 429", after_seconds=1.0), Absent),
    "server fault": ("500", NoAnswer(reason="HTTP 500"), Absent),
    "server fault after it was taken": ("500-taken", NoAnswer(reason="HTTP 500"), Accepted),
    "no answer after it was taken": ("slow-taken", NoAnswer, Accepted),
    "cut before it was taken": ("cut", NoAnswer, Absent),
    "internal error": ("internal_error", NoAnswer(reason="internal_error"), Absent),
    "revoked": ("invalid_auth", Refused(reason="invalid_auth"), Absent),
}


@pytest.mark.parametrize(("word", "outcome", "found"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_and_what_the_history_says_of_them(
    word: str, outcome: Outcome | type[Outcome], found: type[Found]
) -> None:
    with SlackApi(lambda _: word, hang_s=0.05) as api:
        got = send(bot(api))
        assert got == outcome if not isinstance(outcome, type) else isinstance(got, outcome)
        assert isinstance(find(bot(api)), found)  # type: ignore[arg-type]


def test_a_long_history_is_read_page_by_page() -> None:
    with SlackApi() as api:
        send(bot(api))
        for number in range(230):
            api.posts.append({**api.posts[0], "ts": f"{float(str(api.posts[0]['ts'])) + number:.6f}", "metadata": {}})
        assert isinstance(find(bot(api)), Accepted)
        assert api.calls.count("conversations.history") == 3


def test_a_wrong_token_is_refused_and_never_shown() -> None:
    with SlackApi() as api:
        channel = bot(api, "xoxb-wrong-secret")
        said = [send(channel), find(channel), vars(channel)]
        assert said[0] == Refused(reason="invalid_auth")
        assert "wrong-secret" not in repr(said)
