"""Watches are found by what an article mentions, and known by name."""

from alerts.watch import Watch, Watches, watch_from
from wire.settings import WatchSettings


def watch(name: str, *entities: str, **said: object) -> Watch:
    settings = {"name": name, "all": entities, "channels": ("mail", "mail"), **said}
    return watch_from(WatchSettings.model_validate(settings))


def test_only_watches_all_of_whose_entities_are_there() -> None:
    watches = Watches([watch("b", "musk", "putin"), watch("a", "putin"), watch("c", "putin", "nasa")])
    assert [found.name for found in watches.possible(["putin", "musk"])] == ["a", "b"]
    assert watches.possible([]) == []
    assert watches.entities == {"musk", "putin", "nasa"}


def test_what_is_named_twice_counts_once() -> None:
    made = watch("a", "musk", "musk")
    assert (made.entities, made.channels) == (("musk",), ("mail",))


def test_the_digest_follows_every_setting() -> None:
    assert watch("a", "musk").digest == watch("a", "musk").digest
    others = [watch("a", "putin"), watch("a", "musk", scope="story"), watch("a", "musk", min_outlets=2)]
    assert len({made.digest for made in [watch("a", "musk"), *others]}) == 4


def test_empty_conditions_admit_all() -> None:
    assert watch("a", "musk").admits(outlet="any", language="und")
    narrow = watch("a", "musk", languages=("uk",), outlets=("one",))
    cases = {("one", "uk"): True, ("one", "en"): False, ("two", "uk"): False}
    assert {case: narrow.admits(outlet=case[0], language=case[1]) for case in cases} == cases
    assert narrow.covered_by(("one", "two", "three")) == 1
