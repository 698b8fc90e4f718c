"""Forms of Polish names by rule: more than a grammarian would give, since a form that nobody writes costs nothing."""

from collections.abc import Iterator

# Endings by the end of the nominative; every row that fits is taken.  (end of the word, letters to cut, endings)
_ROWS = (
    ("y", 1, "y ego emu ym"),  # Biały
    ("y", 1, "y ów om ami ach _"),  # Stany, Chiny
    ("ki", 1, "i iego iemu im"),  # Zełenski, Wielki
    ("gi", 1, "i iego iemu im"),
    ("i", 1, "i ów om ami ach iego iemu im"),  # Helsinki, Antoni
    ("ka", 1, "a iej ą i ę o"),  # Europejska, Ameryka
    ("ga", 1, "a iej ą i ę o"),
    ("ja", 1, "a i ę ą o"),  # Rosja
    ("ia", 1, "a i ę ą o"),  # Unia
    ("a", 1, "a y i e ę ą o ej"),  # Ukraina, Biała
    ("ca", 2, "ki ce kę ką ko"),  # Monica, Moniki
    ("o", 1, "o a u em y i ę ą"),  # Wojsko, Ziobro
    ("e", 1, "e a u em ego emu ym ych ymi"),  # Morze, Czarne, Zjednoczone
    ("ce", 1, "_ om ami ach"),  # Katowice
    ("ów", 2, "ów owa owowi owem owie"),  # Kraków
    ("ń", 1, "ń nia niowi niem niu ni nią"),  # Poznań
    ("ć", 1, "ć cia ciowi ciem ciu ci cią"),
    ("ś", 1, "ś sia siowi siem siu si sią"),  # Białoruś
    ("ź", 1, "ź zia ziowi ziem ziu zi zią"),
    ("iew", 3, "iew wi wią"),  # Cerkiew
    ("cz", 0, "_ y ą"),  # Bydgoszcz
)
_VOWELS = "aeiouyąęó"
_CONSONANT = "_ a u owi em iem ie"
# Before the -e of the dative and locative a stem ends otherwise: Ameryce, Pradze, Senacie, Kanadzie.
_SOFT = (
    ("st", "ście"),
    ("k", "ce"),
    ("g", "dze"),
    ("ch", "sze"),
    ("r", "rze"),
    ("t", "cie"),
    ("d", "dzie"),
    ("ł", "le"),
)
_SOFT_ELSE = "ie"
_FLEETING = "ekcłlr"  # Marek, Marka; Niemiec, Niemca; Paweł, Pawła; Wróbel, Wróbla; Aleksander, Aleksandra
_SOFT_LABIALS = "bpwm"  # Wrocław, Wrocławia; as others Adam, Adama
_OTHER_VOWELS = {"ó": "o", "ą": "ę"}  # of the last syllable, where an ending follows: Łódź, Łodzi; Dąb, Dęba
_SOFT_PLURAL = (("ch", "sz"), ("c", "cz"), ("r", "rz"))  # Włochy, Włoszech; Niemcy, Niemczech; Węgry, Węgrzech


def polish_forms(key: str) -> frozenset[str]:
    """Every form of a folded nominative, itself included."""
    return frozenset((key, *_forms(key), *(form for stem in _with_other_vowel(key) for form in _forms(stem))))


def _with_other_vowel(key: str) -> Iterator[str]:
    """The word as its longer forms have it, if its last vowel changes in them."""
    last = max((at for at, letter in enumerate(key) if letter in _VOWELS), default=-1)
    if 0 <= last < len(key) - 1 and key[last] in _OTHER_VOWELS:
        yield key[:last] + _OTHER_VOWELS[key[last]] + key[last + 1 :]


def _forms(key: str) -> Iterator[str]:
    if len(key) < 3:
        return
    if key[-1] == "y":
        yield from _of_plural(key[:-1])
    for end, cut, endings in _ROWS:
        if key.endswith(end):
            yield from _with(key[: len(key) - cut], endings)
    if key[-1] not in _VOWELS:
        yield from _with(key, _CONSONANT)
        yield _softened(key)
        if key[-1] in _SOFT_LABIALS:
            yield from _with(key, "ia iowi iem iu")
        if key[-2] == "e" and key[-1] in _FLEETING and key[-3] not in _VOWELS:
            yield from _with(key[:-2] + key[-1], "a owi iem em u")
            yield _softened(key[:-2] + key[-1])
        if key[-3:] == "iec":
            yield from _with(key[:-3] + "c", "a owi em u")
    elif key[-1] in "ao":
        yield _softened(key[:-1])


def _of_plural(stem: str) -> Iterator[str]:
    """Forms of a country's plural name that its rows lack: w Niemczech, z Niemiec."""
    for end, soft in _SOFT_PLURAL:
        if stem.endswith(end):
            yield stem[: len(stem) - len(end)] + soft + "ech"
            break
    if len(stem) > 2 and not {stem[-1], stem[-2]} & set(_VOWELS):
        yield stem[:-1] + "ie" + stem[-1]


def _softened(stem: str) -> str:
    for end, soft in _SOFT:
        if stem.endswith(end):
            return stem[: len(stem) - len(end)] + soft
    return stem + _SOFT_ELSE


def _with(stem: str, endings: str) -> Iterator[str]:
    return (stem + ending.replace("_", "") for ending in endings.split())
