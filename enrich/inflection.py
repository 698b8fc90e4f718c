"""Forms of a name's words: by dictionary where it knows the word, by rules of declension where it does not.

The rules give more forms than a grammarian would: a form nobody writes costs nothing, a missing one a mention.
Ukrainian and Russian; dictionaries: pymorphy3 with the data of VESUM and OpenCorpora.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain

from pymorphy3 import MorphAnalyzer
from pymorphy3.analyzer import Parse
from pymorphy3.tagset import OpencorporaTag

from enrich.polish import polish_forms
from enrich.words import is_cyrillic

# Endings by the end of the nominative; the first row that fits is taken.  (end of the word, letters to cut, endings)
_Rows = tuple[tuple[str, int, str], ...]
_UKRAINIAN: _Rows = (
    ("ий", 2, "ий ого ому им ім"),
    ("ій", 2, "ій ія ію ієм ієві ії ього ьому ім ого ому им"),
    ("й", 1, "й я ю єм єві ї"),
    ("ія", 1, "я ї ю єю є"),
    ("я", 1, "я і ї ю ею єю ям ьо"),
    ("а", 1, "а и і ї у ою ею ої ій о"),
    ("о", 1, "о а у ові ом і"),
    ("е", 1, "е я ю ем і ого ому им ім"),
    ("ець", 3, "ець ця цю цем цеві ці"),
    ("ь", 1, "ь я ю ем єм еві єві і"),
    ("ів", 2, "ів ова ову ову ові овом овим ева еву евом еві іва іву івом іві"),  # Львів, Київ; Тель-Авів
    ("їв", 2, "їв єва єву євом євим єві"),
    ("р", 0, "_ а у ом ові і е я ю ем еві"),
)
_RUSSIAN: _Rows = (
    ("ый", 2, "ый ого ому ым ом"),
    ("ий", 2, "ий ого его ому ему им ом ем ия ию ием ии"),
    ("ой", 2, "ой ого ому ым им ом оя ою оем ое"),
    ("й", 1, "й я ю ем е и"),
    ("ая", 2, "ая ой ую ою аи аю аей ае"),
    ("яя", 2, "яя ей юю ею"),
    ("я", 1, "я и ю ей ею е"),
    ("а", 1, "а ы и у ой ою ей ею е"),
    ("ое", 2, "ое ого ому ым им ом"),
    ("ее", 2, "ее его ему им ем"),
    ("ые", 2, "ые ых ым ыми"),
    ("ие", 2, "ие их им ими ия ию ием ии"),
    ("ье", 1, "е я ю ем и"),
    ("ец", 2, "ец ца цу цем цом це еца ецу ецем еце"),
    ("ь", 1, "ь я ю ем е и ью"),
)
_CONSONANT = {"uk": "_ а у ові еві ом ем і е", "ru": "_ а у ом ем е"}
_PLURAL = {  # Філіппіни, Нидерланды
    "uk": {"и": "и ів ам ами ах ей _", "і": "і ів їв их им ими ям ями ях", "ї": "ї їв й ям ями ях"},
    "ru": {"ы": "ы ов ам ами ах _", "и": "и ов ев ей ам ами ах ям ями ях _"},
}
_SHORTEST_FAMILY = 7
_FAMILY_NAME_ENDS = ("ов", "ев", "єв", "їв", "ін", "їн", "ин", "ын")
_SOFTENED = {"г": "з", "к": "ц", "х": "с"}  # Прага, у Празі
_FLEETING = "еоє"  # Павел, Павла
_VOWELS = "аеиоуыэюяєії"
_NOMINATIVE_PARTS = {"NOUN", "ADJF", "PRTF", "NUMR", "NPRO"}
_VERBS = {"VERB", "INFN", "GRND", "PRTS", "PRED"}
_SMALL_WORDS = {"PREP", "CONJ", "PRCL"}
_TOWN_ENDS = ("ів", "їв")
_PARTS_OF_NAMES = {"NOUN": "noun", "ADJF": "adjective"}
_GENDERS = ("masc", "femn", "neut")


class Inflection:
    """Knows the forms of words.  Reading the two dictionaries takes about 0.2 s, so make one and share it."""

    def __init__(self) -> None:
        self._dictionaries = {language: MorphAnalyzer(lang=language) for language in ("uk", "ru")}

    def forms(self, key: str, language: str, *, person: bool, modifier: bool = False) -> frozenset[str]:
        """Every form of a nominative word, itself included; words in other scripts have one form.

        Args:
            key: a folded word.
            language: of the name, ISO 639-1; what is neither uk nor ru is taken for both.
            person: names of persons have no plural, except long ones of families (Скрипалі).
            modifier: a later word of an organisation's name, which stays as it is unless it is a nominative
                (of the Верховный суд Пакистана only the first two words change).
        """
        if language == "pl":
            return polish_forms(key)
        if not is_cyrillic(key) or len(key) < 2:
            return frozenset((key,))
        languages = (language,) if language in self._dictionaries else tuple(self._dictionaries)
        return frozenset((key,)).union(*(self._one(key, each, person, modifier) for each in languages))

    def _one(self, key: str, language: str, person: bool, modifier: bool) -> set[str]:
        known = self._parses(key, language)
        nominative = [parse for parse in known if _is_nominative(parse)]
        forms = {_unify(form) for parse in nominative for form in _cases(parse)}
        if modifier and known and not nominative:
            return {key}
        # Also of known words: dictionaries take names for words (Лахор for лахр), and Musk is not the mask.
        return forms | set(by_rule(key, language, person=person))

    def _parses(self, key: str, language: str) -> list[Parse]:
        """What the dictionary says of a word it has; guesses about others are never wanted, and cost the most."""
        dictionary = self._dictionaries[language]
        return list(dictionary.parse(key)) if dictionary.word_is_known(key) else []

    def _tags(self, key: str, language: str) -> list[OpencorporaTag]:
        """The tags of `_parses`, in half of the time."""
        dictionary = self._dictionaries[language]
        return dictionary.tag(key) if dictionary.word_is_known(key) else []

    def is_known(self, key: str) -> bool:
        """Whether one of the dictionaries has the word in any form."""
        return any(dictionary.word_is_known(key) for dictionary in self._dictionaries.values())

    def lemma(self, key: str, language: str, *, of_town: bool = False) -> str | None:
        """The nominative of a folded word that a dictionary has, of a name before that of a common word; else None.

        Args:
            of_town: a town in -ів goes before a person (Миколаїв before Миколай); its dictionary marks no places.
        """
        languages = (language,) if language in self._dictionaries else tuple(self._dictionaries)
        parses = [parse for each in languages for parse in self._parses(key, each)]
        if not parses:
            return None
        towns = filter(_is_town, parses) if of_town else ()
        return _unify(next(chain(towns, (parse for parse in parses if _is_proper(parse.tag)), parses)).normal_form)

    def part_of_name(self, key: str) -> str:
        """`adjective` or `noun` where a dictionary's first guess says so, else ""."""
        for language in self._dictionaries:
            parts = [tag.POS for tag in self._tags(key, language)]
            if not _SMALL_WORDS.isdisjoint(parts):
                return ""
            if parts and parts[0] in _PARTS_OF_NAMES:
                return _PARTS_OF_NAMES[parts[0]]
        return ""

    def is_verb(self, key: str) -> bool:
        """Whether a dictionary has the word as a form of a verb."""
        return any(tag.POS in _VERBS for language in self._dictionaries for tag in self._tags(key, language))

    def is_given_name(self, key: str) -> bool:
        """Whether a dictionary has the word as a form of a given name."""
        return any("Name" in tag for language in self._dictionaries for tag in self._tags(key, language))

    def is_common(self, key: str) -> bool:
        """Whether a dictionary has the word, and as nothing but an ordinary one."""
        tags = [tag for language in self._dictionaries for tag in self._tags(key, language)]
        return bool(tags) and not any(map(_is_proper, tags))

    def has_one_number(self, key: str) -> bool:
        """Whether the Ukrainian dictionary alone has the word, and as a noun of one number: Київ, Євросоюз, Нідерланди.

        It marks persons but neither places nor organisations, and few of these nouns are anything else.
        What a word is in the nominative goes before what else it is: Київ is also a form of кий.
        """
        parses = self._parses(key, "uk")
        if not parses or any(parse.tag.POS != "NOUN" for parse in parses) or self._tags(key, "ru"):
            return False
        return not any(map(_has_both_numbers, list(filter(_is_nominative, parses)) or parses))


