"""The index says what the topics say: in any interleaving, after any restart, and never more than may be shown."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.index.file import IndexFile
from console.index.follow import BATCH, Follower, catch_up, following, lag, positions
from console.index.projection import FOLLOWED
from console.index.queries import (
    Chosen,
    article,
    articles_of,
    events_of,
    living_story,
    main_entities,
    search,
    stories,
    story,
)
from console.index.redaction import headlines_of, redacted
from console.index.ways import way_of
from console.page import live
from tests.console.index.days import alerted, new, rearranged, records_of, removal, small_day, told
from wire.codec import encode
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Headline, StoryEventKind, StoryFacts
from wire.topics import ARTICLES, topic_catalogue


class Desk:
    """A log, and the index of it."""

    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(LogFile(folder / "log.db"), topic_catalogue())
        self.log.create()
        self.file = IndexFile(folder / "index.db", "the log")

    def write(self, *records: NewRecord) -> sqlite3.Connection:
        """Append the records and bring the index up to them."""
        self.log.append(records)
        assert catch_up(self.file, self.log)
        return self.file.reading()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with closing(desk.log):
        yield desk


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every table but the positions; times and origins of the log left out, since interleaving changes them."""
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {}
    for name in names:
        if name in ("meta", "positions") or name.startswith(("texts_", "sqlite_")):
            continue
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        kept = [column for column in columns if column not in ("at", "origin", "number", "place")]
        found[name] = sorted(db.execute(f"SELECT {', '.join(kept)} FROM {name}").fetchall(), key=repr)
    return found


def test_a_story_and_its_articles(desk: Desk) -> None:
    db = desk.write(*small_day())
    found = story(db, "st-1")
    assert found is not None
    assert (found.title, found.status, found.article_count) == ("ODESA port opens again", "developing", 2)
    assert found.outlets == ("one", "two")
    assert [one.article_id for one in articles_of(db, "st-1")] == ["a1", "a3"]
    assert main_entities(db, "st-1") == [("odesa", 2)]
    (newest, about), (oldest, _) = events_of(db, "st-1")
    assert (newest.number, about, oldest.number) == (2, "a3", 1)
    assert newest.evidence is not None
    assert newest.evidence.runner_up == "st-2"


@pytest.mark.parametrize("seed", range(8))
def test_topics_may_be_interleaved_in_any_way(tmp_path: Path, seed: int) -> None:
    records = [
        *small_day(),
        *records_of([told("*ODESA* port opens", "a1", "one", story="st-1", number=3, version="v2", minutes=5)]),
        rearranged(StoryEventKind.MERGED, "st-1", 4, "st-2"),
        removal("a3"),
    ]
    results = []
    for name, chance in (("straight", None), ("shuffled", random.Random(seed))):
        desk = Desk(tmp_path / name)
        desk.write(*(records if chance is None else shuffled(records, chance)))
        with closing(desk.file.reading()) as db:
            results.append(dump(db))
        desk.log.close()
    for table, rows in results[0].items():
        assert results[1][table] == rows, f"{table}, seed {seed}"


def shuffled(records: list[NewRecord], chance: random.Random) -> list[NewRecord]:
    """The same records with each topic in its own order and the topics mixed by chance."""
    lines: dict[str, list[NewRecord]] = {}
    for record in records:
        lines.setdefault(record.topic, []).append(record)
    order = [record.topic for record in records]
    chance.shuffle(order)
    return [lines[topic].pop(0) for topic in order]


def test_a_merged_story_is_followed_to_what_it_became(desk: Desk) -> None:
    db = desk.write(
        *small_day(),
        rearranged(StoryEventKind.MERGED, "st-1", 3, "st-2"),
        *records_of([told("New port", "b1", "one", story="st-0", number=1)]),
        rearranged(StoryEventKind.MERGED, "st-0", 2, "st-1"),
    )
    living = living_story(db, "st-2")
    assert living is not None
    assert living.story_id == "st-0"
    assert {one.article_id for one in articles_of(db, "st-0")} == {"a1", "a2", "a3", "b1"}
    assert {one.story_id for one in stories(db, Chosen(), 10)} == {"st-0"}


