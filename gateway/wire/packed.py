"""A reply's body that comes packed, unfolded piece by piece and to its last byte (RFC 9110, section 8.4.1).

aiohttp would do it, too, but takes a gzip body for whole without the checksum and the length at its end: what a proxy
cut there, or spoilt on the way, would be believed. And it does not know ``x-gzip``, which is the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

#: Returns some bytes, none of them at the end.
Read: TypeAlias = Callable[[], Awaitable[bytes]]

#: What is asked for with every request.
ACCEPTED = "gzip, deflate"

_GZIP, _ZLIB, _BARE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS: Mapping[str, int] = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_METHOD = 0x0F, 8  #: of the first byte, where deflate is in its zlib format; many leave that out
_PIECE = 64 * 1024
_MEMBERS = 100  #: that one body may consist of: each costs, though it may hold nothing


class PackingError(ValueError):
    """A body is not packed as it says, or ends before its end."""


def unfolding(headers: Mapping[str, str], read: Read) -> Read:
    """Return what reads a body with a Content-Encoding as it was before; one in an unknown coding stays as it came.

    Reading raises PackingError.
    """
    window = _WINDOWS.get(_plain(headers["Content-Encoding"]))
    return read if window is None else _Packed(read, window).read


def is_known(coding: str) -> bool:
    """Whether a body in this coding, the text of Content-Encoding, is read as it was before; one in none is, too."""
    return _plain(coding) in {"", "identity", *_WINDOWS}


def _plain(coding: str) -> str:
    return coding.strip().lower()


class _Packed:
    def __init__(self, read: Read, window: int) -> None:
        self._read = read
        self._window = window
        self._members = 0  #: begun so far
        self._member = zlib.decompressobj(window)
        self._rest = b""

    async def read(self) -> bytes:
        """Return the next piece, of 64 KiB at most."""
        while True:
            data = self._rest or await self._read()
            if not data:
                return self._at_end()
            if piece := self._unfold(data):
                return piece

    def _at_end(self) -> bytes:
        """Return what was read and did not come out yet: bare deflate has no checksum left to be read behind it."""
        piece = self._unpacked(b"") if self._members else b""
        if self._members and not (piece or self._member.eof):
            raise PackingError("a packed body ends before its end")
        return piece

    def _unfold(self, data: bytes) -> bytes:
        if not self._members or self._member.eof:
            self._begin(data[0])
        piece = self._unpacked(data)
        self._rest = self._member.unused_data or self._member.unconsumed_tail
        return piece

    def _unpacked(self, data: bytes) -> bytes:
        try:
            return self._member.decompress(data, _PIECE)
        except zlib.error as error:
            raise PackingError("a body is not packed as it says") from error

    def _begin(self, first: int) -> None:
        """A gzip body may consist of several members, one behind the other (RFC 1952, section 2.2)."""
        mask, deflated = _METHOD
        if self._members and (self._window != _GZIP or self._members >= _MEMBERS):
            raise PackingError("a packed body goes on after its end")
        if self._window == _ZLIB and first & mask != deflated:
            self._window = _BARE
        self._members += 1
        self._member = zlib.decompressobj(self._window)
