"""Files that leave with a document, inside it or beside it; none is ever whole in memory."""

from __future__ import annotations

import binascii
import hashlib
import secrets
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from gateway.wire.request_body import StreamBody

_GROUP = 3  #: bytes that base64 turns into four letters
_MARKER = 18  #: bytes: 24 letters, none of them padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file on its way out: exactly ``size`` bytes."""

    size: int
    sha256: str  #: lower-case hex, of the file itself
    media_type: str
    chunks: Callable[[], AsyncGenerator[bytes, None]] = field(repr=False)

    def in_base64(self) -> Attachment:
        """Return the same file as base64, encoded while it is read."""
        return replace(self, size=-(-self.size // _GROUP) * 4, chunks=lambda: _letters(self.chunks()))


def new_marker() -> str:
    """Return base64 that stands in a document for a file, and that nobody who filled the document in can know."""
    return b64encode(secrets.token_bytes(_MARKER)).decode()


def alternating(texts: Sequence[bytes], files: Sequence[Attachment]) -> list[bytes | Attachment]:
    """Return every file between the two texts that it stands between; there is one text more than files."""
    return [texts[0], *(piece for pair in zip(files, texts[1:], strict=True) for piece in pair)]


def stream(pieces: Sequence[bytes | Attachment]) -> StreamBody:
    """Return texts and files one after the other; files are read while they are sent."""
    size = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)
    return StreamBody(
        size=size,
        chunks=lambda: _chunks(pieces),
        digest=_digest(pieces),
        outline=lambda: _outline(pieces),
    )


async def _chunks(pieces: Sequence[bytes | Attachment]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        async with aclosing(piece.chunks()) as chunks:
            async for chunk in chunks:
                yield chunk


def _outline(pieces: Sequence[bytes | Attachment]) -> bytes:
    return b"".join(piece if isinstance(piece, bytes) else f"sha256:{piece.sha256}".encode() for piece in pieces)


def _digest(pieces: Sequence[bytes | Attachment]) -> str:
    """Return what the stream is known by: the texts, with each file's own digest in the file's place."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece if isinstance(piece, bytes) else piece.sha256.encode())
    return digest.hexdigest()


async def _letters(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    rest = b""
    async with aclosing(chunks):
        async for chunk in chunks:
            data = rest + chunk
            whole = len(data) - len(data) % _GROUP
            rest = data[whole:]
            yield binascii.b2a_base64(data[:whole], newline=False)
    yield binascii.b2a_base64(rest, newline=False)
