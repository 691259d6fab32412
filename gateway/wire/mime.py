"""Multipart messages (RFC 2046), read piece by piece: bytes are fed, parts come out, little is ever held.

A part's content is handed on exactly as it was sent, its own first and last line ends too: only the one CRLF before a
delimiter belongs to the delimiter. A multipart part inside the message is opened, one level deep, and its parts come
out like all others. What is cut off, and what is framed by another boundary than the announced one, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from gateway.wire.content_type import ContentType
from gateway.wire.errors import PlacedError
from gateway.wire.part_head import PartHead, boundary_of
from gateway.wire.transfer_encoding import Decoder, Plain, decoder, is_plain

_END_OF_LINE = b"\r\n"
_END_OF_HEAD = b"\r\n\r\n"
_PADDING = 200  #: bytes of blanks that may follow a delimiter
_PREAMBLE = 64 * 1024  #: bytes that may stand before the first delimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class MimeLimits:
    """How much one message may be."""

    total: int = 1 << 30  #: bytes as they came
    parts: int = 64
    header: int = 8 * 1024  #: bytes of one part's headers


DEFAULT_LIMITS = MimeLimits()


class MimeError(PlacedError):
    """The bytes are not a multipart message we accept.

    ``where`` is "message" or "part 3", ``problem`` what is wrong there, ``remedy`` what the sender can do. None of them
    repeats what the message says.
    """


class MimeTooLarge(MimeError):
    """More bytes came than ``limit``."""

    def __init__(self, where: str, problem: str, limit: int) -> None:
        super().__init__(where, problem, "send less, or in several messages")
        self.limit = limit


class Mark(Enum):
    """What is no content."""

    END = "end"  #: of the part that began last


Event: TypeAlias = PartHead | bytes | Mark


class MimeReader:
    """Reads one message; a part is its head, its content in pieces, and ``Mark.END``."""

    def __init__(self, content_type: ContentType, limits: MimeLimits = DEFAULT_LIMITS) -> None:
        """``content_type`` is that of the whole message. Raises MimeError."""
        self._limits = limits
        self._received = 0
        self._parts = 0
        self._events: list[Event] = []
        self._decoder: Decoder = Plain()
        self._outer = _Level(self._boundary(content_type), limits)
        self._inner: _Level | None = None

    def feed(self, data: bytes) -> Sequence[Event]:
        """Return what these bytes complete; raises MimeError."""
        self._received += len(data)
        if self._received > self._limits.total:
            problem = f"more than the {self._limits.total} bytes allowed"
            raise MimeTooLarge("message", problem, self._limits.total)
        self._events = []
        for step, piece in self._split(self._outer, data):
            self._take_outer(step, piece)
        return self._events

    def close(self) -> None:
        """Say that the message has ended; raises MimeError where it was cut off or had no part."""
        self._close(self._outer)
        if not self._parts:
            raise MimeError("message", "it has no part", "send at least the part that holds the document")

    @property
    def _where(self) -> str:
        return f"part {self._parts}" if self._parts else "message"

    def _take_outer(self, step: _Step, piece: bytes) -> None:
        if step is _Step.HEAD:
            head = self._head(piece)
            if head.content_type.media_type.startswith("multipart/"):
                self._inner = self._nested(head)
            else:
                self._begin(head)
        elif self._inner is None:
            self._take(step, piece)
        elif step is _Step.DATA:
            for inner_step, inner_piece in self._split(self._inner, piece):
                self._take_inner(inner_step, inner_piece)
        else:
            self._close(self._inner)
            self._inner = None

    def _take_inner(self, step: _Step, piece: bytes) -> None:
        if step is not _Step.HEAD:
            self._take(step, piece)
            return
        head = self._head(piece)
        if head.content_type.media_type.startswith("multipart/"):
            raise self._wrong("multipart parts are nested deeper than one level", "send all parts side by side")
        self._begin(head)

    def _take(self, step: _Step, piece: bytes) -> None:
        try:
            content = self._decoder.decode(piece) if step is _Step.DATA else self._decoder.end()
        except ValueError as error:
            raise self._wrong(str(error), "encode the part as it declares, or send it as binary") from None
        if content:
            self._events.append(content)
        if step is _Step.END:
            self._events.append(Mark.END)

    def _begin(self, head: PartHead) -> None:
        try:
            self._decoder = decoder(head.encoding)
        except ValueError as error:
            raise self._wrong(str(error), "use binary, 8bit, 7bit, base64 or quoted-printable") from None
        self._events.append(head)

    def _head(self, data: bytes) -> PartHead:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise MimeError("message", f"more than {self._limits.parts} parts", "send them in several messages")
        try:
            return PartHead.read(data)
        except ValueError as error:
            raise self._wrong(str(error), "correct the part's headers") from None

    def _nested(self, head: PartHead) -> _Level:
        if not is_plain(head.encoding):
            raise self._wrong("a multipart part is encoded as a whole", "encode its parts, as RFC 2045 demands")
        return _Level(self._boundary(head.content_type), self._limits)

    def _boundary(self, content_type: ContentType) -> str:
        try:
            return boundary_of(content_type)
        except ValueError as error:
            raise self._wrong(str(error), "name the boundary in the Content-Type") from None

    def _split(self, level: _Level, data: bytes) -> Sequence[tuple[_Step, bytes]]:
        try:
            return level.feed(data)
        except _Misframed as error:
            raise self._wrong(str(error), "frame the parts as RFC 2046 says, lines ending in CRLF") from None

    def _close(self, level: _Level) -> None:
        if not level.is_over:
            raise self._wrong("it ends before its last boundary", "send the whole message again")

    def _wrong(self, problem: str, remedy: str) -> MimeError:
        return MimeError(self._where, problem, remedy)


class _Misframed(Exception):
    """A line that begins with the boundary is no delimiter, or headers have no end."""


class _Step(Enum):
    HEAD = "head"
    DATA = "data"
    END = "end"


class _Level:
    """One level of parts: finds where each begins and ends, and what its headers are.

    The buffer begins with the CRLF that the next delimiter may want for itself: after a delimiter's line, and after the
    empty line behind the headers.
    """

    def __init__(self, boundary: str, limits: MimeLimits) -> None:
        self._delimiter = f"\r\n--{boundary}".encode("ascii")
        self._header = limits.header
        self._buffer = bytearray(_END_OF_LINE)
        self._held = 0  #: bytes at the buffer's beginning that are no content
        self._skipped = 0
        self._in_part = False
        self._steps: list[tuple[_Step, bytes]] = []
        self._state: Callable[[], bool] = self._seek

    @property
    def is_over(self) -> bool:
        """Whether the last delimiter has come."""
        state = self._state
        return state == self._ignore or (state == self._delimit and bytes(self._buffer).rstrip(b" \t\r\n") == b"--")

    def feed(self, data: bytes) -> list[tuple[_Step, bytes]]:
        """Return what these bytes complete; raises _Misframed."""
        self._steps = []
        self._buffer += data
        while self._state():
            pass
        return self._steps

    def _seek(self) -> bool:
        """Look for the delimiter; what stands before it is content, or nothing before the first part."""
        at = self._buffer.find(self._delimiter)
        end = at if at >= 0 else len(self._buffer) - len(self._delimiter) + 1
        if end > self._held:
            self._pass_on(end)
        if at < 0:
            return False
        if self._in_part:
            self._steps.append((_Step.END, b""))
        del self._buffer[: self._buffer.find(self._delimiter) + len(self._delimiter)]
        self._state = self._delimit
        return True

    def _pass_on(self, end: int) -> None:
        if self._in_part:
            with memoryview(self._buffer) as view:
                self._steps.append((_Step.DATA, bytes(view[self._held : end])))
        else:
            self._skipped += end
            if self._skipped > _PREAMBLE:
                raise _Misframed("the announced boundary does not come")
        del self._buffer[:end]
        self._held = 0

    def _delimit(self) -> bool:
        """Read the rest of a delimiter's line."""
        end = self._buffer.find(_END_OF_LINE)
        is_short = _at_least(end, self._buffer, _END_OF_LINE) <= _PADDING
        if end < 0 and is_short:
            return False
        line = bytes(self._buffer[: max(end, 0)]).rstrip(b" \t")
        if not is_short or line not in (b"", b"--"):
            raise _Misframed("a line begins with the boundary and goes on")
        del self._buffer[:end]
        self._state = self._ignore if line else self._read_head
        return True

    def _read_head(self) -> bool:
        end = self._buffer.find(_END_OF_HEAD)
        if _at_least(end, self._buffer, _END_OF_HEAD) > self._header:
            raise _Misframed(f"its headers have more than {self._header} bytes, or no end")
        if end < 0:
            return False
        self._steps.append((_Step.HEAD, bytes(self._buffer[2:end])))
        del self._buffer[: end + 2]
        self._held, self._in_part = len(_END_OF_LINE), True
        self._state = self._seek
        return True

    def _ignore(self) -> bool:
        """Drop what follows the last delimiter."""
        self._buffer.clear()
        return False


def _at_least(found: int, buffer: bytearray, mark: bytes) -> int:
    """Return where a mark is, or the first place where it may still be: the same limit whatever pieces have come."""
    return found if found >= 0 else len(buffer) - len(mark) + 1