def test_split_moved_closed_and_retired(desk: Desk) -> None:
    db = desk.write(
        *small_day(),
        rearranged(StoryEventKind.SPLIT, "st-1", 3, "st-3", ["a3"]),
        *records_of([told("Third", "a4", "one", story="st-3", number=1)]),
        rearranged(StoryEventKind.MOVED, "st-3", 2, "st-2", ["a4"]),
        rearranged(StoryEventKind.CLOSED, "st-2", 3, ""),
    )
    placed = {id_: found.story_id for id_ in ("a1", "a3", "a4") if (found := article(db, id_)) is not None}
    assert placed == {"a1": "st-1", "a3": "st-3", "a4": "st-2"}
    closed = story(db, "st-2")
    assert closed is not None
    assert closed.status == "closed"
    db = desk.write(rearranged(StoryEventKind.RETIRED, "st-1", 4, ""))
    retired = article(db, "a1")
    assert retired is not None
    assert retired.story_id is None


def test_a_trace_is_every_station_in_time(desk: Desk) -> None:
    db = desk.write(*small_day())
    way = [(step.stage, step.what.split(" ")[0]) for step in way_of(db, "a1")]
    # What the test's records claim lies in the past, what the log stamped is now.
    assert way[:3] == [("one", "published,"), ("ingest", "seen"), ("deliver", "sent")]
    assert [stage for stage, _ in way[3:]] == ["ingest", "enrich", "cluster", "alerts"]
    assert [step.what for step in way_of(db, "a9")] == ["dead letter, bug: ValueError: odd"]


def test_words_are_found_in_any_part_and_whatever_was_typed(desk: Desk) -> None:
    db = desk.write(*small_day())
    assert [found.article.article_id for found in search(db, "ships odesa", 10)] == ["a3"]
    assert {found.article.article_id for found in search(db, "ode*", 10)} == {"a1", "a3"}
    for odd in ("", "a\0b", "\0", '"', "AND OR NOT", "a:b", "(", "*", "-x", "NEAR("):
        search(db, odd, 10)


def test_stories_by_language_outlet_and_entity(desk: Desk) -> None:
    db = desk.write(*small_day())
    for chosen, expected in (
        (Chosen(outlet="two"), {"st-1", "st-2"}),
        (Chosen(outlet="one"), {"st-1"}),
        (Chosen(entity="lodz"), {"st-2"}),
        (Chosen(language="uk"), set()),
        (Chosen(language="en", entity="odesa", outlet="two"), {"st-1"}),
    ):
        assert {one.story_id for one in stories(db, chosen, 10)} == expected, chosen


def test_a_takedown_leaves_no_word_behind(desk: Desk) -> None:
    db = desk.write(*small_day(), removal("a1"))
    headlines = tuple(
        Headline(language="en", title=title, article_id="x") for title in ("ODESA port opens again", "Fine")
    )
    later = told(
        "More",
        "a5",
        "two",
        story="st-1",
        number=3,
        minutes=5,
        title="ODESA port opens again",
        facts=StoryFacts(headlines=headlines),
    )
    db = desk.write(*records_of([later]), *alerted("a1", "al-2"))
    assert article(db, "a1") is None
    assert not search(db, "opens", 10)
    assert "opens" not in json.dumps(dump(db), default=repr)
    left = story(db, "st-1")
    assert left is not None
    assert left.title == "[removed]"
    assert [one.title for one in left.facts.headlines] == ["Fine"]
    assert [one.article_id for one in articles_of(db, "st-1")] == ["a3", "a5"]


def test_a_takedown_also_holds_for_what_viewers_are_told(desk: Desk) -> None:
    """The article's own event may still be on its way to them."""
    db = desk.write(*small_day(), removal("a1"))
    late = told("ODESA port opens again", "a1", "one", story="st-1", number=4)
    assert "opens" not in encode(live.told(redacted(db, late))).decode()


def test_a_takedown_knows_every_headline_that_the_article_bore(desk: Desk) -> None:
    first = Headline(language="en", title="Port SHUT", article_id="a1")
    later = replace(first, title="Port opens")
    versions = [
        told(one.title, "a1", "one", story="st-1", number=number, version=f"v{number}", title=one.title,
             facts=StoryFacts(headlines=(one,)))
        for number, one in ((1, first), (2, later))
    ]  # fmt: skip
    db = desk.write(*records_of(versions))
    assert headlines_of(db, "a1") == {"Port SHUT", "Port opens"}
    db = desk.write(removal("a1"))
    assert "SHUT" not in json.dumps(dump(db), default=repr)
    assert headlines_of(db, "a1") == set()


def test_what_cannot_be_read_is_counted_and_passed_over(desk: Desk) -> None:
    odd = NewRecord(topic=ARTICLES, partition=0, key="k", value=b"{")
    db = desk.write(odd, *small_day())
    assert db.execute("SELECT value FROM meta WHERE key = 'skipped'").fetchone() == ("1",)
    assert article(db, "a1") is not None


