"""`wirewatch deliveries`, `mute` and `alerts rate`: what became of messages, and a person's word about them."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated

import msgspec
import typer

from alerts.delivery import Delivery
from console.errors import NotFound
from console.finding import asked, find_alert
from console.index.ready import Index
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show, time_ago
from console.orders import command, operator, send
from console.words import plain
from wire.messages import CommandKind
from wire.nearest import nearest
from wire.settings import parse_span
from wire.settings_file import load_settings

group = typer.Typer(no_args_is_help=True, help="Alerts: say whether one was right.")
_STATES = ("waiting", "held", "in-digest", "sending", "retry", "sent", "failed", "muted")


class Verdict(str, Enum):
    """A person's word about an alert."""

    RIGHT = "right"
    WRONG = "wrong"


def deliveries_command(
    state: Annotated[str | None, typer.Option(help=f"Only in this state: {', '.join(_STATES)}.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only through this channel.")] = None,
    watch: Annotated[str | None, typer.Option(help="Only of this watch.")] = None,
    alert: Annotated[str | None, typer.Option(help="Only of this alert.")] = None,
    since: Annotated[str | None, typer.Option(help="Only of so lately, such as '2 h'.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="At most so many, the newest.")] = 50,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Show the ledger: what became of each alert in each channel, the newest first.

    Example: wirewatch deliveries --state failed --since '1 d'
    """
    if state is not None and state not in _STATES:
        near = nearest(state, _STATES) or _STATES
        raise typer.BadParameter(f"--state: {state!r} is no state; did you mean {' or '.join(near)}?")
    wanted = {"state": state, "channel": channel, "watch": watch, "alert_id": alert}
    with asked(settings) as index:
        found = [one for one in _ledger(index, time_ago(since)) if _is_wanted(one, wanted)][:limit]
    if as_json:
        show(*found)
        return
    print(
        "TAKEN                 STATE      CHANNEL           TRIES  WATCH                 ALERT                     NOTE"
    )
    for one in found:
        print(
            f"{one.taken:%Y-%m-%d %H:%M:%SZ}  {one.state.value:<9}  {one.channel:<16}  {one.attempts:>5}  "
            f"{one.watch:<20}  {one.alert_id:<24}  {plain(_note(one))}".rstrip()
        )
    if not found:
        say("nothing; every delivery that was ever made is in the ledger for a year")


def _ledger(index: Index, since: datetime | None) -> list[Delivery]:
    rows = index.db.execute("SELECT message FROM deliveries ORDER BY at DESC")
    found = [msgspec.json.decode(message, type=Delivery) for (message,) in rows]
    return [one for one in found if since is None or one.taken >= since]


def _is_wanted(one: Delivery, wanted: dict[str, str | None]) -> bool:
    has = {"state": one.state.value, "channel": one.channel, "watch": one.watch, "alert_id": one.alert_id}
    return all(value is None or has[name] == value for name, value in wanted.items())


def _note(one: Delivery) -> str:
    """What a person wants to know next."""
    until = one.release or one.next_try
    parts = [
        f"{one.held_for} until {one.release:%Y-%m-%d %H:%MZ}" if one.release else "",
        f"next try {until:%H:%M:%SZ}" if until and not one.release and one.attempts else "",
        f"{len(one.members)} messages" if one.members else "",
        f"sent {one.ended:%H:%M:%SZ}" if one.ended and one.state.value == "sent" else "",
        f"{one.doubtful} in doubt" if one.doubtful else "",
        one.reason,
    ]
    return "; ".join(part for part in parts if part)


def mute_command(
    target: Annotated[str, typer.Argument(metavar="WATCH|STORY", help="A watch's name or a story's id.")],
    span: Annotated[str, typer.Option("--for", help="For how long, such as '2 h'; '0 s' ends a mute.")] = "2 h",
    why: Annotated[str, typer.Option(help="The reason, kept in the log.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Send nothing of a watch or a story for a while; the ledger notes what was not sent.

    Example: wirewatch mute musk-putin --for 2h
    """
    try:
        length = parse_span(span)
    except ValueError as error:
        raise typer.BadParameter(f"--for: {error}") from None
    loaded, _ = load_settings(settings)
    known = [watch.name for watch in loaded.watch]
    if target not in known and not target.startswith("st-"):
        near = nearest(target, known) or known[:5]
        raise NotFound("watch or story", target, f"did you mean {' or '.join(near)}?" if near else "none is known")
    when = datetime.now(UTC)
    said = command(CommandKind.MUTE, "deliver", target, who=operator(), when=when, why=why, until=when + length)
    with closing(open_log(loaded.log)) as log:
        send(log, said)
    if as_json:
        show(said)
        return
    done = f"is muted until {when + length:%Y-%m-%d %H:%M:%SZ}" if length > timedelta(0) else "is muted no longer"
    print(f"{target} {done}")


@group.command("rate")
def rate_command(
    alert_id: Annotated[str, typer.Argument(metavar="ALERT", help="An alert's id, as its message says.")],
    verdict: Annotated[Verdict, typer.Argument(help="right or wrong.")],
    why: Annotated[str, typer.Option(help="In a few words.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Keep a verdict on an alert: `wirewatch export verdicts` gives all of them as labelled data.

    Example: wirewatch alerts rate al-1f0c wrong --why 'another Musk'
    """
    loaded, _ = load_settings(settings)
    with asked(settings) as index:
        alert = find_alert(index, alert_id)
    now, word = datetime.now(UTC), verdict.value
    said = command(CommandKind.RATE, "alerts", alert.alert_id, who=operator(), when=now, why=why, verdict=word)
    with closing(open_log(loaded.log)) as log:
        send(log, said)
    if as_json:
        show(said)
        return
    print(f"{alert.alert_id} ({alert.watch}: {plain(alert.title)}) was {verdict.value}")


def register(app: typer.Typer) -> None:
    """Put these commands on `wirewatch`."""
    app.command("deliveries")(deliveries_command)
    app.command("mute")(mute_command)
    app.add_typer(group, name="alerts")
