"""References to files; the bytes travel apart."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from gateway.model.types.shapes import Choice, Code, Key, Line, MediaType, Moment, Record, Sha256, Url

Size = Annotated[int, Meta(ge=0, le=10**12, description="bytes")]


class Signature(Record, frozen=True, kw_only=True):
    """What is known of the digital signature inside a file."""

    format: Code | None = None  #: such as PAdES, XAdES, CAdES
    signer: Line | None = None  #: whose certificate it was signed by
    serial: Code | None = None  #: serial number of the certificate
    signed_at: Moment | None = None  #: when it was signed


class FileRef(Choice, frozen=True, kw_only=True):
    """One file: by the id of an upload, by an address to fetch, or by the name of a part of the same request."""

    one_of: ClassVar[tuple[str, ...]] = ("id", "url", "name")

    id: Key | None = None  #: of an upload, as ``POST /v1/files`` answered it
    url: Url | None = None  #: where the gateway fetches it from; in what is delivered ``/v1/files/{id}``
    sha256: Sha256 | None = None  #: of its bytes; what differs is refused
    role: Code | None = None  #: what the file is for
    name: Line = ""  #: file name; alone, the name of a part of the same request
    media_type: MediaType | None = None  #: such as application/pdf
    size: Size | None = None  #: how long it is
    removed: bool = False  #: whether it was withdrawn since; it is named so that others take it away, too
    signature: Signature | None = None  #: what is known of the signature inside


Files = Annotated[tuple[FileRef, ...], Meta(max_length=200)]


def file_link(file_id: str) -> str:
    """Return the stable, authenticated address under which an event names a stored file."""
    return f"/v1/files/{file_id}"
