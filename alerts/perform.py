"""The work of the stage `deliver`: one try to send one message, or the look-up that makes it needless."""

from collections.abc import Mapping
from dataclasses import replace

from alerts.channels.port import Channel
from alerts.message import Manner, Message, compose
from alerts.outcome import Absent, Accepted, Outcome, Refused, SendRequest, SendResult
from wire.stage import Work


class Sender:
    """Performs `Work` whose body is a `SendRequest`; its time limit is the caller's."""

    def __init__(self, channels: Mapping[str, Channel], manner: Manner) -> None:
        """`manner`: how messages speak."""
        self._channels = channels
        self._manner = manner

    async def __call__(self, work: Work) -> SendResult:
        """What came of it; an exception, or no end at all, is doubt."""
        request = work.body
        assert isinstance(request, SendRequest), f"deliver asks for no {type(request).__name__}"
        channel = self._channels.get(request.channel)
        if channel is None:
            return SendResult(outcome=Refused(reason="the settings have no channel of that name"))
        message = compose(request, self._manner)
        return SendResult(outcome=await (_in_doubt if request.may_repeat else _send)(channel, message))


async def _send(channel: Channel, message: Message) -> Outcome:
    return await channel.send(message)


async def _in_doubt(channel: Channel, message: Message) -> Outcome:
    """An earlier try may have arrived: sent again only where the channel cannot tell, or says that it has nothing."""
    match await channel.find(message):
        case None:
            return await channel.send(message)
        case Absent():
            return await channel.send(replace(message, may_repeat=False))
        case Accepted() as found:
            return Accepted(remark="found in the channel: an earlier try had arrived", receipt=found.receipt)
        case unanswered:
            return unanswered
