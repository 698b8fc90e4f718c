"""How often the language of sentences and headlines is read right, and how fast."""

import json
import re
import resource
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from enrich.language import LanguageDetector

_SENTENCE_END = re.compile(r"(?<=[.!?…»\"])\s+(?=[A-ZА-ЯІЇЄҐЁ«\"—])")
_SHORTEST_SENTENCE = 15


def main(arguments: Sequence[str]) -> int:
    """Print accuracy per language and the share right among Ukrainian and Russian."""
    parser = ArgumentParser("bench language", description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines with lang, title, text")
    parser.add_argument("--errors", action="store_true", help="list the texts that were read wrongly")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in options.articles.read_text(encoding="utf-8").splitlines()]
    detector = LanguageDetector()
    detector.detect("warm up"), detector.detect("Доброго ранку")
    for name, texts in (
        ("headlines", [(row["title"], row["lang"]) for row in rows]),
        ("sentences", [(s, row["lang"]) for row in rows for s in sentences(row.get("text", ""))]),
    ):
        if texts:
            report(name, texts, detector, errors=options.errors)
    print(f"largest resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 0


def sentences(text: str) -> Iterator[str]:
    """Sentences of all paragraphs but the first, which repeats the headline."""
    for paragraph in text.split("\n")[1:]:
        yield from (s for s in _SENTENCE_END.split(paragraph) if len(s.strip()) >= _SHORTEST_SENTENCE)


def report(name: str, texts: Sequence[tuple[str, str]], detector: LanguageDetector, *, errors: bool) -> None:
    """Print one line of figures, and the errors where wanted."""
    start = time.perf_counter()
    found = [detector.detect(text).code for text, _ in texts]
    seconds = time.perf_counter() - start
    total = Counter(language for _, language in texts)
    right = Counter(gold for (_, gold), code in zip(texts, found, strict=True) if gold == code)
    cyrillic = total["uk"] + total["ru"]
    both = f"uk and ru {(right['uk'] + right['ru']) / cyrillic:.4f}, " if cyrillic else ""
    each = " ".join(f"{language} {right[language] / total[language]:.3f}" for language in sorted(total))
    print(
        f"{name}: n {len(texts)}, {both}all {right.total() / total.total():.4f}, {each}, {len(texts) / seconds:.0f}/s"
    )
    for (text, gold), code in zip(texts, found, strict=True):
        if errors and gold != code:
            print(f"  {gold} read as {code}: {text[:90]}")
