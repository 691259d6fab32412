"""The first dossiers, written by the real store as the gateway works: the rows that ``grow`` repeats.

Each was sent to two systems, one of which took it, gave it a code of its own and stated a status, which the portal has
read; then the portal amended it, which is pending at the one system and unread by the other. One in a hundred was
refused, which stops its lane.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.load import dossier
from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.core.delivery import Attempt, Delivery, State, Transition
from gateway.core.ids import NodeId, SystemId
from gateway.core.message import Actor, ActorKind, Draft, Payload, Receipt
from gateway.core.planning import Planning
from gateway.core.reason import Reason, Why
from gateway.model.drafts import Stated, draft
from gateway.model.event import ReadEvent
from gateway.model.faults import decode_json
from gateway.model.reading import read_dossier, read_event
from gateway.ports.store import Settlement, Slots
from gateway.stores.sql.store import SqlStore

#: Where an id, a code or a dedup key says which copy it belongs to; nothing else looks like this.
MARK = "5eed5eed"
PROCEDURE = "1.300101"
REFUSED = 100  #: one in so many
PORTAL, PARTNER, READER = SystemId("portal"), SystemId("partner"), SystemId("reader")
_NODE = NodeId("seed")
_TOGETHER = 100  #: drafts of one transaction
_SENTENCES = 3  #: of the form: a dossier of about 700 bytes


@dataclass(slots=True)
class MarkedIds:
    """Ids that have ``MARK`` where another one has the time, so that a copy can have another there."""

    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - chooses no secret

    def new(self) -> str:
        """Return the next id."""
        return f"{MARK}-0000-7000-8000-{next(self._numbers):012x}"

    def token(self) -> str:
        """Return the next token."""
        return f"{MARK}{next(self._numbers):024x}"

    def jitter(self) -> float:
        """Return a random number."""
        return self._random.random()


def partner_code(code: str) -> str:
    """Return the code that the partner gives to the dossier with this one."""
    return f"BN.{code}"


def province_code(number: int) -> str:
    """Return the province's code of a dossier of the first copy."""
    return f"H52.12-{MARK}-{number:06d}"


async def seed(store: SqlStore, ids: MarkedIds, config: Path, count: int) -> None:
    """Fill a new store, which has its ids from ``ids``, with so many dossiers."""
    plan = Planning(book=route_book(load(config)), new_id=ids.new)
    await store.join(_NODE, config="bench")
    numbers = range(count)
    await _accept(store, plan, [_submitted(number) for number in numbers])
    await _deliver(store, plan)
    await _accept(store, plan, [_stated(number) for number in numbers if not _is_refused(number)])
    await store.acknowledge(PORTAL, (await store.read(PORTAL, "", limit=count)).next, plan=plan)
    await _accept(store, plan, [_submitted(number, amended=True) for number in numbers])


async def _accept(store: SqlStore, plan: Planning, drafts: Sequence[Draft]) -> None:
    for start in range(0, len(drafts), _TOGETHER):
        accepted = await store.accept(drafts[start : start + _TOGETHER], plan=plan)
        if not all(isinstance(result, Receipt) for result in accepted.results):
            raise RuntimeError(f"a draft was not accepted: {accepted.results[0]}")


async def _deliver(store: SqlStore, plan: Planning) -> None:
    """Let the partner take all but a few."""
    while claimed := await store.claim(slots(_NODE, _TOGETHER)):
        for delivery in claimed:
            await store.settle(_settlement(delivery), plan=plan)


def slots(node: NodeId, free: int) -> Slots:
    """Return so many free slots of the partner."""
    return Slots(node=node, config="bench", lease_for=timedelta(minutes=5), free={PARTNER: free})


def _settlement(delivery: Delivery) -> Settlement:
    code = delivery.codes["province"]
    refused = _is_refused(int(code[-6:]))
    reason = Reason(Why.REFUSED_BY_PARTNER, "7") if refused else None
    attempt = Attempt(
        delivery_id=delivery.id,
        message_id=delivery.message.id,
        step=delivery.step,
        outcome="rejected" if refused else "delivered",
        reason=reason,
        duration=timedelta(milliseconds=12),
        config="bench",
        request_digest="0" * 64,
        http_status=200,
        reply=Payload(body=b'{"error_code":"0","message":"ok"}', media_type="application/json"),
    )
    transition = Transition(
        to=State.DEAD if refused else State.DELIVERED,
        reason=reason,
        consumes=True,
        codes={} if refused else {"partner": partner_code(code)},
    )
    assert delivery.lease is not None  # noqa: S101 - it was claimed
    return Settlement(lease=delivery.lease, transition=transition, attempt=attempt)


def _is_refused(number: int) -> bool:
    return number % REFUSED == 0


def _submitted(number: int, *, amended: bool = False) -> Draft:
    body = json.loads(dossier(number, MARK, procedure=PROCEDURE, sentences=_SENTENCES))
    if not amended:
        return _draft(read_dossier(decode_json(json.dumps(body).encode())), PORTAL)
    body["dossier"]["summary"] = "Đổi giấy phép lái xe, sửa đổi"
    body["source_event_id"] += "-2"
    return _draft(read_dossier(decode_json(json.dumps(body).encode()), kind="dossier.amended"), PORTAL)


def _stated(number: int) -> Draft:
    event = {
        "kind": "status.changed",
        "source_event_id": f"{MARK}-{number}-s",
        "dossier": {"code": partner_code(province_code(number)), "scheme": "partner"},
        "data": {"status": 2},
    }
    return _draft(read_event(event), PARTNER)


def _draft(read: ReadEvent, source: SystemId) -> Draft:
    actor = Actor(kind=ActorKind.SYSTEM, name=source)
    return draft(
        read,
        Stated(source=source, operation="events.submit", actor=actor, dedup_key=read.event.source_event_id),
    )
