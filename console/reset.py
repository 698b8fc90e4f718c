"""A stage forgets what it knows and reads its input again from some time on; what follows is marked as a replay.

The command that says so comes first, then one commit of the lane does all: state gone, positions moved.  If the
process dies in between, the command alone does nothing, since the lane stands behind what it marks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.orders import command, send
from console.progress import counted_off
from console.topics.reading import next_records
from wire.codec import decode, encode
from wire.errors import BadRecord
from wire.log.port import BEGINNING, LaneSpec, Log, NewRecord, Record, Since, lane_specs
from wire.messages import Command, CommandKind, StoryEvent, StoryEventKind
from wire.topics import COMMANDS, DELIVERIES, STAGES, STORIES, STORY_EVENTS

_WAIT = timedelta(milliseconds=200)
_EPOCH = datetime.fromtimestamp(0, UTC)  # no record is older
# A person's word about what exists outlives a reset: corrections are applied again where they
# were, mutes go on, and what was taken down stays down.
_KEPT = ("command:", "mute:", "removed:")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """What a reset does to one lane."""

    spec: LaneSpec
    begin: Mapping[tuple[str, int], int]  # where each input but the commands is read from
    until: int  # where the main input stands now: before it, all is replay
    again: int  # how many records of the inputs are read again


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneReset:
    """What a reset did to one lane."""

    plan: LanePlan
    command: Command  # as `news.commands` holds it
    forgotten: int  # records of state


def plan(log: Log, stage: str, to: datetime, window: timedelta) -> list[LanePlan]:
    """What `reset` would do; changes nothing.

    Args:
        log: which log.
        stage: which stage.
        to: from when on what it writes shall be true again.
        window: what the stage must have read before that, for its state to be whole.
    """
    run_up = window if stage in ("cluster", "alerts") else timedelta(0)
    begin = max(max(to, _EPOCH) - run_up, _EPOCH)
    return [_lane_plan(log, spec, begin) for spec in lane_specs(STAGES[stage], log.topics)]


def _lane_plan(log: Log, spec: LaneSpec, begin: datetime) -> LanePlan:
    stands = _stands(log, spec)
    inputs = [name for name in spec.inputs if name[0] != COMMANDS]
    starts = {name: min(_offset_at(log, name, begin), stands[name]) for name in inputs}
    return LanePlan(
        spec=spec,
        begin=starts,
        until=stands[spec.inputs[0]] if spec.inputs[0][0] != COMMANDS else 0,
        again=sum(stands[name] - start for name, start in starts.items()),
    )


def _stands(log: Log, spec: LaneSpec) -> dict[tuple[str, int], int]:
    """Where the lane stands in each input; where its position is lost, at the end: all that it may have told is old."""
    bounds = log.bounds([topic for topic, _ in spec.inputs])
    found: dict[tuple[str, int], int] = {}
    for one in log.progress([spec]):
        low, following = bounds[one.topic, one.partition]
        known = one.position is not None and low <= one.position <= following
        found[one.topic, one.partition] = one.position if known and one.position is not None else following
    return found


def _offset_at(log: Log, name: tuple[str, int], begin: datetime) -> int:
    """The first offset kept that is not older than `begin`."""
    low, following = log.bounds([name[0]])[name]
    with closing(log.reader([name[0]], Since(time=begin))) as reader:
        while records := next_records(reader, 500):
            found = [record.offset for record in records if record.partition == name[1]]
            if found:
                return max(low, min(found))
    return following


def reset(
    log: Log,
    plans: Sequence[LanePlan],
    *,
    who: str,
    when: datetime,
    why: str,
    deliver: bool,
    advance: Callable[[int], None] = lambda _count: None,
) -> list[LaneReset]:
    """Do it, lane by lane; returns what was done to each.

    A process that runs a lane is fenced: it ends at its next commit, within some 15 s where it is idle.

    Args:
        log: which log.
        plans: as `plan` made them.
        who: the operator.
        when: now, UTC.
        why: the reason, kept in the log.
        deliver: whether what is written again is also sent.
        advance: told of each record of state that was read.
    """
    done: list[LaneReset] = []
    for one in plans:
        stage, until = one.spec.place.name, 0 if deliver else one.until
        said = command(
            CommandKind.RESET, "console", stage, who=who, when=when, why=why, lane=one.spec.index, replay_until=until
        )
        send(log, said)
        with closing(log.lane(one.spec, though_lost=True)) as lane:
            kept = list(counted_off(lane.restore(), advance))
            forgotten = [record for record in kept if not (record.key or "").startswith(_KEPT)]
            lane.seek(one.begin)
            lane.commit([*_tombstones(forgotten), *_retired(one.spec, kept), *_marks(one, deliver)], ())
        done.append(LaneReset(plan=one, command=said, forgotten=len(forgotten)))
    return done


def replays_of(log: Log, stage: str) -> dict[int, int]:
    """For each lane of the stage that was reset: before which offset of its main input all is replay."""
    found: dict[int, int] = {}
    with closing(log.reader([COMMANDS], BEGINNING)) as reader:
        while not reader.caught_up():
            for record in reader.read(500, _WAIT):
                try:
                    said = decode(record.value, Command)
                except BadRecord:
                    continue
                if said.kind is CommandKind.RESET and said.target == stage:
                    found[said.lane] = said.replay_until
    return found


def _tombstones(records: Sequence[Record]) -> Iterator[NewRecord]:
    for record in records:
        yield NewRecord(topic=record.topic, partition=record.partition, key=record.key or "", value=None)


def _retired(spec: LaneSpec, kept: Sequence[Record]) -> Iterator[NewRecord]:
    """A cluster that forgets its stories says so of each, so that nobody waits for more of them."""
    if spec.place.state != STORIES:
        return
    from cluster.state import CLOCK, STORY, ClockState, StoryState, event_id

    clocks = [decode(record.value, ClockState) for record in kept if record.key == CLOCK]
    for record in kept:
        name = (record.key or "").removeprefix(STORY)
        if name == record.key or not clocks:
            continue
        story = decode(record.value, StoryState)
        event = StoryEvent(
            event_id=event_id(StoryEventKind.RETIRED, name, story.number + 1),
            kind=StoryEventKind.RETIRED,
            story_id=name,
            number=story.number + 1,
            title=story.title,
            outlets=story.outlets,
            languages=story.languages,
            event_time=story.last_event_time,
            seen=clocks[0].time,
        )
        yield NewRecord(topic=STORY_EVENTS, partition=0, key=name, value=encode(event))


def _marks(one: LanePlan, deliver: bool) -> Iterator[NewRecord]:
    """Deliver writes no topic that could be marked: its ledger notes up to where it reads again."""
    if one.spec.place.state == DELIVERIES and not deliver:
        from alerts.entries import REPLAY_KEY, Replay

        yield NewRecord(
            topic=DELIVERIES, partition=one.spec.index, key=REPLAY_KEY, value=encode(Replay(until=one.until))
        )
