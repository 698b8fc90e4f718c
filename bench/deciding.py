"""What deciding costs with very many watches: the stage alerts alone, step, encode and fold, over made-up stories.

python -m bench deciding [--watches 10000] [--entities 5000] [--events 5000]
"""

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from alerts.stage import Alerts
from alerts.watch import Watch, watch_from
from bench.folding import fold
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article, Mention, Place, Reading, Sentence, StoryEvent, StoryEventKind
from wire.settings import WatchSettings
from wire.topics import STORY_EVENTS, WATCH_STATE

TARGET_MS = 1.0
_START = datetime(2026, 3, 1, tzinfo=UTC)
_SCOPES = ("headline", "sentence", "paragraph", "article", "story")
_PER_STORY = 8  # articles, on average


def main(arguments: Sequence[str]) -> int:
    """Measure; 1 if an event costs more than a millisecond on average."""
    parser = argparse.ArgumentParser(prog="python -m bench deciding", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--watches", type=int, default=10_000)
    parser.add_argument("--entities", type=int, default=5_000)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    chance = random.Random(asked.seed)  # noqa: S311 - made-up stories, no secrets
    stage = Alerts(list(watches(asked.watches, asked.entities, chance)), {})
    spans, told = list[float](), 0
    for record in records(asked.events, asked.entities, chance):
        begun = time.perf_counter()
        effects = stage.step(record, _START)
        fold(stage, effects, WATCH_STATE)
        for output in effects.outputs:
            encode(output.message)
        spans.append((time.perf_counter() - begun) * 1000)
        told += len(effects.outputs)
    first, *rest = spans  # the first notes that all watches are loaded
    mean, ordered = statistics.fmean(rest), sorted(rest)
    p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
    print(
        f"{asked.watches} watches over {asked.entities} entities, {len(spans)} events, {told} alerts:"
        f" mean {mean:.3f} ms, p95 {p95:.3f} ms, p99 {p99:.3f} ms, worst {ordered[-1]:.1f} ms;"
        f" the first, which notes all watches, {first:.0f} ms"
    )
    return 0 if mean < TARGET_MS else 1


def watches(count: int, entities: int, chance: random.Random) -> Iterator[Watch]:
    """Pairs of entities, some named far more often than others, with all scopes and some with words and groups."""
    for number in range(count):
        one, two = _named(entities, 2, chance)
        more: dict[str, object] = {}
        if number % 5 == 0:
            more["any"] = _named(entities, 3, chance)
        if number % 7 == 0:
            more["words"] = (f"word{chance.randrange(30_000):05}*",)
        if number % 11 == 0:
            more["none"] = _named(entities, 1, chance)
        if number % 3 == 0:
            more["updates"] = ("language", "outlet", "headline", "correction")
        settings = {"name": f"w{number}", "all": (one, two), "scope": _SCOPES[number % 5], "channels": ("c",), **more}
        yield watch_from(WatchSettings.model_validate(settings))


def records(count: int, entities: int, chance: random.Random) -> Iterator[Record]:
    """Story events with articles of some 300 words, each of which mentions about ten entities."""
    stories: list[tuple[str, list[str], list[int]]] = []
    for offset in range(count):
        if not stories or chance.random() < 1 / _PER_STORY:
            stories.append((f"st-{offset}", _named(entities, 12, chance), [0]))
        story, cast, number = chance.choice(stories[-40:])
        number[0] += 1
        event = _event(offset, story, number[0], chance.sample(cast, 8) + _named(entities, 2, chance), chance)
        yield Record(topic=STORY_EVENTS, offset=offset, key=story, value=encode(event))


def _named(entities: int, count: int, chance: random.Random) -> list[str]:
    """Distinct entities; the low numbers often, as with real names."""
    drawn = (f"e{int(entities * chance.random() ** 2.5)}" for _ in itertools.count())
    found: dict[str, None] = {}
    while len(found) < count:
        found[next(drawn)] = None
    return list(found)


def _event(offset: int, story: str, number: int, cast: Sequence[str], chance: random.Random) -> StoryEvent:
    seen = _START + timedelta(seconds=offset)
    outlet = f"outlet{chance.randrange(200)}"
    words = " ".join(f"word{chance.randrange(30_000):05}" for _ in range(300))
    sentences, mentions = [], []
    for place, entity in enumerate(cast):
        where = Place.HEADLINE if place == 0 else Place.BODY
        text = f"{entity} said so, and {cast[place - 1]} heard it on the same long day of talks in the capital"
        sentences.append(Sentence(text=text, place=where, paragraph=place // 2))
        mentions.append(Mention(entity=entity, sentence=place, start=0, end=len(entity)))
        if place:
            begin = text.index(cast[place - 1], len(entity))
            mentions.append(
                Mention(entity=cast[place - 1], sentence=place, start=begin, end=begin + len(cast[place - 1]))
            )
    language = chance.choice(("uk", "ru", "en", "pl"))
    article = Article(
        article_id=f"a{offset}",
        version="v1",
        outlet=outlet,
        feed=outlet,
        url=f"https://{outlet}.example/{offset}",
        title=sentences[0].text,
        body=words,
        published=seen,
        seen=seen,
        event_time=seen,
    )
    return StoryEvent(
        event_id=f"e{offset}",
        kind=StoryEventKind.OPENED if number == 1 else StoryEventKind.JOINED,
        story_id=story,
        number=number,
        title=article.title,
        article=article,
        reading=Reading(language=language, sentences=tuple(sentences), mentions=tuple(mentions)),
        article_count=number,
        outlets=(outlet,),
        languages=(language,),
        event_time=seen,
        seen=seen,
    )
