"""Trace context (W3C Trace Context, level 2): which call belongs to which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEADER = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_LENGTH = 55
_KEPT_FLAGS = 0b11  #: sampled and random; the others must be 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One span's place in a trace."""

    trace_id: str  #: 32 lower-case hex digits
    span_id: str  #: 16 lower-case hex digits
    flags: int = 0

    def header(self) -> str:
        """Return the value of ``traceparent``."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"

    def child(self, token: str) -> Trace:
        """Return a new span of the same trace; ``token`` is 32 random hex digits."""
        return Trace(trace_id=self.trace_id, span_id=token[:16], flags=self.flags)


def begin(trace: str, span: str) -> Trace:
    """Begin a trace from two tokens of 32 random hex digits."""
    return Trace(trace_id=trace, span_id=span[:16], flags=0b10)


def parse(headers: Sequence[str]) -> Trace | None:
    """Return what a caller's ``traceparent`` says; None where it is missing, repeated or invalid: begin a new one."""
    if len(headers) != 1:
        return None
    value = headers[0].strip()
    found = _HEADER.match(value)
    if found is None or not _is_valid(found, value):
        return None
    flags = int(found["flags"], 16) & _KEPT_FLAGS
    return Trace(trace_id=found["trace"], span_id=found["parent"], flags=flags)


def _is_valid(found: re.Match[str], value: str) -> bool:
    """Later versions may go on behind a dash; version 00 may not."""
    if found["version"] == "ff" or not int(found["trace"], 16) or not int(found["parent"], 16):
        return False
    rest = value[_LENGTH:]
    return not rest or (found["version"] != "00" and rest.startswith("-"))
