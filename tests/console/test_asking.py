"""`why`, `trace`, `search` and `stories` answer from the log alone, for people and for machines."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.console.index.days import rearranged, records_of, small_day, told
from tests.console.program import desk_of, in_process
from wire.errors import Exit
from wire.messages import JoinEvidence, Signal, StoryEventKind


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    evidence = JoinEvidence(
        nearest="a1", similarity=0.7, bar=0.6, runner_up="st-2", runner_up_score=0.55, shared=("odesa",),
        signals=(Signal(name="meaning", value=0.7, adds=0.5),), command="c9", why="same ship",
        story_fit=9.1, differs=0.93,
    )  # fmt: skip
    strike = told("Port strike \x1b[2J", "a5", "one", story="st-1", number=4, minutes=5, score=0.8, evidence=evidence)
    moved = rearranged(StoryEventKind.MOVED, "st-1", 5, "st-2", ["a5"])
    return desk_of(folder, [*small_day(), *records_of([strike]), moved])


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
    ("why", "al-1"): ["1 of odesa on st-1", "mail: sent"],  # though no such watch is in the settings any more
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


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article was moved to a younger story and back, at one time of the stage; then a part of a story parted."""
    folder = tmp_path_factory.mktemp("corrected")
    moves = [
        rearranged(StoryEventKind.MOVED, "st-1", 3, "st-2", ["a3"], why="another port"),
        rearranged(StoryEventKind.MOVED, "st-2", 2, "st-1", ["a3"], why="the same after all"),
        rearranged(StoryEventKind.SPLIT, "st-1", 4, "st-3", ["a1"], why="yesterday's"),
    ]
    over = replace(told("Nothing is left", "a4", "one", story="st-4", number=1), article_count=0)
    return desk_of(folder, [*small_day(), *moves, *records_of([over])])


CORRECTED = {  # command: words that must be in the answer, in this order
    ("why", "a3"): [
        *("moved to st-2", "by command co-3: another port"),
        *("moved to st-1", "by command co-2: the same after all"),
    ],
    ("why", "a3", "--not", "st-2"): ["Because   it was in it until", "moved to st-1", "co-2: the same after all"],
    ("why", "a2", "--not", "st-3"): ["Because   there was no such story yet"],
    ("stories", "show", "st-1"): [
        *("split    to st-3 ", "a1  by command co-4: yesterday's", "moved    from st-2 ", "the same after all"),
        *("moved    to st-2 ", "a3  by command co-3: another port", "joined   two", "opened   one", "Why is a3 here?"),
    ],
    ("stories", "show", "st-3"): ["split    from st-1", "a1  by command co-4: yesterday's"],
}


@pytest.mark.parametrize("command", CORRECTED, ids=" ".join)
def test_a_correction_is_explained_wherever_it_is_asked_for(corrected: Path, command: tuple[str, ...]) -> None:
    done = in_process(*command, cwd=corrected)
    assert done.returncode == Exit.WELL, done.stderr
    rest = done.stdout
    for words in CORRECTED[command]:
        assert words in rest, done.stdout
        rest = rest.partition(words)[2]
    assert "score 0.00" not in done.stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("split", "st-3", "a1", "https://one.example/a1"), "nothing would stay in st-3"),
        (("move", "st-3", "a1"), "in st-3 already: a1"),
        (("move", "st-4", "a1"), "st-4 is over"),
        (("merge", "st-1", "st-4"), "st-4 is over"),
    ],
    ids=str,
)
def test_what_would_change_nothing_is_refused(corrected: Path, command: tuple[str, ...], said: str) -> None:
    done = in_process("stories", *command, cwd=corrected)
    assert done.returncode == Exit.USAGE
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_why_not_is_told_to_machines_too(corrected: Path) -> None:
    done = in_process("why", "a3", "--not", "st-2", "--json", cwd=corrected)
    told_not = json.loads(done.stdout.splitlines()[-1])
    assert told_not["not_in"] == "st-2"
    assert "it was in it until" in " ".join(told_not["because"])


@pytest.mark.parametrize("command", [("why", "a0"), ("trace", "a0"), ("stories", "show", "st-0")], ids=" ".join)
def test_what_is_not_there(desk: Path, command: tuple[str, ...]) -> None:
    done = in_process(*command, cwd=desk)
    assert done.returncode == Exit.ERROR
    assert "not-found" in done.stderr
    assert "Traceback" not in done.stderr
