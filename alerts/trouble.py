"""Deliveries that fail are told to people through another channel, at most once an hour for each.  Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from alerts.delivery import Delivery
from alerts.entries import Trouble, trouble_key
from alerts.holding import notified
from alerts.ledger import Ledger
from wire.notice import OPERATORS
from wire.settings import DeliverSettings
from wire.stage import Change

_EVERY = timedelta(hours=1)


def noted(ledger: Ledger, lost: Sequence[Delivery], now: datetime) -> Iterator[Change]:
    """What is kept of deliveries that have failed for good."""
    # A complaint that nobody takes is no reason for another.
    by_channel = groupby(sorted((one for one in lost if one.watch != OPERATORS), key=_channel), key=_channel)
    for channel, failures in by_channel:
        *_, last = new = list(failures)
        known = ledger.troubles.get(channel) or Trouble(channel=channel, failed=0, since=now, told=None)
        since = known.since if known.failed else now
        yield Change(
            trouble_key(channel), replace(known, failed=known.failed + len(new), since=since, reason=last.reason)
        )


def to_be_told(ledger: Ledger, now: datetime) -> list[str]:
    """The channels of whose failures people do not know yet."""
    return sorted(one.channel for one in ledger.troubles.values() if _is_due(one, now))


def told(
    ledger: Ledger, channel: str, *, channels: Collection[str], settings: DeliverSettings, now: datetime
) -> Iterator[Change]:
    """The word to the operators about a channel, through another one of `channels`; nothing if it is not due."""
    trouble = ledger.troubles.get(channel)
    if trouble is None or not _is_due(trouble, now):
        return
    yield Change(trouble_key(channel), replace(trouble, failed=0, since=now, told=now))
    count = f"{trouble.failed} deliver{'y' if trouble.failed == 1 else 'ies'}"
    wished = (*settings.operators, *channels)
    for other in [name for name in wished if name != channel and name in channels][:1]:
        yield from notified(
            ledger,
            settings,
            f"Channel {channel}: {count} failed since {trouble.since:%H:%M} UTC",
            f"{trouble.reason}. See: wirewatch deliveries --channel {channel} --state failed",
            watch=OPERATORS,
            channel=other,
            now=now,
        )


def _is_due(trouble: Trouble, now: datetime) -> bool:
    return trouble.failed > 0 and (trouble.told is None or trouble.told + _EVERY <= now)


def _channel(delivery: Delivery) -> str:
    return delivery.channel
