"""Deliveries to hand to an adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from gateway.core.delivery import Delivery, State, Step
from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.message import Actor, ActorKind, Blob, Code, Message, Payload, Snapshot
from gateway.testing.clock import MONDAY_MORNING

CODE = "H52.11-260302-0001"
DOSSIER: Mapping[str, object] = {
    "code": CODE,
    "procedure": {"code": "1.100101", "name": "Đổi giấy phép lái xe"},
    "owner": {"name": {"whole": "Lò Văn Mẫu"}, "identities": [{"number": "014000000001"}], "birth_date": "1958"},
    "summary": "Đổi giấy phép lái xe hạng B",
    "submitted_at": "2026-03-02T08:00:00+07:00",
}


def a_message(
    kind: str = "dossier.submitted",
    *,
    data: Mapping[str, object] | None = None,
    text: str = "",
    blobs: tuple[Blob, ...] = (),
) -> Message:
    """Return the portal's statement about the sample dossier."""
    stated: dict[str, object] = {"kind": kind, "dossier": {"code": CODE}, "source_event_id": "e-1", "text": text}
    stated["data"] = data if data is not None else DOSSIER
    return Message(
        id=MessageId("m-1"),
        dossier_id=DossierId("d-1"),
        source=SystemId("portal"),
        kind=kind,
        payload=_json(stated),
        accepted_at=MONDAY_MORNING,
        revision=1,
        digest="0" * 64,
        codes=(Code("province", CODE),),
        source_event_id="e-1",
        blobs=blobs,
        actor=Actor(kind=ActorKind.SYSTEM, name="portal"),
    )


def a_delivery(message: Message | None = None, **changes: object) -> Delivery:
    """Return a first try to deliver it, with these fields changed."""
    message = message or a_message()
    delivery = Delivery(
        id=DeliveryId("0195-delivery-1"),
        message=message,
        kind=message.kind,
        destination=SystemId("driver_licence"),
        lane_seq=1,
        state=State.LEASED,
        step=Step.SEND,
        in_doubt_since=None,
        attempts=0,
        tries=0,
        reclaims=0,
        due_at=MONDAY_MORNING,
        expires_at=None,
        pinned=None,
        dossier=Snapshot(dossier_id=DossierId("d-1"), revision=1, document=_json(DOSSIER)),
        codes={"province": CODE},
    )
    return replace(delivery, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def _json(document: object) -> Payload:
    return Payload(body=json.dumps(document, ensure_ascii=False).encode(), media_type="application/json")
