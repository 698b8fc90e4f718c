"""A correction by command or from the page is a command on the log, and the real cluster stage makes an event of it."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from msgspec.structs import replace

from tests.console.index.days import new
from tests.console.page.running import RunningPage, running_page
from tests.console.program import in_process
from tests.messages import article
from wire.codec import decode
from wire.errors import Exit
from wire.log.port import NewRecord
from wire.messages import Enriched, Reading, StoryEvent, StoryEventKind
from wire.topics import ARTICLES, ENRICHED, STORY_EVENTS
from wire.vectors import encode_vector

pytestmark = pytest.mark.slow


def read_articles() -> Iterator[NewRecord]:
    """Three articles that have nothing in common, as enrich writes them."""
    now = datetime.now(UTC)
    for place, title in enumerate(("Port opens", "Museum burns", "Bank fails")):
        vector = np.zeros(8, dtype=np.float32)
        vector[place] = 1.0
        one = replace(
            article(title, article_id=f"c{place}", outlet=f"o{place}"), published=now, seen=now, event_time=now
        )
        yield new(ARTICLES, one.article_id, one)
        reading = Reading(language="en", confidence=1.0)
        enriched = Enriched(article=one, reading=reading, vector=encode_vector(vector), space="test")
        yield new(ENRICHED, one.article_id, enriched)


def events(page: RunningPage) -> list[StoryEvent]:
    return [decode(record.value, StoryEvent) for record in page.log.reader([STORY_EVENTS]).read(100, timedelta(0))]


def wait_for(page: RunningPage, kind: StoryEventKind, count: int, seconds: float = 30) -> list[StoryEvent]:
    until = time.monotonic() + seconds
    while len(found := [event for event in events(page) if event.kind is kind]) < count:
        assert time.monotonic() < until, f"no {kind.value}"
        time.sleep(0.05)
    return found


def test_a_correction_becomes_an_event(tmp_path: Path) -> None:
    with running_page(tmp_path, records=list(read_articles())) as page:
        path = tmp_path / "wirewatch.toml"
        path.write_text(path.read_text(encoding="utf-8") + "[health]\nport = 0\n", encoding="utf-8")
        with (tmp_path / "cluster.log").open("wb") as log:
            stage = subprocess.Popen(
                [sys.executable, "-m", "console.main", "stage", "cluster"], cwd=tmp_path, stdout=log, stderr=log
            )
        try:
            one, two, three = (event.story_id for event in wait_for(page, StoryEventKind.OPENED, 3))
            from_the_page(page, one, two)
            (merged,) = wait_for(page, StoryEventKind.MERGED, 1)
            assert {merged.story_id, merged.other} == {one, two}
            assert merged.evidence is not None
            assert merged.evidence.why == "one event"
            done = in_process("stories", "move", three, "c1", "--why", "a mistake", cwd=tmp_path)
            assert done.returncode == Exit.WELL, done.stderr
            (moved,) = wait_for(page, StoryEventKind.MOVED, 1)
            assert (moved.articles, moved.other) == (("c1",), three)
            told = in_process("why", "c1", cwd=tmp_path).stdout
            assert f"moved to {three}" in told
            assert "a mistake" in told
            stage.send_signal(signal.SIGTERM)
            assert stage.wait(120) == 0
        finally:
            stage.kill()


def from_the_page(page: RunningPage, one: str, two: str) -> None:
    with page.client() as browser:
        form = _when_there(browser, f"/stories/{one}")
        token = re.search(r'name="token" value="(\w+)"', form.text)
        assert token is not None
        said = {"token": token[1], "kind": "merge", "story": one, "other": two, "why": "one event"}
        assert browser.post("/correct", data=said).status_code == 303


def _when_there(browser: httpx.Client, path: str) -> httpx.Response:
    until = time.monotonic() + 10
    while (answer := browser.get(path)).status_code != 200:
        assert time.monotonic() < until, path
        time.sleep(0.05)
    return answer


def test_what_cannot_be_corrected_is_said(tmp_path: Path) -> None:
    with running_page(tmp_path) as _page:
        pass
    for words, said in (
        (["merge", "st-1", "st-1"], "one story already"),
        (["split", "st-1", "a2"], "not in st-1: a2"),
        (["move", "st-1", "a0"], "there is no article"),
    ):
        done = in_process("stories", *words, cwd=tmp_path)
        assert done.returncode in (Exit.ERROR, Exit.USAGE)
        assert said in re.sub(r"[\s│]+", " ", done.stderr), done.stderr