_PROPER = frozenset(("Name", "Surn", "Patr", "Geox", "Orgn", "Trad"))


def by_rule(key: str, language: str, *, person: bool) -> Iterator[str]:
    """Forms of a nominative word by the declension that its end suggests."""
    yield key
    if len(key) < 3:
        if key[-1] not in _VOWELS:
            yield from _with(key, _CONSONANT[language])
        return
    if key[-1] in _PLURAL[language] and not (person and len(key) < _SHORTEST_FAMILY):
        yield from _with(key[:-1], _PLURAL[language][key[-1]])
    for end, cut, endings in _UKRAINIAN if language == "uk" else _RUSSIAN:
        if key.endswith(end):
            yield from _with(key[: len(key) - cut], endings)
            break
    else:
        yield from _by_last_letter(key, language, person)
    yield from _alternating(key, language)


def _by_last_letter(key: str, language: str, person: bool) -> Iterator[str]:
    if key[-1] not in _VOWELS:
        yield from _with(key, _CONSONANT[language])
    elif key[-1] == "о" and not person:
        yield from _with(key[:-1], "о а у ом е")


def _alternating(key: str, language: str) -> Iterator[str]:
    """Forms whose stem changes."""
    if key.endswith(_FAMILY_NAME_ENDS):
        yield from _with(key, "ым" if language == "ru" else "им")
    if language == "uk" and key[-1] == "а" and key[-2] in _SOFTENED:
        yield key[:-2] + _SOFTENED[key[-2]] + "і"
    if language == "uk" and key[-1] == "ь":
        yield key[:-1] + key[-2] + "ю"  # Білорусь, Білоруссю
    if len(key) > 3 and key[-1] in "клнр" and key[-2] in _FLEETING and key[-3] not in _VOWELS:
        yield from _with(key[:-2] + key[-1], _CONSONANT[language].removeprefix("_ "))


