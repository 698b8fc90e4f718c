"""An operator's words to the stages, written to `news.commands`: all that the console ever writes."""

import hashlib
from datetime import datetime

from msgspec.structs import replace

from wire.codec import encode
from wire.log.port import Log, NewRecord
from wire.messages import Command, CommandKind
from wire.topics import COMMANDS


def command(
    kind: CommandKind,
    stage: str,
    target: str,
    *,
    who: str,
    when: datetime,
    why: str = "",
    other: str | None = None,
    articles: tuple[str, ...] = (),
    until: datetime | None = None,
    verdict: str = "",
) -> Command:
    """A command with its id: a hash of what it says."""
    plain = Command(
        command_id="",
        stage=stage,
        kind=kind,
        target=target,
        who=who,
        when=when,
        why=why,
        other=other,
        articles=articles,
        until=until,
        verdict=verdict,
    )
    return replace(plain, command_id=f"co-{hashlib.sha256(encode(plain)).hexdigest()[:16]}")


def send(log: Log, said: Command) -> None:
    """Write the command; returns when it is surely in the log."""
    log.append([NewRecord(topic=COMMANDS, partition=0, key=said.stage, value=encode(said))])
