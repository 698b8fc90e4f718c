"""Story events for tests, written in short: `*MUSK*` and `*PUTIN*` in a sentence are mentions of those entities."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.messages import NOON, article
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Mention, Place, Reading, Sentence, StoryEvent, StoryEventKind, StoryFacts
from wire.topics import STORY_EVENTS

_MARKED = re.compile(r"\*([A-Z]+)\*")
Line = tuple[Place, int, str]


def headline(text: str) -> Line:
    return (Place.HEADLINE, 0, text)


def body(text: str, paragraph: int = 1) -> Line:
    return (Place.BODY, paragraph, text)


def reading(*lines: Line, language: str = "en", citations: Sequence[str] = ()) -> Reading:
    """What enrich would have read in `lines`."""
    sentences, mentions = [], []
    for number, (place, paragraph, marked) in enumerate(lines):
        text, shift = "", 0
        for found in _MARKED.finditer(marked):
            text += marked[shift : found.start()]
            mentions.append(
                Mention(entity=found[1].lower(), sentence=number, start=len(text), end=len(text) + len(found[1]))
            )
            text, shift = text + found[1], found.end()
        sentences.append(Sentence(text=text + marked[shift:], place=place, paragraph=paragraph))
    return Reading(language=language, sentences=tuple(sentences), mentions=tuple(mentions), citations=tuple(citations))


def event(
    *lines: Line,
    kind: StoryEventKind = StoryEventKind.JOINED,
    story: str = "st-1",
    number: int = 1,
    article_id: str = "a1",
    version: str = "v1",
    outlet: str = "one",
    language: str = "en",
    outlets: Sequence[str] = ("one",),
    minutes: int = 0,
    other: str | None = None,
    articles: Sequence[str] = (),
    citations: Sequence[str] = (),
    facts: StoryFacts | None = None,
) -> StoryEvent:
    """An event `minutes` after noon; it carries an article where its kind does."""
    seen = NOON + timedelta(minutes=minutes)
    with_article = kind in (StoryEventKind.OPENED, StoryEventKind.JOINED, StoryEventKind.REVISED)
    title = lines[0][2].replace("*", "") if lines else ""
    return StoryEvent(
        event_id=f"{story}-{number}-{kind.value}",
        kind=kind,
        story_id=story,
        number=number,
        title=title,
        article=article(
            title,
            body="\n".join(text.replace("*", "") for place, _, text in lines if place is Place.BODY),
            outlet=outlet,
            article_id=article_id,
            version=version,
            minutes=minutes,
        )
        if with_article
        else None,
        reading=reading(*lines, language=language, citations=citations) if with_article else None,
        articles=tuple(articles),
        other=other,
        outlets=tuple(outlets),
        languages=(language,),
        event_time=seen,
        seen=seen,
        facts=facts,
    )


def records(*events: StoryEvent, first_offset: int = 0) -> list[Record]:
    """The events as records of their topic."""
    return [
        Record(topic=STORY_EVENTS, offset=offset, key=event.story_id, value=encode(event))
        for offset, event in enumerate(events, first_offset)
    ]


NOW: datetime = NOON
