"""Who guesses passwords waits; who knows it comes in, whatever others do."""

from datetime import timedelta

import pytest

from console.page.access import Doorkeeper
from console.page.tries import MOST_PLACES, MOST_WRONG, WrongTries, place_of
from tests.messages import NOON


class Clock:
    at = NOON

    def now(self) -> object:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


def test_who_guesses_waits_and_nobody_else_does() -> None:
    clock = Clock()
    door = Doorkeeper("open sesame", clock.now)
    for _ in range(MOST_WRONG):
        assert not door.admits("no", "203.0.113.9")
    assert not door.admits("open sesame", "203.0.113.9"), "one who guesses learns nothing for a while"
    assert door.admits("open sesame", "198.51.100.7")
    clock.later(seconds=61)
    assert door.admits("open sesame", "203.0.113.9")


def test_a_guesser_gets_so_many_tries_a_minute_however_often_they_ask() -> None:
    clock = Clock()
    door = Doorkeeper("right", clock.now)
    judged = 0
    for _ in range(600):  # two a second, for five minutes
        judged += not door.locked("203.0.113.9")
        door.admits("wrong", "203.0.113.9")
        clock.later(seconds=0.5)
    assert judged == 5 * MOST_WRONG


def test_the_right_password_sets_no_guesser_free() -> None:
    door = Doorkeeper("right", Clock().now)
    for _ in range(MOST_WRONG - 1):
        door.admits("wrong", "203.0.113.9")
    assert door.admits("right", "203.0.113.9")
    door.admits("wrong", "203.0.113.9")
    assert door.locked("203.0.113.9")


def test_a_form_stays_good_however_many_strangers_come() -> None:
    """Nothing is kept of who has not signed in, so nobody can crowd out the one who types."""
    door = Doorkeeper("right", Clock().now)
    form = door.begin(signed_in=False)
    for _ in range(3000):
        door.begin(signed_in=False)
    again = door.session(form.id)
    assert again is not None
    assert not again.signed_in
    assert door.genuine(again, door.token(form))


def test_only_who_signed_in_is_in_and_not_for_ever() -> None:
    clock = Clock()
    door = Doorkeeper("right", clock.now)
    stranger, known = door.begin(signed_in=False), door.begin(signed_in=True)
    assert signed_in(door, known.id)
    assert not any(signed_in(door, id_) for id_ in (None, "", stranger.id, "x" * 32, "x" * 60_000))
    clock.later(hours=13)
    assert not signed_in(door, known.id)
    newer = door.begin(signed_in=True)
    door.end(newer)
    assert not signed_in(door, newer.id)


def signed_in(door: Doorkeeper, named: str | None) -> bool:
    found = door.session(named)
    return found is not None and found.signed_in


def test_without_a_password_everybody_is_in() -> None:
    door = Doorkeeper(None, Clock().now)
    assert signed_in(door, door.begin(signed_in=False).id)


def test_without_a_password_nothing_is_admitted_by_one() -> None:
    assert not Doorkeeper(None, Clock().now).admits("", "127.0.0.1")


PLACES = {  # two addresses: whether they are one place
    "the same": ("203.0.113.9", "203.0.113.9", True),
    "two of IPv4": ("203.0.113.9", "203.0.113.8", False),
    "one household of IPv6": ("2001:db8:0:1::1", "2001:db8:0:ff:1234::9", True),
    "two households of IPv6": ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
    "IPv4 written as IPv6": ("::ffff:203.0.113.9", "203.0.113.9", True),
    "two of IPv4 written as IPv6": ("::ffff:203.0.113.9", "::ffff:203.0.113.8", False),
    "of one link": ("fe80::1%eth0", "fe80::1", True),
    "what is no address": ("unknown", "x" * 60_000, True),
}


@pytest.mark.parametrize(("one", "other", "same"), PLACES.values(), ids=PLACES.keys())
def test_a_place_is_what_one_person_has_of_addresses(one: str, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same


def test_what_is_remembered_is_bounded_and_the_latest_stay() -> None:
    clock = Clock()
    tries = WrongTries(clock.now)
    for number in range(MOST_PLACES + 100):
        tries.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(tries) == MOST_PLACES
    for _ in range(MOST_WRONG):
        tries.note("203.0.113.9")
    assert tries.too_many("203.0.113.9")
    clock.later(minutes=2)
    tries.note("203.0.113.9")
    assert len(tries) == 1, "what is over is forgotten"
