"""What was shown where is a function of the records, whatever their order and history."""

import hashlib
import tracemalloc
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.memory import Memory
from ingest.state import Seen
from tests.messages import NOON
from wire.errors import Undecodable

TINY = timedelta(microseconds=1)

FEEDS, ARTICLES = ("f", "g", "h"), tuple(f"a-{letter * 24}" for letter in "abc")
# One pair belongs to one article of a feed, as the stage keeps it.
WRITES = st.lists(
    st.tuples(st.sampled_from(FEEDS), st.sampled_from(ARTICLES), st.sampled_from(["1", "2", None])), max_size=20
)


def record(article: str, version: str) -> Seen:
    gone = NOON if version == "2" else None
    parts = "" if version == "1" else "c" * 24
    return Seen(version=version * 24, parts=parts, pair=pair(article, version), event_time=NOON + TINY, gone=gone)


def pair(article: str, version: str) -> str:
    return f"{article[-8:]}{version * 8}"


@given(WRITES)
def test_memory_is_the_last_value_per_key(writes: list[tuple[str, str, str | None]]) -> None:
    memory, last = Memory(), dict[tuple[str, str], Seen]()
    for feed, article, version in writes:
        seen = None if version is None else record(article, version)
        memory.take(feed, article, seen)
        last.pop((feed, article), None)
        if seen is not None:
            last[feed, article] = seen
    for feed in FEEDS:
        assert dict(memory.of_feed(feed)) == {a: seen for (f, a), seen in last.items() if f == feed}
        for article in ARTICLES:
            assert memory.seen(feed, article) == last.get((feed, article))
            others = [seen for (f, a), seen in last.items() if a == article and f != feed]
            found = list(memory.elsewhere(feed, article))
            assert len(found) == len(others)
            assert all(seen in others for seen in found)
            for version in "12":
                known = last.get((feed, article)) == record(article, version)
                assert memory.article(feed, pair(article, version)) == (article if known else None)


@pytest.mark.parametrize("article", ["", "a-", "a-12", "b-" + "0" * 24, "a-" + "x" * 24])
def test_what_is_no_id_is_refused(article: str) -> None:
    with pytest.raises(Undecodable):
        Memory().take("f", article, None)


def test_memory_is_small() -> None:
    """Thirty articles of a feed in some three kilobytes, the index by article included."""
    tracemalloc.start()
    memory = Memory()
    for number in range(3000):
        digest = hashlib.sha256(str(number).encode()).hexdigest()[:24]  # as ids are
        seen = Seen(version=digest, parts=digest, pair=digest[:16], event_time=NOON)
        memory.take(f"f{number // 30}", f"a-{digest}", seen)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 3000 < 200
