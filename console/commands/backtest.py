"""`wirewatch backtest`: what a watch would have told, before anybody is told."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from alerts.channels.text import as_text
from alerts.message import compose
from alerts.outcome import SendRequest
from console.backtest import Difference, History, difference, finder, history, read_anew, told, unseen
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.progress import bar, counted_off
from console.services.run_stage import manner
from console.watch_choice import choose
from console.words import counted, plain
from wire.messages import Alert, AlertKind
from wire.settings_base import LONGEST_SPAN
from wire.settings_file import load_settings


def backtest_command(
    watch: Annotated[str, typer.Argument(help="The watch's name, in the settings or in --draft.")],
    days: Annotated[float, typer.Option(min=0.01, max=LONGEST_SPAN.days, help="So many days back.")] = 30,
    draft: Annotated[Path | None, typer.Option(help="A file with a watch that is not saved yet.")] = None,
    entities: Annotated[Path | None, typer.Option(help="A file of entities beside the catalogue.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Read all articles anew, not only for unseen entities.")] = False,
    messages: Annotated[bool, typer.Option("--messages", help="Print each message whole.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Run a watch over the past: how many messages, when, which, and the difference to the watch in force.

    Nothing is sent.  Stories stay as they were grouped then.

    Example: wirewatch backtest musk-putin --days 30 --draft new-watch.toml --messages
    """
    loaded, catalogue = load_settings(settings)
    chosen = choose(loaded, catalogue, watch, draft, entities)
    since = datetime.now(UTC) - timedelta(days=days)
    with closing(open_log(loaded.log)) as log, bar("reading story events", None) as advance:
        past = history(log, since, advance)
    unknown = unseen(chosen.watch, past)
    records = past.records
    if anew or unknown:
        with bar("reading articles anew", len(records)) as advance:
            anew_read = read_anew(records, finder(chosen.catalogue, loaded.outlet))
            records = tuple(counted_off(anew_read, advance))
    with bar(f"trying {watch}", len(records)) as advance:
        found = told(chosen.watch, counted_off(records, advance), chosen.catalogue, since)
    if as_json:
        show(*found)
        return
    for line in _notes(past, since, sorted(unknown), anew=anew):
        say(line)
    print(_summary(watch, found, since))
    speaks = manner(loaded, chosen.catalogue)
    for alert in found:
        print(f"{alert.seen:%Y-%m-%d %H:%M:%SZ}  {alert.kind.value:<6} {alert.story_id}  {plain(alert.title)}")
        print(f"    {plain(alert.why)}")
        if messages:
            request = SendRequest(delivery_id="-", channel="-", attempt=1, may_repeat=False, alert=alert)
            print("    " + as_text(compose(request, speaks)).replace("\n", "\n    "))
    if chosen.drafted and chosen.in_force is not None:
        other = told(chosen.in_force, past.records, chosen.catalogue, since)
        print("\n".join(_difference_lines(difference(found, other), [*found, *other])))


def _notes(past: History, since: datetime, unknown: Sequence[str], *, anew: bool) -> Iterator[str]:
    yield "stories are taken as they were grouped then; cooldowns and updates count, quiet hours and floods do not"
    if past.begins is None:
        yield "the log has no story events of that time"
    elif past.begins > since:
        yield f"the log begins at {past.begins:%Y-%m-%d %H:%MZ}: nothing is known of the time before"
    if anew or unknown:
        about = ", ".join(unknown) or "all entities"
        yield f"articles were read anew with the catalogue of now, for {about}"
    if past.unreadable:
        yield f"{counted(past.unreadable, 'story event')} could not be read and were passed over"


def _summary(watch: str, found: Sequence[Alert], since: datetime) -> str:
    firsts = sum(alert.kind is AlertKind.ALERT for alert in found)
    updates = counted(len(found) - firsts, "update")
    return f"{watch} since {since:%Y-%m-%d %H:%MZ}: {counted(firsts, 'alert')}, {updates}"


def _difference_lines(by: Difference, alerts: Sequence[Alert]) -> Iterator[str]:
    titles = {alert.story_id: alert.title for alert in alerts}
    yield f"against the watch in force: {len(by.added)} more, {len(by.missing)} fewer"
    yield from (f"  + {story}  {plain(titles[story])}" for story in by.added)
    yield from (f"  - {story}  {plain(titles[story])}" for story in by.missing)


def register(app: typer.Typer) -> None:
    """Put the command on `wirewatch`."""
    app.command("backtest")(backtest_command)
