"""Where an event names its files, in the sender's own names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from gateway.core.files import fetched_id
from gateway.core.hot_value import hot_value
from gateway.core.ids import FileId
from gateway.core.message import Blob, PendingFile
from gateway.model.event import NewEvent, ReadEvent
from gateway.model.fault import Fault
from gateway.model.names import Vocabulary, key
from gateway.model.types import FileRef, Record

SHA256_OF_THE_FILE = "SHA-256 of the file that came"


@hot_value
class Origin:
    """How the sender wrote an event: what its faults are named by."""

    names: Vocabulary = Vocabulary.ENGLISH
    at: str = ""  #: path of the event in the body
    data_at: str | None = None  #: path of its data, where that is not the event's ``data``
    named: Callable[[str], str] = str  #: from such a path to the sender's own, where no vocabulary has it

    def of_data(self) -> str:
        """Return the path of the event's data."""
        return self.data_at if self.data_at is not None else _join(self.at, key(NewEvent, "data", self.names))


PLAIN = Origin()


def places_of(read: ReadEvent, file: FileId, origin: Origin) -> tuple[str, ...]:
    """Return the paths under which an event names this file."""
    return tuple(_field(at, "id", origin) for at, ref in _refs(read, origin) if ref.id == file)


def addresses_of(read: ReadEvent, url: str, origin: Origin) -> tuple[str, ...]:
    """Return the paths under which an event names a file to be fetched from this address."""
    return tuple(_field(at, "url", origin) for at, ref in _refs(read, origin) if ref.url == url and not ref.id)


def unlike(
    read: ReadEvent, blobs: Mapping[FileId, Blob], pending: Iterable[PendingFile], origin: Origin
) -> Iterator[Fault]:
    """Say wherever a SHA-256 is not that of its file, or another one than was given for the same address.

    Of what was withdrawn none is.
    """
    known = {file.file_id: file.sha256 for file in pending if file.sha256}
    known |= {file: blob.sha256 for file, blob in blobs.items()}
    for at, ref in _refs(read, origin) if known else ():
        if ref.sha256 and not ref.removed and known.get(_id_of(ref), ref.sha256) != ref.sha256:
            yield Fault(path=_field(at, "sha256", origin), code="differs", expected=SHA256_OF_THE_FILE)


def _id_of(ref: FileRef) -> FileId:
    return FileId(ref.id) if ref.id else fetched_id(ref.url or "")


def _refs(read: ReadEvent, origin: Origin) -> Iterator[tuple[str, FileRef]]:
    yield from _walk(read.event.files, _join(origin.at, key(NewEvent, "files", origin.names)), origin.names)
    yield from _walk(read.data, origin.of_data(), origin.names)


def _walk(value: object, at: str, names: Vocabulary) -> Iterator[tuple[str, FileRef]]:
    """Yield every file below ``at``, with its path."""
    if isinstance(value, FileRef):
        yield at, value
    elif isinstance(value, tuple):
        for position, item in enumerate(cast("tuple[object, ...]", value)):
            yield from _walk(item, f"{at}[{position}]", names)
    elif isinstance(value, Record):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name), _join(at, key(type(value), name, names)), names)


def _field(at: str, name: str, origin: Origin) -> str:
    return origin.named(_join(at, key(FileRef, name, origin.names)))


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
