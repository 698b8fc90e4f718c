"""`wirewatch backup`: a consistent copy of the embedded log, while everything runs."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from wire.errors import BadSettings, Fault
from wire.settings_file import load_settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; nothing may be there.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    as_json: JsonOption = False,
) -> None:
    """Copy the embedded log to FILE, as of one moment, while stages go on; to restore, copy it to the log's place.

    Example: wirewatch backup /backups/wirewatch-monday.db
    """
    from wire.log.sqlite_backup import back_up
    from wire.log.sqlite_file import LogFile

    loaded, _ = load_settings(settings)
    if loaded.log.kind != "sqlite":
        what = "is 'kafka': its topics are backed up by Kafka's own means (replication, MirrorMaker)"
        raise BadSettings(str(settings), [Fault("log.kind", what)])
    if file.exists():
        raise typer.BadParameter(f"{file} exists; choose another name", param_hint="FILE")
    copy = back_up(LogFile(loaded.log.path), file)
    if as_json:
        show({"file": str(file), "records": copy.records, "bytes": copy.size_bytes})
    else:
        print(f"{file}: {copy.records} records, {copy.size_bytes / 1e6:.1f} MB, checked")
    say(f"to restore: end all stages, then copy it to {loaded.log.path} and remove {loaded.log.path}-wal and -shm")


def register(app: typer.Typer) -> None:
    """Put the command on the `wirewatch` command."""
    app.command()(backup)
