"""The work of the stage `deliver`: one try to send one message."""

from collections.abc import Mapping

from alerts.channels.port import Channel
from alerts.message import compose
from alerts.outcome import Refused, SendRequest, SendResult
from wire.stage import Work


class Sender:
    """Performs `Work` whose body is a `SendRequest`; its time limit is the caller's."""

    def __init__(self, channels: Mapping[str, Channel], names: Mapping[str, str]) -> None:
        """`names`: how entities are called in messages to people, by id."""
        self._channels = channels
        self._names = names

    async def __call__(self, work: Work) -> SendResult:
        """What came of it; an exception, or no end at all, is doubt."""
        request = work.body
        assert isinstance(request, SendRequest), f"deliver asks for no {type(request).__name__}"
        channel = self._channels.get(request.channel)
        if channel is None:
            return SendResult(outcome=Refused(reason="the settings have no channel of that name"))
        return SendResult(outcome=await channel.send(compose(request, self._names)))