def _with(stem: str, endings: str) -> Iterator[str]:
    return (stem + ending.replace("_", "") for ending in endings.split())


def _has_both_numbers(noun: Parse) -> bool:
    return "Pltm" not in noun.tag and any("plur" in form.tag for form in noun.lexeme)


def _is_proper(tag: OpencorporaTag) -> bool:
    return not _PROPER.isdisjoint(tag.grammemes)


def _is_town(parse: Parse) -> bool:
    return "loct" in parse.tag and "inan" in parse.tag and parse.normal_form.endswith(_TOWN_ENDS)


def _is_nominative(parse: Parse) -> bool:
    # Some words of the Ukrainian dictionary have no case at their first form: арбітраж.
    first_form = parse.tag.case is None and parse.word == parse.normal_form
    return parse.tag.POS in _NOMINATIVE_PARTS and ("nomn" in parse.tag or first_form)


def _cases(parse: Parse) -> Iterator[str]:
    """The forms of a nominative in its own number and gender: only the case varies."""
    gender = next((gender for gender in _GENDERS if gender in parse.tag), None)
    plural = "plur" in parse.tag
    for form in parse.lexeme:
        same_gender = plural or gender is None or gender in form.tag
        if form.tag.POS == parse.tag.POS and ("plur" in form.tag) is plural and same_gender:
            yield form.word


@cache
def _unify(form: str) -> str:
    return form.replace("ё", "е").replace("ґ", "г").replace("’", "'")
