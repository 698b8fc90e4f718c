"""What was shown where is a function of the records, whatever their order and history."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.memory import Memory
from ingest.state import Seen
from tests.messages import NOON

FEEDS, ARTICLES = ("f", "g"), ("a", "b", "c")
# One pair belongs to one article of a feed, as the stage keeps it.
WRITES = st.lists(
    st.tuples(st.sampled_from(FEEDS), st.sampled_from(ARTICLES), st.sampled_from(["1", "2", None])), max_size=20
)


def record(article: str, version: str) -> Seen:
    return Seen(version=version, pair=f"{article}{version}", event_time=NOON)


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
            assert list(memory.elsewhere(feed, article)) == others
            for version in "12":
                known = last.get((feed, article)) == record(article, version)
                assert memory.article(feed, f"{article}{version}") == (article if known else None)
