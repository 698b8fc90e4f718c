"""An operator's words to the stages, written to `news.commands`: all that the console ever writes."""

import getpass
import hashlib
import os
from datetime import datetime

from msgspec.structs import replace

from wire.codec import encode
from wire.log.port import Log, NewRecord
from wire.messages import Command, CommandKind, NewFeed
from wire.topics import COMMANDS


def operator() -> str:
    """Who runs this command; where the system has no name for them, as in some containers, by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


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
    lane: int = 0,
    replay_until: int = 0,
    feed: NewFeed | None = None,
    titles: tuple[str, ...] = (),
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
        lane=lane,
        replay_until=replay_until,
        feed=feed,
        titles=titles,
    )
    return replace(plain, command_id=f"co-{hashlib.sha256(encode(plain)).hexdigest()[:16]}")


def record_of(said: Command) -> NewRecord:
    """The command as `news.commands` holds it."""
    return NewRecord(topic=COMMANDS, partition=0, key=said.stage, value=encode(said))


def send(log: Log, said: Command) -> None:
    """Write the command; returns when it is surely in the log."""
    log.append([record_of(said)])
