"""Wrong passwords, by the place that they came from: who guesses waits, and nobody else does."""

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

MOST_WRONG, _WITHIN = 5, timedelta(minutes=1)
# Some 11 MB.  Who has more places than these to guess from is slowed down less, and still locks nobody out.
MOST_PLACES = 10_000
_HOUSEHOLD_BITS = 56  # of IPv6: what a household is usually given, RFC 6177 section 2


def place_of(address: str) -> str:
    """The place of a client's address: all that one customer may choose from; "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{int(found) >> (128 - _HOUSEHOLD_BITS):x}"
    return str(found)


class WrongTries:
    """The last wrong passwords of each place, in bounded memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._places: OrderedDict[str, deque[datetime]] = OrderedDict()  # the longest silent first

    def __len__(self) -> int:
        return len(self._places)

    def note(self, address: str) -> None:
        """One has just come from `address`."""
        place = place_of(address)
        self._places.setdefault(place, deque(maxlen=MOST_WRONG)).append(self._now())
        self._places.move_to_end(place)
        while len(self._places) > MOST_PLACES or self._is_over(next(iter(self._places.values()))[-1]):
            self._places.popitem(last=False)

    def too_many(self, address: str) -> bool:
        """Whether so many came from its place within a minute that no other is judged now."""
        times = self._places.get(place_of(address))
        return times is not None and len(times) == MOST_WRONG and not self._is_over(times[0])

    def _is_over(self, at: datetime) -> bool:
        return at <= self._now() - _WITHIN
