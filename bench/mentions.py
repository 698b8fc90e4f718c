"""Find the mentions of a catalogue in a file of articles with the stage's own finder, and say how fast it went."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.listed import Listed, catalogue_of
from enrich.mentions import Found, MentionFinder
from wire.catalogue import Catalogue, Entity, EntityKind

_LATIN = "ba ve go da zhe zi ko la me ni po ra se to ur fe ho tsi sha yan".split()  # noqa: SIM905
_CYRILLIC = "ба ве го да же зи ко ла ме ни по ра се то ур фе хо ци ша ян".split()  # noqa: SIM905
_WORDS = 300  # of the article in which speeds are told


class Line(Struct):
    """One article as benchmarks store it."""

    id: str
    lang: str
    text: str


class Answer(Struct):
    """The mentions of one article: start, end, entity id; in characters of its text."""

    id: str
    mentions: list[tuple[int, int, str]]


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of a benchmark, `{id: {kind, names, short?}}`."""
    return catalogue_of(msgspec.json.decode(path.read_bytes(), type=dict[str, Listed]))


def invented(aliases: int) -> dict[str, Entity]:
    """Entities with at least so many names in three languages, made of syllables: no name of any text by intent."""
    entities: dict[str, Entity] = {}
    kinds = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)
    # The same names at every call; whole numbers written in syllables never repeat.
    for number in range(-(-aliases // 3)):
        given, family = _syllables(number % 400, 2), _syllables(number, 4)
        latin, cyrillic = (
            f"{''.join(script[at] for at in given).title()} {''.join(script[at] for at in family).title()}"
            for script in (_LATIN, _CYRILLIC)
        )
        names: dict[str, tuple[str, ...]] = {"en": (latin,), "uk": (cyrillic,), "ru": (cyrillic,)}
        entities[f"invented-{number}"] = Entity(id=f"invented-{number}", kind=kinds[number % 3], names=names)
    return entities


def _syllables(number: int, count: int) -> list[int]:
    return [number // len(_LATIN) ** place % len(_LATIN) for place in range(count)]


def main(arguments: Sequence[str]) -> int:
    """Write one answer per article, in order."""
    parser = ArgumentParser(prog="python -m bench mentions", description=__doc__)
    meanings = {"articles": "{id, lang, text} a line", "catalogue": "JSON", "out": "answers, one a line"}
    for name, meaning in meanings.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    parser.add_argument("--invented", type=int, default=0, help="so many aliases more, of entities that do not exist")
    options = parser.parse_args(arguments)
    catalogue = read_catalogue(options.catalogue)
    if options.invented:
        catalogue = Catalogue({**catalogue.entities, **invented(options.invented)})
    started = time.process_time()
    finder = MentionFinder(catalogue)
    compiled = time.process_time()
    lines = msgspec.json.Decoder(Line).decode_lines(options.articles.read_bytes())
    found, seconds = _found(finder, lines)
    with options.out.open("wb") as file:
        for line, mentions in zip(lines, found, strict=True):
            answer = Answer(line.id, [(mention.start, mention.end, mention.entity) for mention in mentions])
            file.write(msgspec.json.encode(answer) + b"\n")
    _, known = _found(finder, lines)
    sizes = [len(line.text.split()) for line in lines]
    quarter = -(-len(lines) // 4)
    quarters = [
        _speed(sizes[at : at + quarter], seconds[at : at + quarter]) for at in range(0, len(lines), max(1, quarter))
    ]
    print(
        f"{len(lines)} articles, {sum(sizes)} words; articles of {_WORDS} words in a second of one core: "
        f"{_speed(sizes, seconds):.0f} from a cold start (by quarters {', '.join(f'{one:.0f}' for one in quarters)}), "
        f"{_speed(sizes, known):.0f} once all words are known; catalogue compiled in {compiled - started:.2f} s of it",
        file=sys.stderr,
    )
    return 0


def _found(finder: MentionFinder, lines: Sequence[Line]) -> tuple[list[tuple[Found, ...]], list[float]]:
    """The mentions of each article, and the seconds of a core that it took, whatever else the machine does."""
    found, seconds = [], []
    for line in lines:
        begun = time.process_time()
        found.append(finder.find(line.text, line.lang))
        seconds.append(time.process_time() - begun)
    return found, seconds


def _speed(words: Sequence[int], seconds: Sequence[float]) -> float:
    return sum(words) / _WORDS / max(sum(seconds), 1e-9)
