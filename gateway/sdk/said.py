"""What a partner's own call says: its document, and the files in it or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from gateway.core.message import Blob, Payload
from gateway.ports.adapter import Call, Form, FormField
from gateway.sdk.aside import SMALL, aside
from gateway.sdk.incoming import Incoming, Unreadable, by_name
from gateway.sdk.request import JSON
from gateway.wire.attachments import new_marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One call, read."""

    body: object = field(repr=False)
    raw: Payload = field(repr=False)  #: what is kept of it
    coming: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Content-IDs of the files that are still to be stored, by what stands for each in the body."""

    stored: Mapping[str, Blob] = field(default_factory=dict[str, Blob], repr=False)
    """Files that are stored, by what stands for each in the body."""


async def hear(call: Call, incoming: Incoming, *, takes_files: bool) -> Said:
    """Read a call; raises Unreadable, and what reading its files raises."""
    raw, large = call.body, len(call.body.body) > SMALL
    if call.form is not None:
        return await _of_form(call.form, incoming, takes_files=takes_files)
    if call.files is None:
        return Said(body=await aside(lambda: incoming.read(raw.body, raw.media_type), large=large), raw=raw)
    body, coming = await aside(lambda: incoming.read_beside_files(raw.body, raw.media_type), large=large)
    return Said(body=body, raw=raw, coming=coming)


async def _of_form(form: Form, incoming: Incoming, *, takes_files: bool) -> Said:
    """Read a form in parts: a file is a table, with its bytes as the row ``base64`` of a mapping takes them."""
    if incoming.format not in {"form", "query"}:
        raise Unreadable(f"cần nội dung {incoming.format}, không phải multipart/form-data")
    stored: dict[str, Blob] = {}
    body: list[tuple[str, object]] = []
    raw: list[tuple[str, object]] = []
    for one in await form.read(texts=incoming.texts, files=takes_files and incoming.format == "form"):
        kept, stood = _values(one, stored)
        raw.append((one.name, kept))
        body.append((one.name, stood))
    whole = msgspec.json.encode(by_name(raw))
    return Said(body=incoming.of_form(body), raw=Payload(body=whole, media_type=JSON), stored=stored)


def _values(one: FormField, stored: dict[str, Blob]) -> tuple[object, object]:
    """Return what is kept of a field, and what stands for it in the document; a file is noted as stored."""
    if one.file is None:
        return one.text, one.text
    file, marker = one.file, new_marker()
    stored[marker] = file
    facts = {"name": file.name, "media_type": file.content_type, "size": file.size, "sha256": file.sha256}
    return facts, {**facts, "base64": marker}
