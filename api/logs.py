"""The service's log: a line an entry, without keys, without what was sent, without commands to a terminal."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

# A key, or what somebody cut off of one.
_KEY = re.compile(r"(wp_[0-9a-f]{8})_[0-9a-zA-Z]+")
_QUERY = re.compile(r"\?[^\s\"']*")


class SafeFormatter(logging.Formatter):
    """Formats an entry; of an exception it tells where it was raised and its type, never its text.

    The text of an exception may hold what somebody sent, such as the parameters of a statement.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The entry; only the lines of a traceback are lines of their own."""
        said = logging.makeLogRecord(
            {**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None}
        )
        line = one_line(super().format(said))
        return line + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")

    def formatException(self, ei: object) -> str:  # noqa: N802 - the base class names it
        """Where an exception was raised, and those that led to it, by type."""
        error = ei[1] if isinstance(ei, tuple) else None
        return "\n".join(_told(error)) if isinstance(error, BaseException) else ""


def one_line(text: str) -> str:
    """A text without control characters, keys and queries."""
    text = _QUERY.sub("?…", _KEY.sub(r"\1_…", text))
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def log_config(level: str = "WARNING") -> dict[str, object]:
    """What `logging.config.dictConfig` needs: entries of the service and its server on stderr."""
    own = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "safe": {"()": SafeFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "safe"}},
        # What strangers send wrongly is a warning of the server; it must not fill the log.
        "loggers": {"woodpecker": own, "asyncio": own, "uvicorn": {**own, "level": "ERROR"}},
    }


def _told(error: BaseException) -> list[str]:
    lines: list[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        lines += [*_told(before), "which led to"]
    lines += [f"  {line}" for line in _frames(error.__traceback__)]
    return [*lines, type(error).__qualname__]


def _frames(raised: TracebackType | None) -> list[str]:
    return [
        f"{one_line(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(raised)[-30:]
    ]
