"""Alerts through a Slack bot: updates in the story's thread, and what is in doubt looked up in the history.

https://docs.slack.dev/reference/methods/chat.postMessage, conversations.history, conversations.replies.
"""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import msgspec
from pydantic import SecretStr

from alerts.channels.blocks import as_blocks
from alerts.channels.http import Answer, HttpSender, refusal
from alerts.message import Message
from alerts.outcome import Absent, Accepted, Found, NoAnswer, Outcome, Refused, TryLater

EVENT = "wirewatch_message"  # of the metadata that carries the idempotency key
# A method may have done its work before it failed with these: the history will tell.
_UNKNOWN = frozenset({"internal_error", "fatal_error", "request_timeout"})
_LATER = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "message_limit_exceeded"}
)
_PAGE = 100
_MOST_PAGES = 20
_LONGEST_PAGE_BYTES = 8 * 1024 * 1024
# Slack's clock and ours may differ.
_CLOCKS = timedelta(minutes=2)


class _Metadata(msgspec.Struct):
    event_type: str = ""
    event_payload: dict[str, object] = {}


class _Posted(msgspec.Struct):
    ts: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Next(msgspec.Struct):
    next_cursor: str = ""


class _Reply(msgspec.Struct):
    ok: bool
    error: str = ""
    ts: str = ""
    messages: list[_Posted] = []
    response_metadata: _Next = msgspec.field(default_factory=_Next)


class SlackBot:
    """Posts into one channel with a bot's token, which is the secret."""

    def __init__(self, token: SecretStr, channel: str, api: str = "https://slack.com/api") -> None:
        self._token = token
        self._channel = channel
        self._api = api.rstrip("/")
        self._http = HttpSender()

    async def send(self, message: Message) -> Outcome:
        """See `Channel`; the receipt is the message's `ts`."""
        body: dict[str, object] = {
            "channel": self._channel,
            **as_blocks(message),
            "metadata": {"event_type": EVENT, "event_payload": {"key": message.key}},
        }
        if message.reply_to:
            body["thread_ts"] = message.reply_to
        reply = await self._call("chat.postMessage", content=msgspec.json.encode(body))
        return Accepted(receipt=reply.ts) if isinstance(reply, _Reply) else reply

    async def find(self, message: Message) -> Found:
        """See `Channel`: the message with its key, among those posted since the first try."""
        method = "conversations.replies" if message.reply_to else "conversations.history"
        query = {
            "channel": self._channel,
            "include_all_metadata": "true",
            "limit": str(_PAGE),
            "oldest": f"{(message.since - _CLOCKS).timestamp():.6f}",
        }
        if message.reply_to:
            query["ts"] = message.reply_to
        for _ in range(_MOST_PAGES):
            reply = await self._call(method, query=query)
            if not isinstance(reply, _Reply):
                return TryLater(reason=f"look-up: {reply.reason}") if isinstance(reply, NoAnswer) else reply
            for posted in reply.messages:
                if posted.metadata.event_type == EVENT and posted.metadata.event_payload.get("key") == message.key:
                    return Accepted(receipt=posted.ts)
            if not reply.response_metadata.next_cursor:
                return Absent()
            query["cursor"] = reply.response_metadata.next_cursor
        return None  # more was posted since than anybody would look through

    async def _call(
        self, method: str, *, content: bytes | None = None, query: Mapping[str, str] | None = None
    ) -> "_Reply | TryLater | NoAnswer | Refused":
        """One method of the API; a reply that says `ok`, or what its failure means."""
        url = httpx.URL(f"{self._api}/{method}" + (f"?{urlencode(query)}" if query else ""))
        headers = {
            "Authorization": f"Bearer {self._token.get_secret_value()}",
            "Content-Type": "application/json; charset=utf-8",
        }
        answer = await self._http.exchange(
            "GET" if content is None else "POST", url, content=content, headers=headers, most_bytes=_LONGEST_PAGE_BYTES
        )
        if not isinstance(answer, Answer):
            return answer
        if not answer.success:
            # The history tells what came of a post that ended so.
            said = refusal(answer)
            unsure = content is not None and answer.status >= 500
            return NoAnswer(reason=said.reason) if unsure and not isinstance(said, NoAnswer) else said
        return _judged(answer)


def _judged(answer: Answer) -> "_Reply | TryLater | NoAnswer | Refused":
    try:
        reply = msgspec.json.decode(answer.body, type=_Reply)
    except msgspec.DecodeError:
        return NoAnswer(reason="an answer that is none of Slack's")
    if reply.ok:
        return reply
    word = reply.error if reply.error.replace("_", "").isalnum() and len(reply.error) <= 60 else "error"
    if word in _UNKNOWN:
        return NoAnswer(reason=word)
    if word in _LATER:
        return TryLater(reason=word, after_seconds=answer.retry_after)
    return Refused(reason=word)
