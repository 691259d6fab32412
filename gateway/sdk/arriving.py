"""Files that a partner's own words bring along: stored as they came, or piece by piece from base64, and named by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs
from gateway.sdk.enclosed import keep, named
from gateway.sdk.incoming import Unreadable
from gateway.sdk.our_fields import BYTES
from gateway.sdk.words import as_text

Document = dict[str, object]
_FILES = "files"
_TYPE = "application/octet-stream"
_LONG = 64 * 1024  #: characters of a text that is taken for a file


@dataclass(slots=True)
class Arriving:
    """The files of one event."""

    blobs: Blobs = field(repr=False)
    came: Mapping[FileId, Blob] = field(default_factory=dict[FileId, Blob])  #: those that are stored already
    beside: dict[str, Blob | None] = field(default_factory=dict[str, "Blob | None"], repr=False)
    """Those that came beside the document, by what stands for each in it; None where an event has it already."""

    kept: dict[FileId, Blob] = field(default_factory=dict[FileId, Blob])

    async def settle(self, event: Document) -> None:
        """Store every file that has its bytes as ``base64`` in the event, and name it by its id there.

        Those that came ``beside`` it are taken in the same way. Those that ``came`` and are named by their id are kept
        under the name given there. Raises Unreadable for what is no base64, StoreFull, StoreUnavailable.
        """
        for place, file in _carried(event, ""):
            if isinstance(file.get(BYTES), str):
                await self._store(place, file)
            elif (known := self.came.get(FileId(str(file.get("id"))))) is not None:
                name = as_text(file.get("name")) or known.name
                self.kept[known.file_id] = replace(known, name=name)

    async def _store(self, place: str, file: Document) -> None:
        text, name = cast("str", file.pop(BYTES)), as_text(file.get("name")) or ""
        media_type = as_text(file.pop("media_type", ""))
        if text in self.beside:
            blob = replace(self._taken(text, place), name=name)
            blob = replace(blob, content_type=media_type) if media_type else blob
        else:
            try:
                blob = await keep(self.blobs, text, name=name, media_type=media_type or _TYPE)
            except ValueError:
                raise Unreadable(f"{place}.{BYTES} không phải base64") from None
        self.kept[blob.file_id] = blob
        file["id"] = blob.file_id

    def _taken(self, marker: str, place: str) -> Blob:
        """Return a file that came beside the document; it is one event's alone."""
        blob, self.beside[marker] = self.beside[marker], None
        if blob is None:
            raise Unreadable(f"{place}: tệp đính kèm này đã thuộc một mục khác")
        return named(blob)


def contents(event: Document) -> Iterator[str]:
    """Yield what stands in the event for the bytes of each file."""
    for _, file in _carried(event, ""):
        if isinstance(text := file.get(BYTES), str):
            yield text


def _carried(value: object, place: str) -> Iterator[tuple[str, Document]]:
    """Yield every file, however deep, and its place."""
    if isinstance(value, dict):
        for name, item in cast("Document", value).items():
            yield from _listed(item, f"{place}{name}") if name == _FILES else _carried(item, f"{place}{name}.")
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _carried(item, f"{place.removesuffix('.')}[{number}].")


def _listed(value: object, place: str) -> Iterator[tuple[str, Document]]:
    for number, file in enumerate(cast("list[object]", value) if isinstance(value, list) else ()):
        if isinstance(file, dict):
            yield f"{place}[{number}]", cast("Document", file)


def shortened(value: object) -> object:
    """Return what was said without its long texts: files are kept apart."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"({len(value)} ký tự)"
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in cast("Document", value).items()}
    return [shortened(item) for item in cast("list[object]", value)] if isinstance(value, list) else value
