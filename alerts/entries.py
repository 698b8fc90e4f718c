"""What stands in `news.deliveries`, the state of the stage `deliver`, and under which keys.

| key | record | removed |
| --- | --- | --- |
| `delivery:<delivery>` | `Delivery` | when the alert has left `news.alerts` |
| `alert:<alert>` | `Alert`, once for all its channels | when its last delivery has ended |
| `pause:<channel>` | `Pause`: the channel asked for a break | never; one per channel |
| `thread:<channel>:<story>` | `Thread`: the channel's first message on a story | with the delivery that began it |
| `mute:<watch or story>` | `Mute`: nothing is sent of it | when it is over, with the next command |
| `replay` | `Replay`: alerts before an offset are read again after a reset | with the next reset |
| `removed:<article>` | `Removed`: an article was taken down | never; few |
| `trouble:<channel>` | `Trouble`: deliveries have failed there | never; one per channel |
"""

from alerts.delivery import Delivery
from wire.messages import Message, StoryId, UtcTime
from wire.stage import Change


class Pause(Message, frozen=True, kw_only=True):
    """Nothing is sent through the channel before `until`."""

    channel: str
    until: UtcTime


class Thread(Message, frozen=True, kw_only=True):
    """What the channel calls its first message on the story; later ones are put under it."""

    channel: str
    story_id: StoryId
    receipt: str
    delivery_id: str


class Mute(Message, frozen=True, kw_only=True):
    """Nothing is sent of the watch or story `target` until `until`."""

    target: str
    until: UtcTime
    who: str
    command_id: str
    offset: int  # of the last alert that was taken before


class Replay(Message, frozen=True, kw_only=True):
    """Alerts before this offset of `news.alerts` are read again after a reset, and not sent."""

    until: int


class Trouble(Message, frozen=True, kw_only=True):
    """Deliveries that failed in a channel since people were last told so."""

    channel: str
    failed: int
    since: UtcTime
    told: UtcTime | None
    reason: str = ""  # of the last


def delivery_key(delivery_id: str) -> str:
    """Where `Delivery` is kept."""
    return f"delivery:{delivery_id}"


def line(delivery: Delivery) -> Change:
    """The ledger's line as it is now."""
    return Change(delivery_key(delivery.delivery_id), delivery)


def alert_key(alert_id: str) -> str:
    """Where the alert of open deliveries is kept."""
    return f"alert:{alert_id}"


def pause_key(channel: str) -> str:
    """Where `Pause` is kept."""
    return f"pause:{channel}"


def thread_key(channel: str, story_id: StoryId) -> str:
    """Where `Thread` is kept."""
    return f"thread:{channel}:{story_id}"


def mute_key(target: str) -> str:
    """Where `Mute` is kept."""
    return f"mute:{target}"


REPLAY_KEY = "replay"


def trouble_key(channel: str) -> str:
    """Where `Trouble` is kept."""
    return f"trouble:{channel}"
