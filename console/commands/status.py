"""`wirewatch status`: where everything stands."""

from contextlib import closing
from datetime import UTC, datetime

import typer

from console.checkup.model_way import model_way
from console.checkup.state_of_all import disk_in_trouble, seen_by_index
from console.checkup.status import failing_feeds, oldest_waiting, read_progress, status_lines, trouble_line
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, show
from wire.errors import TopicMismatch
from wire.settings_file import load_settings


def status(settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Show where every lane stands: position, what waits behind it, its last commit; how enrich computes vectors;
    feeds, channels and the disk where they are in trouble; and corrections that wait.

    Example: wirewatch status
    """
    loaded, _ = load_settings(settings)
    now = datetime.now(UTC)
    with closing(open_log(loaded.log)) as log:
        if different := log.differences():
            raise TopicMismatch(different)
        progress = read_progress(log)
        failing = failing_feeds(log)
        oldest = {} if as_json else oldest_waiting(log, progress)
        way = model_way(loaded.health, log)
    seen = [*seen_by_index(loaded, now), *disk_in_trouble(loaded)]
    if as_json:
        show(*progress, *failing, *seen, *([way] if way else []))
        return
    print("\n".join(status_lines(progress, now, oldest)))
    if way is not None:
        print(way)
    for feed in failing:
        print(trouble_line(feed, now))
    for trouble in seen:
        print(f"! {trouble.what}: {trouble.said}")


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(status)
