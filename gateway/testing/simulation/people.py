"""The world outside: a portal that repeats until it has a receipt, ministries that call back, a reader, an operator."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count

from gateway.core.acts import By
from gateway.core.delivery import STOPS, Delivery, State
from gateway.core.errors import GatewayError, StoreError
from gateway.core.ids import OPERATORS, DeliveryId, SystemId
from gateway.core.judging import Decision
from gateway.core.kinds import AMENDED, STATUS_CHANGED, SUBMITTED, WITHDRAWAL_REQUESTED
from gateway.core.message import Actor, ActorKind, Code, Conflict, Draft, PendingFile, Receipt, SourceStatus
from gateway.core.reason import Why
from gateway.intake.results import InProgress, ItemAnswer
from gateway.ports.keys import KeyRole
from gateway.security.keys import Caller
from gateway.stores.rows import DeliveryRow
from gateway.testing.books import a_draft, a_result
from gateway.testing.simulation import scene
from gateway.testing.simulation.auditor import Broken
from gateway.testing.simulation.faults import Trouble
from gateway.testing.simulation.node import Node, Unreachable
from gateway.testing.simulation.partners import Partner
from gateway.testing.simulation.stage import Stage
from gateway.testing.simulation.store import PERSON

_SOMETIMES, _RARELY, _MOSTLY = 0.25, 0.05, 0.8  #: chances
_PATIENCE = 120.0  #: seconds a person waits before asking a partner what it has
_SUPPLEMENT = "supplement.submitted"
_RESUMES = 0.5  #: chance, at each look, that what is paused is resumed
_OPERATOR = By(actor=Actor(kind=ActorKind.OPERATOR, name="operator"), reason="asked the partner")


def caller_of(system: SystemId) -> Caller:
    """Return a system that has shown its key."""
    return Caller(actor=Actor(kind=ActorKind.SYSTEM, name=system), role=KeyRole.SYSTEM, system=system)


async def say(stage: Stage, draft: Draft) -> ItemAnswer:
    """Say it again and again until it is answered for good; a receipt is noted as a promise."""
    while True:
        try:
            (answer,) = await stage.call(lambda node: node.intake.accept_drafts((draft,), caller_of(draft.source)))
        except (Unreachable, TimeoutError, StoreError):
            answer = InProgress()
        if isinstance(answer, Receipt):
            stage.auditor.receipt(draft.source, draft.dedup_key or "", answer)
        if not isinstance(answer, InProgress):
            return answer
        await asyncio.sleep(stage.dice.uniform(0.5, 15.0))


@dataclass(slots=True)
class PortalPeople:
    """Citizens at the portal: each dossier is submitted, then changed, supplemented, perhaps withdrawn."""

    stage: Stage
    number: int = 0

    def submit(self) -> None:
        """Begin one more dossier."""
        self.number += 1
        self.stage.spawn(self._dossier(f"H01-{self.number}", self.stage.dice.choice(tuple(scene.PROCEDURES))))

    async def _dossier(self, code: str, procedure: str) -> None:
        dice = self.stage.dice
        lost = (scene.GONE,) if dice.random() < _RARELY else ()
        first = await self._say(code, "0", SUBMITTED, procedure, pending=lost)
        if not isinstance(first, Receipt):
            self.stage.auditor.breaks(Broken.UNRULY, f"the portal may not submit {code}: {first}")
        for number in count() if lost else ():  # who is told that a system is off says it once more later
            await asyncio.sleep(dice.uniform(0.0, 60.0))
            answer = await self._say(code, f"right {number}", AMENDED, procedure)
            if not isinstance(answer, Receipt) or all(it.code is not Why.SYSTEM_OFF for it in answer.warnings):
                break
        for event in range(1, dice.randint(2, 4)):
            kind = dice.choices((AMENDED, _SUPPLEMENT, WITHDRAWAL_REQUESTED), (5, 4, 1))[0]
            if dice.random() < _SOMETIMES:
                self.stage.spawn(self._one(code, str(event), kind, procedure))
            else:
                await self._say(code, str(event), kind, procedure)
            await asyncio.sleep(dice.choice((0.0, 1.0, dice.uniform(1.0, 60.0))))

    async def _one(self, code: str, event: str, kind: str, procedure: str) -> None:
        await self._say(code, event, kind, procedure)

    async def _say(
        self, code: str, event: str, kind: str, procedure: str, *, pending: tuple[PendingFile, ...] = ()
    ) -> ItemAnswer:
        dice = self.stage.dice
        draft = a_draft(
            code, text=f"{code}.{event}", kind=kind, dedup_key=f"{code}.{event}", procedure=procedure, agency=""
        )
        draft = replace(draft, pending=pending)
        answer = await say(self.stage, draft)
        if dice.random() < _SOMETIMES:
            self.stage.auditor.trouble(Trouble.SAID_TWICE)
            await say(self.stage, draft)
        if dice.random() < _RARELY:
            other = a_draft(code, text=f"{code}.{event}!", kind=kind, dedup_key=draft.dedup_key, procedure=procedure)
            if isinstance(answer, Receipt) and not isinstance(await say(self.stage, other), Conflict):
                self.stage.auditor.breaks(Broken.UNRULY, f"{draft.dedup_key} was accepted with other content")
        return answer


@dataclass(slots=True)
class Ministry:
    """Calls back about what it has taken: sometimes twice, out of order, or under its own code."""

    stage: Stage
    system: SystemId
    number: int = 0

    def heard(self, delivery: Delivery) -> None:
        """Take note of an effect."""
        if delivery.kind == SUBMITTED:
            self.stage.spawn(self._follow(delivery.message.codes[0], is_chained=delivery.route == scene.CHAINED))

    def in_reply(self, delivery: Delivery) -> tuple[Draft, ...]:
        """Return what it states in its answer itself: the same, however often it is asked."""
        code = delivery.message.codes[0]
        if delivery.kind != SUBMITTED or sum(code.value.encode()) % 3:
            return ()
        return (self._status(code, f"{self.system}.{code.value}.reply", 2),)

    async def _follow(self, code: Code, *, is_chained: bool) -> None:
        dice = self.stage.dice
        said: list[Draft] = []
        for number in range(3, 3 + dice.randint(0, 2)):
            self.number += 1
            named = Code(self.system, f"{self.system}-{code.value}") if dice.random() < _SOMETIMES else code
            said.append(self._status(named, f"{self.system}.{code.value}.{self.number}", number))
        if len(said) > 1 and dice.random() < _SOMETIMES:
            said.reverse()
            self.stage.auditor.trouble(Trouble.SAID_OUT_OF_ORDER)
        if is_chained:
            said.append(self._result(code))
        for draft in said:
            await asyncio.sleep(dice.uniform(0.0, 60.0))
            await say(self.stage, draft)
            if dice.random() < _SOMETIMES:
                self.stage.auditor.trouble(Trouble.SAID_TWICE)
                await say(self.stage, draft)

    def _result(self, code: Code) -> Draft:
        """Return what it issues: another dossier begins by it."""
        self.number += 1
        key = f"{self.system}.{code.value}.{self.number}"
        data = {"id": key, "name": "result"}
        return a_result(code.value, data=data, source=self.system, operation="callback", dedup_key=key)

    def _status(self, code: Code, key: str, number: int) -> Draft:
        return a_draft(
            code.value,
            text=key,
            codes=(code,),
            source=self.system,
            operation="callback",
            actor=Actor(kind=ActorKind.SYSTEM, name=self.system),
            kind=STATUS_CHANGED,
            document=None,
            document_digest="",
            procedure="",
            agency="",
            status=SourceStatus(status=number),
            dedup_key=key,
        )


async def read_feed(stage: Stage, partner: Partner) -> None:
    """Read and acknowledge for ever, as a reader does that recognises ids: a page may be cut off, or shown again."""
    while True:
        await asyncio.sleep(stage.dice.uniform(2.0, 30.0))
        with suppress(Unreachable, TimeoutError, StoreError):
            await _read_page(stage, partner)


async def _read_page(stage: Stage, partner: Partner) -> None:
    dice = stage.dice
    page = await stage.call(lambda node: node.around.store.read(partner.id, "", limit=dice.randint(1, 5)))
    taken = page.items[: dice.randint(0, len(page.items))] if partner.chaos else page.items
    for item in taken:
        partner.take(item.delivery)
    if taken and (not partner.chaos or dice.random() < _MOSTLY):
        cursor = taken[-1].cursor
        await stage.call(lambda node: node.around.store.acknowledge(partner.id, cursor, plan=node.plan))


@dataclass(slots=True)
class Operator:
    """Looks at what has stopped, asks the partner what it truly has, and decides."""

    stage: Stage
    partners: dict[SystemId, Partner]
    seen: dict[DeliveryId, float] = field(default_factory=dict[DeliveryId, float])
    retried: Counter[DeliveryId] = field(default_factory=Counter[DeliveryId])

    async def work(self) -> None:
        """Decide about one thing after the other, for ever."""
        while True:
            await asyncio.sleep(self.stage.dice.uniform(5.0, 15.0))
            for row in self._ripe():
                await self._decide(row)
            if self.stage.dice.random() < _RESUMES:
                with suppress(Unreachable, TimeoutError, GatewayError):
                    await self.stage.call(self._resume)

    async def pause(self, system: SystemId) -> None:
        """Let nobody call a system for a while."""
        with suppress(Unreachable, TimeoutError, GatewayError):
            await self.stage.call(lambda node: node.around.store.pause(system, by=_OPERATOR))

    def _ripe(self) -> list[DeliveryRow]:
        now = self.stage.now()
        stopped = [row for row in self.stage.auditor.rows.values() if _is_stopped(row)]
        self.seen = {row.id: self.seen.get(row.id, now) for row in stopped}
        return [row for row in stopped if now - self.seen[row.id] > _PATIENCE]

    async def _resume(self, node: Node) -> None:
        """Resume what the gateway or a person has paused, where the partner's own people say that it works."""
        for system, partner in self.partners.items():
            gate = node.relay.weather.gate(system)
            if gate is not None and gate.pause is not None and partner.down is None:
                self.stage.auditor.trouble(Trouble.PERSON_DECIDES)
                await node.around.store.resume(system, by=_OPERATOR)

    async def _decide(self, row: DeliveryRow) -> None:
        decision = self._decision(row)
        self.stage.auditor.trouble(Trouble.PERSON_DECIDES)
        if decision in {Decision.RETRY, Decision.ABSENT}:
            self.stage.auditor.again.add(row.id)

        async def act(node: Node) -> None:
            PERSON.set(True)
            await node.around.store.decide(row.id, decision, by=_OPERATOR, plan=node.plan)

        with suppress(Unreachable, TimeoutError, GatewayError):
            await self.stage.call(act)

    def _decision(self, row: DeliveryRow) -> Decision:
        dice = self.stage.dice
        if row.in_doubt_since is not None:
            if self.partners[row.destination].has(row.id):
                return Decision.DELIVERED
            return Decision.ABSENT if dice.random() < _MOSTLY else Decision.CANCELLED
        if row.reason is not None and row.reason.code is Why.NEVER_GIVEN:
            return Decision.SKIP
        self.retried[row.id] += 1
        return Decision.RETRY if self.retried[row.id] == 1 else Decision.SKIP


def _is_stopped(row: DeliveryRow) -> bool:
    return row.state in STOPS and row.destination != OPERATORS


def is_settled(row: DeliveryRow) -> bool:
    """Whether nobody has anything to do with it any more."""
    return row.state in {State.DELIVERED, State.CANCELLED} or row.destination == OPERATORS
