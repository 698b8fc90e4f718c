"""A stage driven without its loop: what a step changes is folded as it would come back from the log."""

from wire.codec import encode
from wire.log.port import Record
from wire.stage import Effects, Stage


def fold(stage: Stage, effects: Effects, topic: str) -> None:
    """Take over the changes of a step; `topic` is the stage's state topic."""
    for change in effects.changes:
        value = None if change.value is None else encode(change.value)
        stage.fold(Record(topic=topic, key=change.key, value=value))
