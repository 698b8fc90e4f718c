"""Read feed files through the stage's own parser, so that its reading can be judged against any corpus.

    python -m bench parse PATH... --out items.jsonl [--base URL]

One line an item, `{file, format, title, url, published}`, or one line for a file that is no feed, `{file, error}`.
`published` is the item's own date, or its last change where it has no other; UTC.
A relative link stays relative unless `--base` says what it belongs to.  A path may be a folder.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import process_time

import msgspec

from ingest.errors import Unreadable
from ingest.parse import parse

# The address of a file that has none: no host has this name (RFC 6761).
_NOWHERE = "http://feed.invalid"
Line = Mapping[str, str | None]


def main(arguments: Sequence[str]) -> int:
    """Write the lines; how fast it went goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m bench parse", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, help="default: standard output")
    parser.add_argument("--base", default="", help="the address that relative links belong to")
    asked = parser.parse_args(arguments)
    paths = [path for given in asked.path for path in files_of(given)]
    begun, items, failed = process_time(), 0, 0
    with ExitStack() as stack:
        out = stack.enter_context(asked.out.open("wb")) if asked.out else sys.stdout.buffer
        for path in paths:
            for line in lines_of(path, asked.base):
                items, failed = items + ("error" not in line), failed + ("error" in line)
                out.write(msgspec.json.encode(line) + b"\n")
    spent = process_time() - begun
    print(f"{len(paths)} files, {items} items, {failed} files failed; {spent:.2f} CPU-seconds", file=sys.stderr)
    return 0


def files_of(given: Path) -> Sequence[Path]:
    """The file itself, or all files below the folder, in order."""
    return sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]


def lines_of(path: Path, base: str = "") -> Iterator[Line]:
    """What one file gives."""
    try:
        found = parse(path.read_bytes(), "", base or f"{_NOWHERE}/")
    except Unreadable as failure:
        yield {"file": path.as_posix(), "error": f"{failure.word.value}: {failure.reason}"}
        return
    if found.index:
        yield {"file": path.as_posix(), "error": "no-news: an index of sitemaps, its articles are in those it names"}
    for item in found.items:
        when = item.published or item.updated
        yield {
            "file": path.as_posix(),
            "format": found.format,
            "title": item.title,
            "url": None if item.url is None else item.url.removeprefix(_NOWHERE),
            "published": None if when is None else when.isoformat().replace("+00:00", "Z"),
        }
