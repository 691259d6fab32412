"""Partners with true books: what each really did, by business key, whatever it answered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar

from gateway.core.delivery import Delivery
from gateway.core.doubt import Declared, Doubt
from gateway.core.ids import GATEWAY, DeliveryId, DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Draft
from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Finding,
    Outcome,
    Rejected,
    Retryable,
    Shadowed,
    Unknown,
)
from gateway.core.reason import Reason, Why
from gateway.exchange.gate import Gate
from gateway.ports.adapter import Health
from gateway.testing.simulation.faults import REHEARSALS, WEIGHTS, Fault, Rehearsal
from gateway.testing.simulation.loop import VirtualLoop

H = TypeVar("H", Fault, Rehearsal)

#: A partner commits at the latest so many seconds after a request arrived, whatever becomes of the connection.
LATEST_COMMIT = 100.0


class Notes(Protocol):
    """Who hears what partners see and do."""

    def called(self, partner: Partner, delivery: DeliveryId | None) -> None:
        """Hear of a call, about a delivery or to find out whether it answers."""
        ...

    def sending(self, partner: Partner, row: DeliveryId, token: str, fault: Fault) -> None:
        """Hear that a request arrives."""
        ...

    def asked(self, row: DeliveryId, token: str, fault: Fault) -> None:
        """Hear that a look-up arrives."""
        ...

    def rehearsed(self, row: DeliveryId, token: str, how: Rehearsal) -> None:
        """Hear that something is rehearsed, and not sent."""
        ...

    def effect(self, partner: Partner, row: DeliveryId, key: str) -> None:
        """Hear of a true effect."""
        ...

    def sent_again(self, partner: Partner, row: DeliveryId) -> None:
        """Hear that a partner which promises nothing is sent what it may have."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a partner answers with a fault: whether it commits first, and what its connection brings."""

    commits: bool = False
    outcome: Outcome | None = None  #: None: nothing comes
    raises: bool = False


def _again(why: Why, *, blame: Blame = Blame.SYSTEM, after: float | None = None) -> Retryable:
    return Retryable(reason=Reason(why), blame=blame, retry_after=timedelta(seconds=after) if after else None)


def _unsure(why: Why) -> Ambiguous:
    return Ambiguous(reason=Reason(why))


ANSWERS: Mapping[Fault, Answer] = {
    Fault.CONNECTION_REFUSED: Answer(outcome=_again(Why.CONNECTION_REFUSED)),
    Fault.TIMEOUT_BEFORE: Answer(),
    Fault.TIMEOUT_AFTER: Answer(commits=True),
    Fault.REPLY_DROPPED: Answer(commits=True, outcome=_unsure(Why.RESET)),
    Fault.HALF_BODY: Answer(commits=True, outcome=_unsure(Why.RESET)),
    Fault.GARBAGE: Answer(commits=True, outcome=_unsure(Why.REPLY_UNREADABLE)),
    Fault.PROXY_PAGE: Answer(outcome=_unsure(Why.REPLY_UNMATCHED)),
    Fault.SERVER_ERROR: Answer(commits=True, outcome=_unsure(Why.SERVER_ERROR)),
    Fault.ERROR_IN_200: Answer(outcome=_again(Why.RETRY_BY_PARTNER, blame=Blame.MESSAGE)),
    Fault.THROTTLED: Answer(outcome=_again(Why.THROTTLED, after=20)),
    Fault.UNAVAILABLE: Answer(outcome=_again(Why.THROTTLED, after=45)),
    Fault.UNAUTHORISED: Answer(outcome=_again(Why.CREDENTIALS)),
    Fault.CLIENT_ERROR: Answer(outcome=_again(Why.CLIENT_ERROR)),
    Fault.REFUSAL: Answer(outcome=Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))),
    Fault.BUG: Answer(commits=True, raises=True),
}


