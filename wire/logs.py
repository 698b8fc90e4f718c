"""Log lines on stderr: one JSON object a line for machines, a readable line on a terminal."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

import msgspec

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object: time, level, logger, message, what was given as `extra`, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            said["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return msgspec.json.encode(said, enc_hook=str).decode()


class Readable(logging.Formatter):
    """`HH:MM:SS level message name=value …`, for people who watch a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, and its traceback below it."""
        extra = " ".join(f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD)
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%SZ")
        line = f"{at} {record.levelname.lower():7} {record.getMessage()} {extra}".rstrip()
        return line if not record.exc_info else f"{line}\n{self.formatException(record.exc_info)}"


def log_to(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send the log lines of this process to `stream`; called once, by the command."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Readable() if stream.isatty() else JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "kafka", "sentence_transformers", "faiss", "pymorphy3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
