"""The starter catalogue is sound, an operator's file replaces and adds, and what is wrong with it is said at once."""

from pathlib import Path

import pytest

from wire.catalogue import Catalogue, Entity, EntityKind, load_catalogue, parse_entities
from wire.errors import BadSettings

ACME = """
[acme-rocketry]
kind = "organisation"
names = { en = ["Acme Rocketry"], uk = ["Акме Рокетрі"] }
short = { en = ["Acme"] }

[elon-musk]
kind = "person"
names = { en = ["Somebody Else"] }
"""
EXPECTED = (
    "elon-musk vladimir-putin bill-nelson john-kirby dmitry-peskov sergey-kiriyenko nasa spacex starlink pentagon "
    "white-house kremlin cnn wall-street-journal ukraine united-states nato european-union kyiv"
)


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    return load_catalogue()


def test_starter_holds_what_international_news_speak_of(starter: Catalogue) -> None:
    assert [name for name in EXPECTED.split() if name not in starter] == []
    assert len(starter) >= 250
    assert {entity.kind for entity in starter} >= set(EntityKind) - {EntityKind.OTHER}


def test_every_starter_entity_has_a_name_in_three_languages(starter: Catalogue) -> None:
    lacking = [
        (entity.id, language)
        for entity in starter
        for language in ("uk", "ru", "en")
        if not (entity.names.get(language) or entity.short.get(language))
        and not any(name.isascii() for names in entity.names.values() for name in names)
    ]
    assert lacking == []


def test_no_two_starter_entities_share_a_full_name(starter: Catalogue) -> None:
    owners: dict[str, set[str]] = {}
    for entity in starter:
        for name in (name for names in entity.names.values() for name in names):
            owners.setdefault(name.casefold(), set()).add(entity.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize(
    ("text", "entity"),
    {
        "an id": ("elon-musk", "elon-musk"),
        "a name": ("Elon Musk", "elon-musk"),
        "in another language, case and spacing": ("ілон  маск", "elon-musk"),
        "an alias": ("WSJ", "wall-street-journal"),
        "a short form says too little": ("Маск", None),
        "nobody": ("Hari Seldon", None),
    }.values(),
)
def test_resolve(starter: Catalogue, text: str, entity: str | None) -> None:
    assert starter.resolve(text) == entity


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("elon-mask", "elon-musk"),
        ("Vladmir Putin", "vladimir-putin"),
        ("white-hause", "white-house"),
        ("Кремьль", "kremlin"),
    ],
)
def test_nearest_proposes_what_was_meant(starter: Catalogue, typed: str, meant: str) -> None:
    assert starter.nearest(typed)[0] == meant


def test_nearest_proposes_nothing_for_what_is_like_nothing(starter: Catalogue) -> None:
    assert starter.nearest("qqqqqqqq") == ()


def test_operators_file_adds_and_replaces(starter: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "entities.toml"
    file.write_text(ACME, encoding="utf-8")
    catalogue = load_catalogue(file)
    assert len(catalogue) == len(starter) + 1
    assert catalogue.entities["acme-rocketry"].short == {"en": ("Acme",)}
    assert catalogue.entities["elon-musk"].label("uk") == "Somebody Else"
    assert catalogue.digest != starter.digest == load_catalogue().digest


def test_digest_ignores_order_and_sees_content() -> None:
    one, two = (Entity(id=name, names={"en": (name,)}) for name in ("one", "two"))
    assert Catalogue({"one": one, "two": two}).digest == Catalogue({"two": two, "one": one}).digest
    assert Catalogue({"one": one}).digest != Catalogue({"one": two}).digest


FAULTS = {  # name: (file, what the error says)
    "not TOML": ("[acme", ["is not TOML"]),
    "unknown field, with its path": ('[a]\nnames = {en = ["A"]}\ncompanion = 1', ["a.companion", "mean companions?"]),
    "a field of the wrong type": ('[a]\nnames = ["A"]', ["a: Expected"]),
    "no table": ("a = 1", ["a: Expected"]),
    "a Wikidata id that is none": ('[a]\nnames = {en = ["A"]}\nwikidata = "12"', ["a.wikidata", "Q42"]),
    "no names": ("[a]\nnames = {}", ["a.names: at least one name"]),
    "a bad id": ('["A b"]\nnames = {en = ["A"]}', ["A b: an id is made of"]),
    "an unknown kind, with the nearest": (
        '[a]\nkind = "persn"\nnames = {en = ["A"]}',
        ["a.kind", "did you mean person?"],
    ),
    "a language that is none": ('[a]\nnames = {english = ["A"]}', ["a.names.english"]),
    "a name of signs": ('[a]\nnames = {en = ["--"]}', ["a.names.en: a name needs a letter"]),
    "all at once": ('[a]\nnames = {}\n[b]\nkind = "x"\nnames = {en = ["B"]}', ["2 faults", "a.names", "b.kind"]),
    "all of one entity at once": ('["A b"]\nkind = "x"\nalias = 1', ["4 faults", "A b.alias", "A b.kind", "A b.names"]),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_named(text: str, said: list[str]) -> None:
    with pytest.raises(BadSettings) as caught:
        parse_entities(text, where="entities.toml")
    assert [part for part in said if part not in str(caught.value)] == []


def test_unknown_companion_and_missing_file_are_settings_errors(tmp_path: Path) -> None:
    file = tmp_path / "entities.toml"
    file.write_text('[a]\nnames = {en = ["A"]}\ncompanions = ["nobody-known"]', encoding="utf-8")
    with pytest.raises(BadSettings, match=r"a\.companions: no entity is called nobody-known"):
        load_catalogue(file)
    with pytest.raises(BadSettings, match="cannot be read"):
        load_catalogue(tmp_path / "absent.toml")
