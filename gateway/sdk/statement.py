"""From a mapped document to a draft: where the sdk meets the canonical model's reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.config.settings import SystemConfig
from gateway.core.ids import FileId, SystemId
from gateway.core.message import Actor, ActorKind, Blob, Draft, Payload
from gateway.core.routing import Role
from gateway.model.drafts import Stated, draft, named_files
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import message
from gateway.model.kinds import Side, may_state
from gateway.model.places import PLAIN, unlike
from gateway.model.reading import read_event

_LANGUAGE = "vi"


class Unstatable(Exception):
    """What came in is no event that this system may state; the text names fields and never a value."""


@dataclass(frozen=True, slots=True)
class Stating:
    """One system, speaking through one of its paths."""

    config: SystemConfig
    operation: str
    raw: Payload
    blobs: Mapping[FileId, Blob] = field(default_factory=dict[FileId, Blob])  #: files that came with what it says

    def draft(self, document: dict[str, object]) -> Draft:
        """Return what a canonical event document states; raises Unstatable."""
        try:
            read = read_event(document)
        except Invalid as error:
            raise Unstatable(_said(error.faults)) from error
        side = Side.PORTAL if self.config.role is Role.PORTAL else Side.SYSTEM
        if not may_state(read.event.kind, side, system=self.config.id):
            raise Unstatable("kind: hệ thống này không được gửi loại sự kiện này")
        named = named_files(read)
        if not self.blobs.keys() >= set(named.ids):
            raise Unstatable("files: một lần gọi lại chỉ nêu tệp bằng url")
        if faults := tuple(unlike(read, self.blobs, named.pending, PLAIN)):
            raise Unstatable(_said(faults))
        return draft(read, self._stated(read.event.source_event_id))

    def _stated(self, key: str | None) -> Stated:
        return Stated(
            source=SystemId(self.config.id),
            operation=self.operation,
            actor=Actor(kind=ActorKind.SYSTEM, name=self.config.id),
            dedup_key=key,
            blobs=self.blobs,
            raw=self.raw,
        )


def _said(faults: Iterable[Fault]) -> str:
    return "; ".join(f"{fault.path}: {message(fault, _LANGUAGE)}" for fault in faults)