def test_one_process_writes_and_says_so(desk: Desk) -> None:
    desk.write(*small_day())
    with following(desk.file, desk.log) as first, following(desk.file, desk.log) as second:
        assert isinstance(first, Follower)
        assert second is None
        assert not catch_up(desk.file, desk.log)


def test_positions_and_lag(desk: Desk) -> None:
    db = desk.write(*small_day())
    assert lag(positions(db), desk.log.bounds(FOLLOWED)).records == 0
    desk.log.append(small_day())
    assert lag(positions(db), desk.log.bounds(FOLLOWED)).records == len(small_day())


def test_a_death_in_the_middle_loses_and_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.log.append(small_day())
    with following(desk.file, desk.log) as follower:
        assert follower is not None
        monkeypatch.setattr("console.index.follow.positions", lambda _db: 1 / 0)
        follower.take(timedelta(0))
    monkeypatch.undo()
    desk.log.append([new(ARTICLES, "x", told("x", "x", "one", story="s", number=1).article)])
    with closing(desk.write()) as db:
        whole = dump(db)
    desk.file.throw_away()
    with closing(desk.write()) as db:
        assert dump(db) == whole


@pytest.mark.parametrize("change", ["another log", "another version", "no database", "a log that began anew"])
def test_an_index_that_does_not_fit_is_built_again(desk: Desk, tmp_path: Path, change: str) -> None:
    desk.write(*small_day()).close()
    log, file = desk.log, desk.file
    if change == "another log":
        file = IndexFile(tmp_path / "index.db", "another")
    elif change == "another version":
        with sqlite3.connect(tmp_path / "index.db") as db:
            db.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    elif change == "no database":
        for side in ("-wal", "-shm"):
            (tmp_path / f"index.db{side}").unlink(missing_ok=True)
        (tmp_path / "index.db").write_bytes(b"no database" * 1000)
    else:
        log = SqliteLog(LogFile(tmp_path / "other.db"), topic_catalogue())
        log.create()
    assert catch_up(file, log)
    with closing(file.reading()) as db:
        assert (story(db, "st-1") is None) == (change == "a log that began anew")


def test_a_batch_is_one_transaction(desk: Desk) -> None:
    assert BATCH >= 500
    desk.log.append(small_day())
    with following(desk.file, desk.log) as follower:
        assert follower is not None
        assert len(follower.take(timedelta(0))) == len(small_day())


def test_filters_that_let_little_through_look_at_little(desk: Desk) -> None:
    """The work grows with what is found, not with stories times articles: one such question ran for minutes."""
    events = [told(f"t{n}", f"x{n}", f"o{n % 40}", story=f"s{n}", number=1) for n in range(1200)]
    db = desk.write(*records_of(events))
    for chosen in (Chosen(outlet="o3", language="uk"), Chosen(outlet="o3"), Chosen(entity="nobody"), Chosen()):
        turns = [0]

        def count(turns: list[int] = turns) -> int:
            turns[0] += 1
            return 0

        db.set_progress_handler(count, 1000)
        stories(db, chosen, 20)
        assert turns[0] < 100, f"{chosen}: {turns[0]} thousand steps of the database"


def test_a_question_ends_however_busy_the_log_is(desk: Desk) -> None:
    """What the log held at the question's beginning is taken in; what comes meanwhile is the next one's."""
    desk.log.append(small_day())
    came = 0

    def more(_count: int) -> None:
        nonlocal came
        came += 1
        assert came < 20, "each step found another record, and so it went on"
        desk.log.append([*records_of([told(f"More {came}", f"m{came}", "one", story="st-m", number=came)])])

    assert catch_up(desk.file, desk.log, more)
    with closing(desk.file.reading()) as db:
        assert story(db, "st-1") is not None


def test_stories_that_changed_at_one_moment_are_all_on_some_page(desk: Desk) -> None:
    """Those of one poll are seen at once: a page may end among them."""
    said = [told(f"Event {at}", f"e{at}", "one", story=f"st-{at:02}", number=1) for at in range(7)]
    with closing(desk.write(*records_of(said))) as db:
        pages, chosen = [], Chosen()
        while page := stories(db, chosen, 3):
            pages.append([one.story_id for one in page])
            chosen = Chosen(before=page[-1].last_seen, beyond=page[-1].story_id)
    assert pages == [["st-00", "st-01", "st-02"], ["st-03", "st-04", "st-05"], ["st-06"]]


def test_an_index_may_lie_in_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1? news"
    folder.mkdir()
    desk = Desk(folder)
    with closing(desk.log), closing(desk.write(*small_day())) as db:
        assert story(db, "st-1") is not None
