"""What the gateway itself says: ``relay.*`` and the acceptance of a withdrawal, as drafts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from gateway.core import kinds
from gateway.core.delivery import State
from gateway.core.hot_value import hot_value
from gateway.core.ids import GATEWAY, DeliveryId, MessageId, SystemId
from gateway.core.message import Actor, ActorKind, Code, Draft, OpenDelivery, Payload
from gateway.core.reason import Reason, Why

_ACTOR = Actor(kind=ActorKind.GATEWAY, name=GATEWAY)
_OPERATION = "gateway"

#: What the source is told of a delivery that comes to this state.
FATES: Mapping[State, str] = MappingProxyType(
    {
        State.DELIVERED: kinds.RELAY_DELIVERED,
        State.DELAYED: kinds.RELAY_DELAYED,
        State.HELD: kinds.RELAY_HELD,
        State.DEAD: kinds.RELAY_REFUSED,
        State.CANCELLED: kinds.RELAY_CANCELLED,
    }
)

#: The system has said nothing: what there is in words is about our own connection, for operators.
_UNANSWERED = frozenset(
    {
        Why.DNS,
        Why.CONNECTION_REFUSED,
        Why.CONNECT_TIMEOUT,
        Why.TLS,
        Why.NOT_SENT,
        Why.TIMEOUT,
        Why.RESET,
        Why.ADAPTER_BUG,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The delivery that the news is about."""

    delivery_id: DeliveryId
    message_id: MessageId
    kind: str  #: of the message that was relayed
    system: SystemId  #: where it went
    tell: SystemId  #: who stated it and wants to know
    codes: tuple[Code, ...]
    test: bool = False


@hot_value
class Withdrawal:
    """The event by which a source withdraws, to be answered."""

    message_id: MessageId
    tell: SystemId  #: who withdraws
    codes: tuple[Code, ...]
    test: bool = False


def tell(
    kind: str,
    about: About,
    *,
    reason: Reason | None = None,
    partner_code: str = "",
    next_try: datetime | None = None,
) -> Draft:
    """Return the draft of a ``relay.*`` event to the source of what was relayed."""
    data: dict[str, object] = {
        "system": about.system,
        "delivery_id": about.delivery_id,
        "event_id": about.message_id,
        "event_kind": about.kind,
    }
    if reason is not None:
        data["reason"] = str(reason.code)
        if reason.code not in _UNANSWERED:
            data["words"] = reason.detail[:2000]
    if partner_code:
        data["partner_code"] = partner_code
    if next_try is not None:
        data["next_try"] = next_try.isoformat()
    return _draft(kind, about, data)


def cancelled(item: OpenDelivery, by: Draft | Withdrawal, why: Why) -> Draft:
    """Return what its source is told of a delivery that an event of the dossier has made needless."""
    about = About(
        delivery_id=item.id,
        message_id=item.message_id,
        kind=item.stated or item.kind,
        system=item.destination,
        tell=item.source,
        codes=by.codes,
        test=by.test,
    )
    return tell(kinds.RELAY_CANCELLED, about, reason=Reason(why))


def accept_withdrawal(withdrawal: Withdrawal) -> Draft:
    """Return the answer to a withdrawal that overtook everything it withdraws."""
    return _draft(kinds.WITHDRAWAL_ACCEPTED, withdrawal, {"reason": "never_sent"})


def _draft(kind: str, about: About | Withdrawal, data: dict[str, object]) -> Draft:
    dossier: dict[str, object] = {"references": [{"scheme": c.scheme, "code": c.value} for c in about.codes]}
    event: dict[str, object] = {"kind": kind, "dossier": dossier, "data": data}
    event["causes"] = about.message_id
    if about.test:
        event["test"] = True
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Draft(
        source=GATEWAY,
        operation=_OPERATION,
        actor=_ACTOR,
        kind=kind,
        codes=about.codes,
        payload=Payload(body=body, media_type="application/json"),
        digest=hashlib.sha256(body).hexdigest(),
        to=(about.tell,),
        causation_id=about.message_id,
        test=about.test,
    )
