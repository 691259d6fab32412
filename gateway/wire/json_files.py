"""JSON with files inside: a long text of base64 is decoded and handed on while it is read, a marker takes its place."""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar, cast

Kept = TypeVar("Kept")
Keep = Callable[[AsyncGenerator[bytes, None]], Awaitable[Kept]]

LONG = 64 * 1024  #: bytes of a text that is looked at as a file
_MARKER = 18  #: bytes
_GROUP = 4  #: letters of base64 that make whole bytes
_INSIDE = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)  #: of a text, as far as whole escapes go
#: Texts, and what is before each; not all at once, for each is remembered until the last was read.
_WHOLE = re.compile(rb'(?:[^"]*+"[^"\\]*+(?:\\.[^"\\]*+)*"){0,256}', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u00([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_HALF = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")  #: an escape that the next piece goes on with
_LETTERS = re.compile(rb"[A-Za-z0-9+/\s]*+={0,2}\s*+")  #: and never back: blanks alone would be shared out in every way
_SPACE = re.compile(rb"\s+")
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class TooLong(Exception):
    """The document without its files is longer than allowed, or its files are."""


class JsonFiles:
    """Reads one document from a stream of chunks."""

    def __init__(self, chunks: Callable[[], Awaitable[bytes]], *, limit: int, most: int) -> None:
        """``chunks`` gives the next bytes, none at the end; ``limit`` of the document, ``most`` of all its files."""
        self._chunks = chunks
        self._limit = limit
        self._left = most
        self._rest = b""
        self._at = 0  #: how far the rest has been read
        self._document = bytearray()

    async def read(self, keep: Keep[Kept]) -> tuple[bytes, dict[str, Kept]]:
        """Return the document and its files by marker; raises TooLong, ValueError for a file that is no base64."""
        kept: dict[str, Kept] = {}
        while await self._to_text():
            text = bytearray()
            if not await self._text(text, LONG):
                if _is_base64(text):
                    marker = secrets.token_hex(_MARKER)  # nobody who wrote the document can know it
                    kept[marker] = await keep(self._decoded(bytes(text)))
                    text = bytearray(marker.encode() + b'"')
                else:
                    await self._text(text, self._limit + 1)
            self._add(bytes(text))
        return bytes(self._document), kept

    async def _to_text(self) -> bool:
        """Copy up to the beginning of a text; False at the end."""
        while True:
            self._pass_whole()
            found = self._rest.find(b'"', self._at)
            end = found + 1 if found >= 0 else len(self._rest)
            self._add(self._rest[self._at : end])
            self._at = end
            if found >= 0 or not await self._more():
                return found >= 0

    def _pass_whole(self) -> None:
        """Copy as many whole texts as are here: one by one, a million short ones would take seconds."""
        found = cast("re.Match[bytes]", _WHOLE.match(self._rest, self._at))
        self._add(self._rest[self._at : found.end()])
        self._at = found.end()

    async def _text(self, text: bytearray, enough: int) -> bool:
        """Add a text as it is written, with its last quote, or until there is enough of it; True where that was all."""
        while len(text) < enough:
            found = cast("re.Match[bytes]", _INSIDE.match(self._rest, self._at))  # of nothing, if need be
            closes = self._rest[found.end() : found.end() + 1] == b'"'
            end = found.end() + closes
            text += self._rest[self._at : end]
            self._at = end
            self._check(len(text))
            if closes or not await self._more():
                return True
        return False

    async def _decoded(self, begin: bytes) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a file up to the end of its text; raises ValueError where it is no base64."""
        raw, letters, over = begin, b"", False
        while True:
            half = _HALF.search(raw)
            piece, raw = (raw[: half.start()], raw[half.start() :]) if half and not over else (raw, b"")
            letters += _SPACE.sub(b"", _plain(piece))
            whole = len(letters) if over else len(letters) - len(letters) % _GROUP
            data = binascii.a2b_base64(letters[:whole], strict_mode=True)
            if b"=" in letters[:whole] and letters[whole:]:
                raise ValueError("base64 goes on after its end")
            letters = letters[whole:]
            self._left -= len(data)
            if self._left < 0:
                raise TooLong
            if data:
                yield data
            if over:
                return
            over, more = await self._letters()
            raw += more

    async def _letters(self) -> tuple[bool, bytes]:
        """Return the next letters of a file, and whether its text has ended."""
        if self._at >= len(self._rest) and not await self._more():
            raise ValueError("the document ends inside a text")
        found = self._rest.find(b'"', self._at)
        end = found if found >= 0 else len(self._rest)
        piece = self._rest[self._at : end]
        self._at = end + 1 if found >= 0 else end
        return found >= 0, piece

    async def _more(self) -> bool:
        chunk = await self._chunks()
        self._rest, self._at = self._rest[self._at :] + chunk, 0
        return bool(chunk)

    def _add(self, piece: bytes) -> None:
        self._document += piece
        self._check(0)

    def _check(self, more: int) -> None:
        if len(self._document) + more > self._limit:
            raise TooLong


def _is_base64(text: bytes | bytearray) -> bool:
    whole = bytes(text)
    half = _HALF.search(whole)
    return _LETTERS.fullmatch(_plain(whole[: half.start()] if half else whole)) is not None


def _plain(text: bytes) -> bytes:
    """Return letters without JSON's escapes: PHP escapes every slash, .NET every plus."""
    return _ESCAPE.sub(_unescaped, text) if b"\\" in text else text


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else _SHORT.get(found[2], found[2])
