"""`wirewatch test`: a sample through one channel, to see whether it works."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from alerts.channels.port import Channel
from alerts.message import Message, compose
from alerts.notice import sample
from alerts.outcome import Accepted, NoAnswer, Outcome, SendRequest
from console.errors import NotFound
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.services.run_stage import manner
from wire.errors import Exit
from wire.nearest import nearest
from wire.settings_file import load_settings


def sample_command(
    channel: Annotated[str, typer.Argument(help="A channel's name.")],
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Send a sample through one channel, from here, and say what came of it.

    Example: wirewatch test desk
    """
    from alerts.channels.build import build_channels  # needs an extra

    loaded, catalogue = load_settings(settings)
    chosen = [one for one in loaded.channel if one.name == channel]
    if not chosen:
        names = [one.name for one in loaded.channel]
        near = nearest(channel, names) or names[:5]
        raise NotFound("channel", channel, f"did you mean {' or '.join(near)}?" if near else "the settings have none")
    out = sys.stderr if as_json else sys.stdout  # where a console channel writes
    (sender,) = build_channels(chosen, os.environ, out, lambda: datetime.now(UTC)).values()
    alert = sample(channel, datetime.now(UTC))
    request = SendRequest(delivery_id=alert.alert_id, channel=channel, attempt=1, may_repeat=False, alert=alert)
    outcome = asyncio.run(_tried(sender, compose(request, manner(loaded, catalogue)), loaded.deliver.timeout))
    taken = isinstance(outcome, Accepted)
    if as_json:
        show({"channel": channel, "delivery_id": request.delivery_id, "outcome": outcome})
    elif isinstance(outcome, Accepted):
        say(f"{channel} has taken the sample" + (f": {outcome.remark}" if outcome.remark else ""))
    else:
        say(f"{channel}: {type(outcome).__name__}: {outcome.reason}")
    raise typer.Exit(Exit.WELL if taken else Exit.ERROR)


async def _tried(channel: Channel, message: Message, limit: timedelta) -> Outcome:
    """What came of it; `limit` is for the whole try."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await channel.send(message)
    except TimeoutError:
        return NoAnswer(reason=f"no answer within {limit.total_seconds():g} s; it may have arrived")


def register(app: typer.Typer) -> None:
    """Put the command on `wirewatch`."""
    app.command("test")(sample_command)
