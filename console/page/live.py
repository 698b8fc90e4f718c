"""Story events to everybody who looks: one bounded queue a viewer; who is too slow is let go and comes back by id."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from wire.messages import StoryEvent

# Events that one viewer may have waiting: some five seconds at 50 a second.
QUEUE = 256
# A viewer is sent what has gathered so often; a story is on the page well within a second.
GATHER_SECONDS = 0.1
# Nothing for so long: a comment keeps proxies from closing the connection.
KEEP_ALIVE_SECONDS = 15.0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is told of a story's event: all that a line of the list shows."""

    story_id: str
    kind: str
    title: str
    status: str
    article_count: int
    outlets: tuple[str, ...]
    languages: tuple[str, ...]
    independent: int
    entities: tuple[str, ...]
    last_seen: str
    other: str | None
    headline: str = ""
    outlet: str = ""


def told(event: StoryEvent) -> Told:
    """The event for the page."""
    facts = event.facts
    entities = [] if event.reading is None else sorted({one.entity for one in event.reading.mentions})
    if facts is not None:
        entities = [*(one.entity for one in facts.entities), *entities]
    return Told(
        story_id=event.story_id,
        kind=event.kind.value,
        title=event.title,
        status="new" if facts is None else facts.status.value,
        article_count=event.article_count,
        outlets=event.outlets,
        languages=event.languages,
        independent=0 if facts is None else len(facts.independent),
        entities=tuple(dict.fromkeys(entities)),
        last_seen=event.seen.isoformat().replace("+00:00", "Z"),
        other=event.other,
        headline="" if event.article is None else event.article.title,
        outlet="" if event.article is None else event.article.outlet,
    )


def frame(place: int, one: Told) -> bytes:
    """One server-sent event; its id is where the log holds the story event."""
    return f"id: {place}\nevent: story\ndata: {msgspec.json.encode(one).decode()}\n\n".encode()


@dataclass(slots=True, eq=False)
class Viewer:
    """Somebody who follows, with the facets that they chose."""

    chosen: Mapping[str, str]
    queue: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(QUEUE))
    gone: bool = False

    def wants(self, one: Told) -> bool:
        """Whether the story has what was chosen."""
        has = {"language": one.languages, "outlet": one.outlets, "entity": one.entities}
        return all(value in has[name] for name, value in self.chosen.items())

    def let_go(self) -> None:
        """Forget what is waiting; the stream ends, and the browser comes back with the last id that it has."""
        self.gone = True
        while not self.queue.empty():
            self.queue.get_nowait()


class Hub:
    """All viewers; used on the event loop's thread alone."""

    def __init__(self, most: int) -> None:
        self._viewers: set[Viewer] = set()
        self._most = most
        self.dropped = 0  # viewers that were too slow

    def __len__(self) -> int:
        return len(self._viewers)

    def join(self, chosen: Mapping[str, str]) -> Viewer | None:
        """A new viewer; None where there are as many as may be."""
        if len(self._viewers) >= self._most:
            return None
        viewer = Viewer(chosen)
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer's connection has ended."""
        self._viewers.discard(viewer)

    def publish(self, events: Sequence[tuple[int, Told]]) -> None:
        """Give the events to everybody who wants them; never waits."""
        for place, one in events:
            said = frame(place, one)
            for viewer in [viewer for viewer in self._viewers if viewer.wants(one)]:
                try:
                    viewer.queue.put_nowait(said)
                except asyncio.QueueFull:
                    viewer.let_go()
                    self._viewers.discard(viewer)
                    self.dropped += 1

    def close(self) -> None:
        """End every stream: the page is going down."""
        for viewer in self._viewers:
            viewer.let_go()
        self._viewers.clear()


async def stream(viewer: Viewer, before: Sequence[bytes]) -> AsyncIterator[bytes]:
    """What a viewer missed, then what comes, gathered for a moment; ends when the viewer was let go."""
    yield b"retry: 1000\n: welcome\n\n" + b"".join(before)
    waited = 0.0
    while not viewer.gone:
        await asyncio.sleep(GATHER_SECONDS)
        waited += GATHER_SECONDS
        said = [viewer.queue.get_nowait() for _ in range(viewer.queue.qsize())]
        if said or waited >= KEEP_ALIVE_SECONDS:
            waited = 0.0
            yield b"".join(said) or b": still here\n\n"