@dataclass(slots=True, kw_only=True)
class Partner:
    """One partner and its adapter. What it declares is true."""

    id: SystemId
    declared: Declared
    loop: VirtualLoop
    dice: random.Random
    notes: Notes
    chaos: float = 1.0  #: 0: it only answers
    down: Fault | None = None  #: how everything ends while it is down
    probed: bool = False  #: can be asked whether it is there
    gates: dict[int, Gate] = field(default_factory=dict[int, Gate])  #: what stands before it, by the gateway's place
    spoils: Callable[[Delivery], Fault | None] = lambda _delivery: None  #: how one of these ends, whenever it is sent
    troubles: Callable[[Delivery], Rehearsal | None] = lambda _delivery: None  #: the same of its rehearsals
    kills: Callable[[], None] = lambda: None  #: ends the process that rehearses
    replies: Callable[[Delivery], tuple[Draft, ...]] = lambda _delivery: ()
    on_effect: Callable[[Delivery], None] = lambda _delivery: None
    effects: Counter[str] = field(default_factory=Counter[str])  #: by business key
    by_delivery: Counter[DeliveryId] = field(default_factory=Counter[DeliveryId])
    last: dict[tuple[SystemId, DossierId], int] = field(default_factory=dict[tuple[SystemId, DossierId], int])
    calls: list[float] = field(default_factory=list[float])  #: when it was sent, asked or probed
    open_doubt: set[DeliveryId] = field(default_factory=set[DeliveryId])  #: at a HOLD partner: sent, no verdict given
    _known: dict[DeliveryId, float] = field(default_factory=dict[DeliveryId, float])  #: ids it recognises, since when

    def has(self, delivery: DeliveryId) -> bool:
        """Whether it truly has this."""
        return self.by_delivery[delivery] > 0

    def count_of(self, delivery: DeliveryId) -> int:
        """Return how often this took effect."""
        return self.by_delivery[delivery]

    # --- As an adapter

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        del deadline  # the wrapper's is the same
        self._called(delivery.id)
        fault = self._choose(delivery)
        assert delivery.lease is not None
        self.notes.sending(self, delivery.id, delivery.lease.token, fault)
        self._doubt(delivery)
        answer: asyncio.Future[Outcome] = self.loop.create_future()
        # The partner goes on whatever becomes of our process.
        self.loop.begin(None, self._serve(delivery, fault, answer))
        outcome = await answer
        if not isinstance(outcome, Ambiguous):
            self.open_doubt.discard(delivery.id)
        return outcome

    async def _serve(self, delivery: Delivery, fault: Fault, answer: asyncio.Future[Outcome]) -> None:
        await asyncio.sleep(self._think(fault))
        if fault in {Fault.ANSWERS, Fault.SLOW}:
            self.take(delivery)
            _give(answer, self._taken(delivery))
            return
        if fault is Fault.LATE_COMMIT:
            self.take(delivery)
            return
        how = ANSWERS[fault]
        if how.commits:
            self.take(delivery)
            await asyncio.sleep(self.dice.uniform(0.0, 0.3))
        if how.raises and not answer.done():
            answer.set_exception(RuntimeError("a bug of the adapter"))
        elif how.outcome is not None:
            _give(answer, how.outcome)

    def looks_up(self, kind: str) -> bool:
        del kind
        return Doubt.LOOKUP in {self.declared.doubt, self.declared.after_window}

    async def lookup(self, delivery: Delivery, *, deadline: float) -> Finding:
        del deadline
        self._called(delivery.id)
        fault = self.down or self._draw()
        assert delivery.lease is not None
        self.notes.asked(delivery.id, delivery.lease.token, fault)
        await asyncio.sleep(self._think(fault) if fault is Fault.SLOW else self.dice.uniform(0.01, 0.5))
        if fault in {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE_COMMIT}:
            await self.loop.create_future()
        if fault is Fault.BUG:
            raise RuntimeError("a bug of the adapter")
        how = ANSWERS.get(fault)
        if how is not None and how.outcome is not None and not isinstance(how.outcome, Delivered):
            return Unknown(reason=how.outcome.reason)
        return self._taken(delivery) if self.has(delivery.id) else Absent()

    async def rehearse(self, delivery: Delivery) -> Shadowed | Outcome:
        how = self.troubles(delivery) or self._throw(REHEARSALS, Rehearsal.SHOWN)
        assert delivery.lease is not None
        self.notes.rehearsed(delivery.id, delivery.lease.token, how)
        await asyncio.sleep(self.dice.uniform(2.0, 29.5) if how is Rehearsal.SLOW else self.dice.uniform(0.01, 0.5))
        match how:
            case Rehearsal.SHOWN | Rehearsal.SLOW:
                return Shadowed(rendered=delivery.message.payload)
            case Rehearsal.UNRENDERABLE:
                return Rejected(reason=Reason(Why.CANNOT_RENDER))
            case Rehearsal.FILE_AWAY:
                return _again(Why.FILE_MISSING, blame=Blame.MESSAGE)
            case Rehearsal.BUG:
                raise RuntimeError("a bug of the adapter")
            case Rehearsal.DEADLY:
                self.kills()
                await self.loop.create_future()
                raise AssertionError("whoever rehearses it is dead")

    async def probe(self, *, deadline: float) -> Health:
        del deadline
        self._called(None)
        await asyncio.sleep(self.dice.uniform(0.01, 0.5))
        return Health(reachable=self.down is None)

    def _called(self, delivery: DeliveryId | None) -> None:
        self.calls.append(self.loop.time())
        self.notes.called(self, delivery)

    # --- How it is

    def _choose(self, delivery: Delivery) -> Fault:
        if self.down is not None:
            return self.down
        return self.spoils(delivery) or self._draw()

    def _draw(self) -> Fault:
        return self._throw(WEIGHTS, Fault.ANSWERS)

    def _throw(self, weights: Mapping[H, float], well: H) -> H:
        """Let the dice say how it goes: so, or well, as it always does in calm."""
        if not self.chaos:
            return well
        point = self.dice.random()
        for how, weight in weights.items():
            point -= weight * self.chaos
            if point < 0:
                return how
        return well

    def _think(self, fault: Fault) -> float:
        if fault is Fault.LATE_COMMIT:
            return self.dice.uniform(5.0, LATEST_COMMIT)
        if fault is Fault.SLOW:
            return self.dice.uniform(2.0, 29.5)
        return self.dice.uniform(0.01, 0.5)

    def _doubt(self, delivery: Delivery) -> None:
        if self.declared.doubt is Doubt.HOLD:
            if delivery.id in self.open_doubt:
                self.notes.sent_again(self, delivery.id)
            self.open_doubt.add(delivery.id)

    def take(self, delivery: Delivery) -> None:
        """Make the effect, unless the id is recognised."""
        if self.declared.doubt is Doubt.RESEND and self._recognises(delivery.id):
            return
        key = business_key(delivery)
        self.effects[key] += 1
        self.by_delivery[delivery.id] += 1
        self.notes.effect(self, delivery.id, key)
        self.on_effect(delivery)

    def _recognises(self, delivery: DeliveryId) -> bool:
        now, window = self.loop.time(), self.declared.dedup_window
        since = self._known.get(delivery)
        is_over = since is not None and window is not None and now - since > window.total_seconds()
        if since is None or is_over:
            self._known[delivery] = now
            return False
        return True

    def _taken(self, delivery: Delivery) -> Delivered:
        code = delivery.message.codes[0].value
        codes = {str(self.id): f"{self.id}-{code}"} if delivery.kind == SUBMITTED else {}
        return Delivered(codes=codes, replies=self.replies(delivery))


def business_key(delivery: Delivery) -> str:
    """Return what the effect is about, whatever ids it travels under."""
    message = delivery.message
    if message.source == GATEWAY:
        return f"{message.kind} {message.id}"
    return message.payload.body.decode("utf-8", "replace")


def _give(answer: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answer.done():
        answer.set_result(outcome)
