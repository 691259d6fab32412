"""Files inside JSON documents, as base64: ours are read while they are sent, a partner's stored piece by piece."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace

import msgspec

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs
from gateway.wire.http import StreamBody

_PLACE = b"\x00"  #: where a file goes: a character that JSON always escapes
_GROUP = 3  #: bytes that base64 turns into four letters
_SLICE = 64 * 1024  #: letters that are decoded at once: whole groups


class Enclosed:
    """One file as a value of a document."""

    __slots__ = ("blob", "blobs")

    def __init__(self, blob: Blob, blobs: Blobs) -> None:
        self.blob = blob
        self.blobs = blobs

    @property
    def size(self) -> int:
        """Letters of its base64."""
        return -(-self.blob.size // _GROUP) * 4

    async def letters(self) -> AsyncGenerator[bytes, None]:
        """Yield its base64."""
        rest = b""
        async with self.blobs.open(self.blob) as chunks:
            async for chunk in chunks:
                data = rest + chunk
                whole = len(data) - len(data) % _GROUP
                rest = data[whole:]
                yield binascii.b2a_base64(data[:whole], newline=False)
        yield binascii.b2a_base64(rest, newline=False)


def encoded(document: Mapping[str, object]) -> bytes | StreamBody:
    """Return a document as JSON: as bytes, or as a stream where it encloses files."""
    files: list[Enclosed] = []

    def note(value: object) -> object:
        if not isinstance(value, Enclosed):
            raise NotImplementedError(f"JSON has no {type(value).__name__}")
        files.append(value)
        return msgspec.Raw(b'"' + _PLACE + b'"')

    text = msgspec.json.encode(document, enc_hook=note)
    return _stream(text.split(_PLACE), files) if files else text


def _stream(texts: Sequence[bytes], files: Sequence[Enclosed]) -> StreamBody:
    async def chunks() -> AsyncGenerator[bytes, None]:
        for text, file in zip(texts, files, strict=False):
            yield text
            async for letters in file.letters():
                yield letters
        yield texts[-1]

    size = sum(map(len, texts)) + sum(file.size for file in files)
    return StreamBody(size=size, chunks=chunks, digest=_digest(texts, files))


def _digest(texts: Sequence[bytes], files: Sequence[Enclosed]) -> str:
    """Return what the stream is known by: the text, with each file's own digest in the file's place."""
    digest = hashlib.sha256(texts[0])
    for text, file in zip(texts[1:], files, strict=True):
        digest.update(file.blob.sha256.encode() + text)
    return digest.hexdigest()


async def keep(blobs: Blobs, text: str, *, name: str, media_type: str) -> Blob:
    """Store a file that came as base64, and give it an id; raises ValueError where it is no base64."""
    letters = "".join(text.split())
    limit = len(letters) // 4 * _GROUP + _GROUP
    blob = await blobs.put(_decoded(letters), name=name, content_type=media_type, limit=limit)
    return replace(blob, file_id=FileId(f"in-{hashlib.sha256(blob.key.encode()).hexdigest()[:32]}"))


async def _decoded(letters: str) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(letters), _SLICE):
        piece = letters[start : start + _SLICE]
        if "=" in piece and start + _SLICE < len(letters):
            raise ValueError("base64 goes on after its end")
        yield binascii.a2b_base64(piece, strict_mode=True)
