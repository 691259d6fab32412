"""Where an event names its files, in the sender's own names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from gateway.core.hot_value import hot_value
from gateway.core.ids import FileId
from gateway.model.event import NewEvent, ReadEvent
from gateway.model.names import Vocabulary, key
from gateway.model.types import FileRef, Record


@hot_value
class Origin:
    """How the sender wrote an event: what its faults are named by."""

    names: Vocabulary = Vocabulary.ENGLISH
    at: str = ""  #: path of the event in the body
    data_at: str | None = None  #: path of its data, where that is not the event's ``data``

    def of_data(self) -> str:
        """Return the path of the event's data."""
        return self.data_at if self.data_at is not None else _join(self.at, key(NewEvent, "data", self.names))


PLAIN = Origin()


def places_of(read: ReadEvent, file: FileId, origin: Origin) -> tuple[str, ...]:
    """Return the paths under which an event names this file."""
    found = (
        *_walk(read.event.files, _join(origin.at, key(NewEvent, "files", origin.names)), origin.names),
        *_walk(read.data, origin.of_data(), origin.names),
    )
    return tuple(path for path, named in found if named == file)


def _walk(value: object, at: str, names: Vocabulary) -> Iterator[tuple[str, str | None]]:
    """Yield (path, id) of every file below ``at``."""
    if isinstance(value, FileRef):
        yield _join(at, key(FileRef, "id", names)), value.id
    elif isinstance(value, tuple):
        for position, item in enumerate(cast("tuple[object, ...]", value)):
            yield from _walk(item, f"{at}[{position}]", names)
    elif isinstance(value, Record):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name), _join(at, key(type(value), name, names)), names)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
