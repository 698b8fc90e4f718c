"""`why`, `trace`, `search` and `stories` answer from the log alone, for people and for machines."""

import json
from pathlib import Path

import pytest

from tests.console.index.days import rearranged, records_of, small_day, told
from tests.console.program import in_process, settings_file
from wire.errors import Exit
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import JoinEvidence, Signal, StoryEventKind
from wire.topics import topic_catalogue


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    settings_file(folder)
    log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())
    log.create()
    evidence = JoinEvidence(
        nearest="a1", similarity=0.7, bar=0.6, runner_up="st-2", runner_up_score=0.55, shared=("odesa",),
        signals=(Signal(name="meaning", value=0.7, adds=0.5),), command="c9", why="same ship",
        story_fit=9.1, differs=0.93,
    )  # fmt: skip
    strike = told("Port strike \x1b[2J", "a5", "one", story="st-1", number=4, minutes=5, score=0.8, evidence=evidence)
    log.append([*small_day(), *records_of([strike]), rearranged(StoryEventKind.MOVED, "st-1", 5, "st-2", ["a5"])])
    log.close()
    return folder


ANSWERS = {  # command: words that must be in the answer
    ("why", "a3"): ["Story     st-1", "score 0.83, 0.60 was needed", "Nearest   a1  one", "Next best st-2", "0.40"],
    ("why", "https://two.example/a3"): ["Story     st-1"],
    ("why", "a1"): ["a story of its own: nothing near was there"],
    ("why", "a5"): [
        "meaning 0.70 (+0.50)",
        "Shared    odesa",
        "score 9.10 with it",
        "(0.93 of 1)",
        "by command c9: same ship",
        "moved to st-2",
    ],
    ("why", "a3", "--not", "st-2"): ["Not in    st-2", "it scored 0.40, 0.60 was needed", "only here: odesa"],
    ("why", "a2", "--not", "st-1"): ["it was no candidate"],
    ("trace", "a1"): [
        "published, as the outlet says",
        "news.enriched/0/0",
        "al-1 for watch odesa",
        "sent through mail",
    ],
    ("trace", "a9"): ["dead letter, bug"],
    ("search", "ships", "ode*"): ["[Ships]", "st-1", "a3"],
    ("stories", "list"): ["st-1", "st-2", "Port strike", "Strike in LODZ"],
    ("stories", "list", "--entity", "lodz"): ["st-2"],
    ("stories", "show", "st-1"): ["1 article, ", "odesa 2", "Watches    odesa: 1 alert", "joined", "wirewatch why"],
}


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_answers(desk: Path, command: tuple[str, ...]) -> None:
    for arguments in (command, (*command, "--json")):
        done = in_process(*arguments, cwd=desk)
        assert done.returncode == Exit.WELL, done.stderr
        assert "\x1b" not in done.stdout
        if "--json" in arguments:
            assert [json.loads(line) for line in done.stdout.splitlines()]
        else:
            assert [words for words in ANSWERS[command] if words not in done.stdout] == [], done.stdout


@pytest.mark.parametrize("command", [("why", "a0"), ("trace", "a0"), ("stories", "show", "st-0")], ids=" ".join)
def test_what_is_not_there(desk: Path, command: tuple[str, ...]) -> None:
    done = in_process(*command, cwd=desk)
    assert done.returncode == Exit.ERROR
    assert "not-found" in done.stderr
    assert "Traceback" not in done.stderr
