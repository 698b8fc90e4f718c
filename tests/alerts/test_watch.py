"""Watches are found by what an article mentions, and known by name."""

from datetime import UTC, date, datetime

from alerts.watch import Watch, Watches, watch_from
from wire.settings import GroupSettings, OutletSettings, WatchSettings


def watch(name: str, *entities: str, **said: object) -> Watch:
    settings = {"name": name, "all": entities, "channels": ("mail", "mail"), **said}
    return watch_from(WatchSettings.model_validate(settings))


def test_only_watches_all_of_whose_entities_are_there() -> None:
    watches = Watches([watch("b", "musk", "putin"), watch("a", "putin"), watch("c", "putin", "nasa")])
    assert [found.name for found in watches.possible({"putin", "musk"})] == ["a", "b"]
    assert watches.possible(set()) == []
    assert watches.entities == {"musk", "putin", "nasa"}


def test_what_is_named_twice_counts_once() -> None:
    made = watch("a", "musk", "musk")
    assert (made.terms, made.channels) == ((frozenset(("musk",)),), ("mail",))


def test_the_digest_follows_every_setting() -> None:
    assert watch("a", "musk").digest == watch("a", "musk").digest
    others = [watch("a", "putin"), watch("a", "musk", scope="story"), watch("a", "musk", min_outlets=2)]
    assert len({made.digest for made in [watch("a", "musk"), *others]}) == 4


GROUPS = (GroupSettings(name="board", entities=("musk", "bezos", "gates")),)
OUTLETS = (
    OutletSettings(id="one", name="The One", kind="agency", names=("One News",)),
    OutletSettings(id="two", name="Two", kind="media"),
)


def asked(**said: object) -> Watch:
    settings = WatchSettings.model_validate({"name": "a", "channels": ("mail",), **said})
    return watch_from(settings, groups=GROUPS, outlets=OUTLETS)


def test_a_group_stands_for_any_of_its_members() -> None:
    made = asked(all=("putin", "board"), any=("nasa", "esa"), none=("board",))
    assert made.terms == (frozenset(("putin",)), frozenset(("musk", "bezos", "gates")), frozenset(("nasa", "esa")))
    assert made.refused == {"musk", "bezos", "gates"}


def test_who_is_demanded_by_name_does_not_stand_for_his_group_too() -> None:
    assert asked(all=("musk", "board")).terms == (frozenset(("musk",)), frozenset(("bezos", "gates")))


def test_a_watch_of_any_is_found_by_each_of_them() -> None:
    watches = Watches([asked(all=("putin",), any=("musk", "nasa"))])
    there = {("putin", "nasa"): 1, ("putin", "musk"): 1, ("musk", "nasa"): 0, ("putin",): 0}
    assert {case: len(watches.possible(set(case))) for case in there} == there


def test_kinds_of_outlets_are_outlets() -> None:
    assert asked(all=("musk",)).outlets is None
    assert asked(all=("musk",), kinds=("agency",)).outlets == {"one"}
    assert asked(all=("musk",), kinds=("agency",), outlets=("two",)).outlets == set()


def test_an_outlet_is_cited_by_its_id_or_any_of_its_names() -> None:
    assert asked(all=("musk",), cites=("one",)).cites == {"one", "the one", "one news"}


def test_a_date_without_a_zone_is_the_watch_s() -> None:
    until = asked(all=("musk",), expires=date(2026, 3, 28), zone="Europe/Kyiv").expires
    assert until is not None
    assert until.astimezone(UTC) == datetime(2026, 3, 28, 22, tzinfo=UTC)
