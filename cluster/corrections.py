"""An operator's word: merge, split, move, take down.

It is bound to where it was applied, so that a replay applies it there again.
A command whose target is not known yet waits, for one window at most; the machine never undoes what one did.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.regrouping import merge, move, split
from cluster.state import CommandState
from cluster.takedown import take_down
from wire.messages import ArticleId, Command, CommandKind, JoinEvidence, StoryId

# Applied ones are remembered for as long as they could be tried again, one window; nobody corrects more by hand.
_MOST_APPLIED = 1000
CORRECTIONS = (CommandKind.MERGE, CommandKind.SPLIT, CommandKind.MOVE, CommandKind.REMOVE)


def note(draft: Draft, command: Command) -> None:
    """Take a command that has just come: apply it, or let it wait for its target; one that is known is passed over."""
    if command.command_id not in draft.memory.commands:
        _try(draft, CommandState(command=command, noted=draft.now, came=draft.clock.offset))


def apply_due(draft: Draft) -> None:
    """After a record of the main input: apply what a replay has reached, and what waits and has found its target."""
    for state in list(draft.memory.commands.values()):
        done = state.command.command_id in draft.clock.applied
        if not done and draft.now - state.noted <= draft.memory.stay and _reached(draft, state):
            _try(draft, state)


def _reached(draft: Draft, state: CommandState) -> bool:
    """Whether this is where it was applied or later; one that waits is not tried by a replay before it had come."""
    # Of an older program's only the time is known, which many records share.
    if state.offset is None:
        return state.came <= draft.clock.offset and state.noted <= draft.now
    return state.offset <= draft.clock.offset


def _try(draft: Draft, state: CommandState) -> None:
    command = state.command
    evidence = JoinEvidence(command=command.command_id, why=command.why)
    if _APPLY[command.kind](draft, command, evidence):
        applied = (*draft.clock.applied, command.command_id)[-_MOST_APPLIED:]
        draft.clock = replace(draft.clock, applied=applied)
        if state.offset is None:
            state = replace(state, offset=draft.clock.offset)
    if state != draft.memory.commands.get(command.command_id):
        draft.put_command(state)


def _merge(draft: Draft, command: Command, evidence: JoinEvidence) -> bool:
    one, two = draft.living(command.target), draft.living(command.other or "")
    if draft.story(one) is None or draft.story(two) is None:
        return False
    if one != two:
        merge(draft, one, two, 0.0, evidence, pin=True)
    return True


def _split(draft: Draft, command: Command, evidence: JoinEvidence) -> bool:
    source = draft.living(command.target)
    leaving = _live(draft, command.articles)
    if draft.story(source) is None or len(leaving) < len({*command.articles}):
        return False
    leaving = [one for one in leaving if _where(draft, one) == source]
    # All of a story is no part of it: then there is nothing to do.
    if leaving and len(leaving) < len(draft.members(source)):
        split(draft, source, leaving, 0.0, evidence, pin=True)
    return True


def _move(draft: Draft, command: Command, evidence: JoinEvidence) -> bool:
    target = draft.living(command.target)
    moving = _live(draft, command.articles)
    if draft.story(target) is None or len(moving) < len({*command.articles}):
        return False
    sources = dict.fromkeys(_where(draft, one) for one in moving)
    for source in sources:
        if source is not None and source != target:
            move(
                draft, source, target, [one for one in moving if _where(draft, one) == source], 0.0, evidence, pin=True
            )
    return True


def _remove(draft: Draft, command: Command, _evidence: JoinEvidence) -> bool:
    take_down(draft, command.target)
    return True


_APPLY = {
    CommandKind.MERGE: _merge,
    CommandKind.SPLIT: _split,
    CommandKind.MOVE: _move,
    CommandKind.REMOVE: _remove,
}


def _live(draft: Draft, articles: Sequence[ArticleId]) -> list[ArticleId]:
    """Those that are in the window, each once, also where somebody named it by its id and by its address."""
    known = dict.fromkeys(articles)
    return [one for one in known if draft.article(one) is not None and draft.place(one) is not None]


def _where(draft: Draft, article_id: ArticleId) -> StoryId | None:
    place = draft.place(article_id)
    return None if place is None else place.story
