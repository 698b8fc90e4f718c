"""Forms of Polish names by rule: more than a grammarian would give, since a form that nobody writes costs nothing."""

from collections.abc import Iterator

# Endings by the end of the nominative; every row that fits is taken.  (end of the word, letters to cut, endings)
_ROWS = (
    ("y", 1, "y ego emu ym"),  # Biały
    ("y", 1, "y ów om ami ach _"),  # Stany, Chiny
    ("ki", 1, "i iego iemu im"),  # Zełenski, Wielki
    ("gi", 1, "i iego iemu im"),
    ("i", 1, "i ów om ami ach"),
    ("ka", 1, "a iej ą i ę o"),  # Europejska, Ameryka
    ("ga", 1, "a iej ą i ę o"),
    ("ja", 1, "a i ę ą o"),  # Rosja
    ("ia", 1, "a i ę ą o"),  # Unia
    ("a", 1, "a y i e ę ą o ej"),  # Ukraina, Biała
    ("o", 1, "o a u em y i ę ą"),  # Wojsko, Ziobro
    ("e", 1, "e a u em ego emu ym ych ymi"),  # Morze, Czarne, Zjednoczone
    ("ów", 2, "ów owa owowi owem owie"),  # Kraków
    ("ń", 1, "ń nia niowi niem niu"),  # Poznań
    ("ć", 1, "ć cia ciowi ciem ciu"),
    ("ś", 1, "ś sia siowi siem siu"),
    ("ź", 1, "ź zia ziowi ziem ziu"),
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
_FLEETING = "ekc"  # Marek, Marka; Niemiec, Niemca


def polish_forms(key: str) -> frozenset[str]:
    """Every form of a folded nominative, itself included."""
    return frozenset(_forms(key))


def _forms(key: str) -> Iterator[str]:
    yield key
    if len(key) < 3:
        return
    for end, cut, endings in _ROWS:
        if key.endswith(end):
            yield from _with(key[:-cut], endings)
    if key[-1] not in _VOWELS:
        yield from _with(key, _CONSONANT)
        yield _softened(key)
        if key[-2] == "e" and key[-1] in _FLEETING and key[-3] not in _VOWELS:
            yield from _with(key[:-2] + key[-1], "a owi iem em u")
        if key[-3:] == "iec":
            yield from _with(key[:-3] + "c", "a owi em u")
    elif key[-1] in "ao":
        yield _softened(key[:-1])


def _softened(stem: str) -> str:
    for end, soft in _SOFT:
        if stem.endswith(end):
            return stem[: len(stem) - len(end)] + soft
    return stem + _SOFT_ELSE


def _with(stem: str, endings: str) -> Iterator[str]:
    return (stem + ending.replace("_", "") for ending in endings.split())
