"""A name has one key in every script and case, and common words have none."""

import pytest

from enrich.names import NameKeys, number_key
from enrich.sounds import sound_key


@pytest.fixture(scope="module")
def names() -> NameKeys:
    return NameKeys()


SAME = {  # the key's words: (language, a text with the name inside a sentence)
    "Musk": [("uk", "розмову Ілона Маска"), ("ru", "с Илоном Маском"), ("en", "and Elon Musk's"), ("pl", "z Muskiem")],
    "Putin": [("uk", "Володимиром Путіним"), ("ru", "Владимиру Путину"), ("en", "to Vladimir Putin")],
    "Macron": [("uk", "з Макроном"), ("ru", "о Макроне"), ("en", "with Macron"), ("pl", "u Macrona")],
    "Zakharova": [("uk", "про Захарову"), ("ru", "о Захаровой"), ("en", "by Zakharova"), ("pl", "przez Zacharową")],
    "Johnson": [("uk", "і Джонсоном"), ("ru", "от Джонсона"), ("en", "for Johnson")],
    "Shevchenko": [("uk", "Шевченком"), ("ru", "у Шевченко"), ("en", "said Shevchenko"), ("pl", "dla Szewczenki")],
    "Kharkiv": [("uk", "під Харковом"), ("uk", "у Харкові"), ("ru", "в Харькове"), ("en", "near Kharkiv")],
    "Kyiv": [("uk", "у Києві"), ("uk", "Києві"), ("uk", "під Києвом"), ("ru", "в Киеве"), ("en", "near Kyiv")],
    "Mykolaiv": [("uk", "у Миколаєві"), ("uk", "В Миколаєві"), ("uk", "під Миколаєвом"), ("en", "near Mykolaiv")],
    "Mykolai": [("uk", "дати Миколаєві"), ("uk", "без Миколая"), ("en", "for Mykolai")],
    "Lviv": [("uk", "у Львові"), ("uk", "Львовом"), ("ru", "во Львове"), ("en", "near Lviv")],
    "Chernihiv": [("uk", "у Чернігові"), ("uk", "під Черніговом"), ("en", "near Chernihiv")],
    "Vietnam": [("uk", "у В'єтнамі"), ("ru", "из Вьетнама"), ("en", "from Vietnam")],
    "Maxim": [("uk", "Максима"), ("ru", "Максимом"), ("en", "with Maxim")],
    "Xi Jinping": [("en", "with Xi Jinping")],
}


@pytest.mark.parametrize(("name", "texts"), SAME.items(), ids=SAME.keys())
def test_one_key_in_every_script_and_case(names: NameKeys, name: str, texts: list[tuple[str, str]]) -> None:
    key = sound_key(name.split()[-1].lower())
    assert [text for language, text in texts if key not in names.of(f"a {text}.", language)] == []


TEXTS = {  # name: (language, text, keys)
    "in order, each once": ("en", "we saw Musk, Putin and Musk", "msk ptn"),
    "the word that opens a sentence, if common": ("uk", "Вчора тихо. Учора Кремль мовчав", "krml"),
    "the word that opens a sentence, if a name": ("uk", "Маркаров приїхав", "mrkr"),
    "Ukrainian places and organisations": ("uk", "Київ чекає. Одеса теж. Укрінформ пише", "kv ds krnf"),
    "in other cases too": ("uk", "Львову бракує води. Одесу чути. Росії байдуже", "lv ds rs"),
    "also in a Russian text": ("ru", "Брекзит отложили. Київ ждёт", "brkz kv"),
    "common words that have a plural": ("uk", "Уряд мовчить. Завтра вибори. Місяць зійшов. Суми виплатять", ""),
    "common words without one, if Russian has them": ("uk", "Молоко подорожчало. Метро стоїть", ""),
    "a Polish opener": ("pl", "Kraków czeka. Wczoraj padało", "krkv vqr"),
    "an English opener": ("en", "Yesterday it rained. The end. Obama spoke", "bm"),
    "quotation opens a sentence too": ("en", 'he said: "However, Musk knew"', "msk"),
    "numbers": ("en", "1,000 men, 2 500 women, 12.5 percent of 7 in 2026", "1000 2500 12.5 2026"),
    "decimal comma": ("uk", "12,5 відсотка з 1 000 000", "12.5 1000000"),
    "no numbers inside words": ("en", "the a380b and 1234567890123456", ""),
    "acronyms": ("en", "the NATO of the ООН", "nt"),
    "nothing": ("und", "", ""),
}


@pytest.mark.parametrize(("language", "text", "keys"), TEXTS.values(), ids=TEXTS.keys())
def test_texts(names: NameKeys, language: str, text: str, keys: str) -> None:
    assert list(names.of(text, language)) == keys.split()


def test_title_case_is_no_evidence_for_common_words(names: NameKeys) -> None:
    keys = names.of("Many Say Meanwhile Little Thanks To Musk", "en")
    assert "msk" in keys
    assert sound_key("meanwhile") not in keys


@pytest.mark.parametrize(("written", "key"), [("7", ""), ("10", "10"), ("3.14", "3.14"), ("1.000", "1000")])
def test_number_keys(written: str, key: str) -> None:
    assert number_key(written) == key


@pytest.mark.parametrize(
    "text", ["Ab" * 150_000, "Ab " * 100_000, "1 000 " * 50_000, "\u202eМаск " * 50_000, "A\n" * 99_999]
)
def test_hostile_texts_give_few_keys(names: NameKeys, text: str) -> None:
    assert len(names.of(text, "und")) <= 200
