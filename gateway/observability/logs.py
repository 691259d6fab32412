"""The log: one JSON object per line, written without the detour through the standard library's formatters."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import msgspec
import structlog

from gateway.config.settings import Logs
from gateway.observability.lines import Lines, Sink
from gateway.observability.log_file import LogFile, Rotation, StandardOutput
from gateway.observability.redaction import Event, describe_exception, redact

FILE_NAME = "gateway.jsonl"


class _Renderer:
    """Makes the line: time first, then level and event, then the rest as bound."""

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._second = (0, "")

    def __call__(self, _logger: object, method: str, event: Event) -> bytes:
        line = {
            "timestamp": self._now(),
            "level": "error" if method == "exception" else method,
            "event": event.pop("event", ""),
        }
        line.update(event)
        return self._encode(line) + b"\n"

    def _now(self) -> str:
        """Return RFC 3339 with milliseconds; the part up to the second is made once a second."""
        second, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        known, prefix = self._second
        if second != known:
            prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = (second, prefix)
        return f"{prefix}.{nanoseconds // 1_000_000:03d}Z"


class _Forwarder(logging.Handler):
    """Takes warnings of libraries into the same log: their template, never its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        template = str(record.msg).partition("\n")[0]
        log = structlog.get_logger().bind(library=record.name)
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(log, level)(template, exc_info=record.exc_info)


class Log:
    """The set-up log; close it last."""

    def __init__(self, lines: Lines, forwarder: logging.Handler) -> None:
        self._lines = lines
        self._forwarder = forwarder

    def close(self) -> None:
        """Stop taking lines, and close the file."""
        logging.getLogger().removeHandler(self._forwarder)
        structlog.reset_defaults()
        self._lines.close()


def set_up(settings: Logs, directory: Path) -> Log:
    """Send the log of this process where the settings say; ``directory`` is the log folder."""
    lines = Lines(_sinks(settings, directory))
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, describe_exception, redact, _Renderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=True,
    )
    forwarder = _Forwarder(level=logging.WARNING)
    logging.getLogger().addHandler(forwarder)
    return Log(lines, forwarder)


def _sinks(settings: Logs, directory: Path) -> list[Sink]:
    sinks: list[Sink] = []
    if settings.to in {"file", "both"}:
        sinks.append(LogFile(directory / FILE_NAME, Rotation(size=settings.size, keep=settings.keep)))
    if settings.to in {"stdout", "both"}:
        sinks.append(StandardOutput())
    return sinks
