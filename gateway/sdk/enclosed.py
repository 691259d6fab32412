"""Files inside documents: ours are read while they are sent, a partner's base64 is stored piece by piece."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import msgspec

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs
from gateway.wire.attachments import Attachment, alternating, stream
from gateway.wire.request_body import StreamBody
from gateway.wire.transfer_encoding import unbroken

_PLACE = b"\x00"  #: where a file goes: a character that JSON always escapes
_GROUP = 3  #: bytes that base64 turns into four letters
_SLICE = 64 * 1024  #: letters that are decoded at once: whole groups


class Enclosed:
    """One file as a value of a document."""

    __slots__ = ("blob", "blobs")

    def __init__(self, blob: Blob, blobs: Blobs) -> None:
        self.blob = blob
        self.blobs = blobs

    def attachment(self) -> Attachment:
        """Return the file as something to be sent."""
        blob = self.blob
        return Attachment(size=blob.size, sha256=blob.sha256, media_type=blob.content_type, chunks=self._chunks)

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        async with self.blobs.open(self.blob) as chunks:
            async for chunk in chunks:
                yield chunk


class Inserted:
    """A text of a document with files in it: pieces of text, and files that are texts themselves."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: tuple[str | Attachment, ...]) -> None:
        self.pieces = pieces


def encoded(document: object) -> bytes | StreamBody:
    """Return a document as JSON: as bytes, or as a stream where it encloses files."""
    return joined(json_pieces(document))


def joined(pieces: Sequence[bytes | Attachment]) -> bytes | StreamBody:
    """Return pieces as one body: a stream where files are among them."""
    texts = [piece for piece in pieces if isinstance(piece, bytes)]
    return b"".join(texts) if len(texts) == len(pieces) else stream(pieces)


def json_pieces(document: object) -> list[bytes | Attachment]:
    """Return a document as JSON, with the files that it encloses between its texts."""
    files: list[Attachment] = []

    def note(value: object) -> object:
        if not isinstance(value, Enclosed | Inserted):
            raise NotImplementedError(f"JSON has no {type(value).__name__}")
        texts: list[bytes] = []
        for piece in insertion(value).pieces:
            texts.append(_PLACE if isinstance(piece, Attachment) else msgspec.json.encode(piece)[1:-1])
            files.extend([piece] if isinstance(piece, Attachment) else [])
        return msgspec.Raw(b'"' + b"".join(texts) + b'"')

    text = msgspec.json.encode(document, enc_hook=note)
    return alternating(text.split(_PLACE), files) if files else [text]


def insertion(value: Enclosed | Inserted) -> Inserted:
    """Return a file as the text that documents hold: its base64."""
    return Inserted((value.attachment().in_base64(),)) if isinstance(value, Enclosed) else value


async def keep(blobs: Blobs, text: str, *, name: str, media_type: str) -> Blob:
    """Store a file that came as base64, and give it an id.

    Raises ValueError where it is no base64, StoreFull, StoreUnavailable.
    """
    letters = unbroken(text).decode()
    if letters.startswith("data:"):  # as browsers write a file (RFC 2397)
        letters = letters.partition(";base64,")[2]
    limit = len(letters) // 4 * _GROUP + _GROUP
    return named(await blobs.put(_decoded(letters), name=name, content_type=media_type, limit=limit))


def named(blob: Blob) -> Blob:
    """Return a stored file with an id of its own."""
    return replace(blob, file_id=FileId(f"in-{hashlib.sha256(blob.key.encode()).hexdigest()[:32]}"))


async def _decoded(letters: str) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(letters), _SLICE):
        piece = letters[start : start + _SLICE]
        if "=" in piece and start + _SLICE < len(letters):
            raise ValueError("base64 goes on after its end")
        yield binascii.a2b_base64(piece, strict_mode=True)
