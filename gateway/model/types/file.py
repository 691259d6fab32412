"""References to files; the bytes travel apart."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from gateway.model.types.shapes import Choice, Code, Key, Line, MediaType, Moment, Record, Sha256, Url

Size = Annotated[int, Meta(ge=0, le=10**12, description="bytes")]


class Signature(Record, frozen=True, kw_only=True):
    """What is known of the digital signature inside a file."""

    format: Code | None = None
    signer: Line | None = None
    serial: Code | None = None
    signed_at: Moment | None = None


class FileRef(Choice, frozen=True, kw_only=True):
    """One file: by the id of an upload, by an address to fetch, or by the name of a part of the same request."""

    one_of: ClassVar[tuple[str, ...]] = ("id", "url", "name")

    id: Key | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    role: Code | None = None
    name: Line = ""
    media_type: MediaType | None = None
    size: Size | None = None
    removed: bool = False
    signature: Signature | None = None


Files = Annotated[tuple[FileRef, ...], Meta(max_length=200)]


def file_link(file_id: str) -> str:
    """Return the stable, authenticated address under which an event names a stored file."""
    return f"/v1/files/{file_id}"
