"""What the demo shows of a story is what its events leave of it, also where the stage corrects itself."""

from collections.abc import Sequence

from msgspec.structs import replace

from console.demo.watch import Seen
from tests.story_events import event, records
from wire.messages import OtherStory, StoryEvent, StoryEventKind, StoryFacts, StoryStatus

FACTS = StoryFacts(status=StoryStatus.DEVELOPING)


def seen(*events: StoryEvent) -> tuple[Seen, list[str]]:
    """After these events, and what was shown of them."""
    after = Seen()
    return after, [line for record in records(*events) for line in after.take(record)]


def placed(articles: str, *, story: str = "st-1") -> list[StoryEvent]:
    """Each letter an article from an outlet of its own, all in one story."""
    return [
        event(
            kind=StoryEventKind.JOINED if count else StoryEventKind.OPENED,
            story=story,
            number=count + 1,
            article_id=letter,
            outlets=articles[: count + 1],
        )
        for count, letter in enumerate(articles)
    ]


def parted(kind: StoryEventKind, articles: str, *, left: str, there: str, language: str = "en") -> StoryEvent:
    """Articles go from st-1 to st-2; `left` and `there` are the outlets of both afterwards."""
    after = OtherStory(
        title="the other", article_count=len(there), outlets=tuple(there), languages=(language,), facts=FACTS
    )
    return replace(event(kind=kind, number=9, other="st-2", articles=articles, outlets=left), other_after=after)


def held(after: Seen) -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    """Articles and outlets of each story."""
    return {story: ("".join(view.articles), "".join(view.outlets)) for story, view in after.stories.items()}


def test_what_a_split_takes_away_counts_in_the_new_story() -> None:
    after, shown = seen(*placed("abcd"), parted(StoryEventKind.SPLIT, "bd", left="ac", there="bd", language="uk"))
    assert held(after) == {"st-1": ("ac", "ac"), "st-2": ("bd", "bd")}
    assert after.story_of == {"a": "st-1", "b": "st-2", "c": "st-1", "d": "st-2"}
    assert (after.stories["st-2"].title, after.stories["st-2"].languages) == ("the other", ("uk",))
    assert shown[-1] == "split    2 articles from st-1 to st-2  the other"


def test_what_moves_counts_where_it_went() -> None:
    after, shown = seen(
        *placed("abc"), *placed("d", story="st-2"), parted(StoryEventKind.MOVED, "c", left="ab", there="dc")
    )
    assert held(after) == {"st-1": ("ab", "ab"), "st-2": ("dc", "dc")}
    assert shown[-1] == "moved    1 article from st-1 to st-2  the other"


def test_a_story_that_all_articles_have_left_is_gone() -> None:
    moved = parted(StoryEventKind.MOVED, "a", left="", there="da")
    after, _ = seen(*placed("a"), *placed("d", story="st-2"), moved, event(kind=StoryEventKind.CLOSED, number=10))
    assert held(after) == {"st-2": ("da", "da")}


def test_a_merge_adds_articles_and_outlets_and_the_old_name_is_still_known() -> None:
    merged = event(kind=StoryEventKind.MERGED, number=3, other="st-2", articles="cd", outlets="abcd")
    after, shown = seen(*placed("ab"), *placed("cd", story="st-2"), merged)
    assert held(after) == {"st-1": ("abcd", "abcd")}
    assert after.story("st-2") is after.stories["st-1"]
    assert shown[-1] == "merged   st-2 into st-1"


def test_what_is_told_again_in_another_story_counts_once() -> None:
    """A reset retires stories and tells their articles anew."""
    retired = event(kind=StoryEventKind.RETIRED, number=3, outlets="ab")
    after, _ = seen(*placed("ab"), retired, *placed("ab", story="st-2"))
    assert held(after) == {"st-2": ("ab", "ab")}


def test_an_article_that_is_revised_counts_once() -> None:
    revised = event(kind=StoryEventKind.REVISED, number=3, article_id="a", version="v2", outlets="ab")
    after, _ = seen(*placed("ab"), revised)
    assert held(after) == {"st-1": ("ab", "ab")}
