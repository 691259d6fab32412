"""The adapter that a system's file describes; the dialect (REST or SOAP) writes requests and reads replies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.core.delivery import Delivery
from gateway.core.errors import StoreUnavailable
from gateway.core.existing import UPDATES, Existing, OnFirstExists, existing
from gateway.core.outcome import (
    Absent,
    Blame,
    Delivered,
    Finding,
    Outcome,
    Rejected,
    Retryable,
    Shadowed,
    Unknown,
)
from gateway.core.query import Answer as QueryAnswer
from gateway.core.query import Query
from gateway.core.reason import Reason, Why
from gateway.core.whatif import Outline
from gateway.ports.adapter import Call as PartnerCall
from gateway.ports.adapter import Guard, Health, QueryForm, Received
from gateway.sdk.again import Written, as_it_left, in_doubt_of
from gateway.sdk.dialect import Dialect
from gateway.sdk.documents import source_of
from gateway.sdk.files import Files, FilesUnfit, is_held
from gateway.sdk.inquiry import Inquirer
from gateway.sdk.mapping import LINK, CannotRender, Direction
from gateway.sdk.mapping_check import Use
from gateway.sdk.outline import fields_of
from gateway.sdk.partner import Answer, Partner, Question
from gateway.sdk.plan import Operation, Plan
from gateway.sdk.receive import Receiver
from gateway.sdk.request import rehearsed
from gateway.sdk.rules import Reply, Then
from gateway.sdk.soap_layers import CannotProve

Call = TypeVar("Call")
_SENT_AS = "sent_as"  #: the note that keeps as which kind a delivery is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Generic[Call]):
    """What the adapter is made of."""

    partner: Partner
    dialect: Dialect[Call]
    plan: Plan[Call]
    files: Files
    receiver: Receiver
    inquirer: Inquirer[Call]
    system: Mapping[str, str]  #: what mappings see of the system itself
    inline: int = 2  #: requests with files inside that may exist at once
    on_first_exists: OnFirstExists = OnFirstExists.LOOKUP_COMPARE


class ConfiguredAdapter(Generic[Call]):
    """Sends, looks up, rehearses, receives and asks as the system's file says."""

    def __init__(self, parts: Parts[Call]) -> None:
        self._parts = parts
        self._inline = asyncio.Semaphore(parts.inline)

    async def open(self) -> None:
        """Load the dialect's documents and be ready to connect; raises ConfigError."""
        await self._parts.dialect.open()
        await self._parts.partner.link.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._parts.partner.link.close()

    async def send(self, delivery: Delivery, *, deadline: float, kind: str = "") -> Outcome:
        """Make one attempt; a partner that says it had it already is asked whether that is so.

        ``kind`` names another kind whose operation is used, for adapters of several steps.
        """
        kind = kind or _kind_of(delivery)
        operation = self._parts.plan.of(kind)
        if operation is None:
            return Rejected(reason=Reason(Why.NO_OPERATION))
        until = self._parts.partner.link.until(deadline)
        answer = await self._ask(operation, delivery, until, kind)
        if isinstance(answer, Rejected | Retryable):
            return answer
        is_repeat = answer.verdict.then is Then.REPEATED and delivery.in_doubt_since is not None
        if answer.verdict.then is Then.DELIVERED or is_repeat:
            return _delivered(operation, answer)
        if answer.verdict.then in {Then.EXISTS, Then.REPEATED}:
            return await self._existing(operation, delivery, answer, until)
        return in_doubt_of(answer.verdict.outcome(answer.trace), kind, answer.outgoing)

    async def outline(self, delivery: Delivery, *, kind: str = "") -> Outline:
        """Return the one call that would send a delivery, as fields; ``kind`` as in ``send``."""
        operation = self._parts.plan.of(kind or delivery.kind)
        if operation is None:
            return Reason(Why.NO_OPERATION)
        async with self._room(operation, delivery):
            written = await self._written(operation, delivery)
            if isinstance(written, Rejected | Retryable):
                return written.reason
            return (await asyncio.to_thread(fields_of, written),)

    def uses(self) -> Sequence[Use]:
        """Return where the file uses which mapping table, and what the partner insists on there."""
        required = self._parts.dialect.required
        sends = [
            Use(where=where, mapping=one.mapping, direction=Direction.OUT, kind=kind, required=required(one))
            for kind, operation in self._parts.plan.operations.items()
            for where, one in ((kind, operation), (f"{kind} lookup", operation.lookup))
            if one is not None and one.mapping is not None
        ]
        backs = self._parts.receiver.paths.items()
        calls = [Use(where=f"receive {path}", mapping=back.mapping, direction=Direction.IN) for path, back in backs]
        return [*sends, *calls]

    async def probe(self, *, deadline: float) -> Health:
        """Return whether the system answers at all."""
        return await self._parts.partner.link.probe(deadline=deadline)

    def looks_up(self, kind: str) -> bool:
        """Whether the file declares a look-up for this kind."""
        operation = self._parts.plan.of(kind)
        return operation is not None and operation.lookup is not None

    async def lookup(self, delivery: Delivery, *, deadline: float, kind: str = "") -> Finding:
        """Ask whether it has arrived; ``kind`` as in ``send``."""
        operation = self._parts.plan.of(kind or _kind_of(delivery))
        if operation is None or operation.lookup is None:
            return Unknown(reason=Reason(Why.LOOKUP_MISSING))
        finding, shown = await self._looked(operation.lookup, delivery, self._parts.partner.link.until(deadline))
        if isinstance(finding, Delivered) and not self._is_ours(operation.lookup, delivery, shown):
            return Unknown(reason=Reason(Why.LOOKUP_UNCLEAR, "it shows another one"), trace=finding.trace)
        return finding

    async def rehearse(self, delivery: Delivery, *, kind: str = "") -> Shadowed | Outcome:
        """Render and validate without sending; ``kind`` as in ``send``."""
        operation = self._parts.plan.of(kind or delivery.kind)
        if operation is None:
            return Rejected(reason=Reason(Why.NO_OPERATION))
        async with self._room(operation, delivery):
            written = await self._written(operation, delivery)
            if isinstance(written, Rejected | Retryable):
                return written
            return rehearsed(written)

    def queries(self) -> Mapping[str, QueryForm]:
        """Return what the file says can be asked."""
        return self._parts.inquirer.forms()

    async def query(self, query: Query, *, deadline: float) -> QueryAnswer:
        """Ask once."""
        return await self._parts.inquirer.ask(query, deadline=deadline)

    def guard(self, path: str) -> Guard | None:
        """Return who may call a path."""
        return self._parts.receiver.guard(path)

    async def receive(self, call: PartnerCall) -> Received:
        """Return what a call-back states; raises what ``ports.adapter.Receives`` says."""
        return await self._parts.receiver.receive(call)

    async def _ask(
        self, operation: Operation[Call], delivery: Delivery, until: float, kind: str = ""
    ) -> Answer | Rejected | Retryable:
        """Ask one question; Rejected or Retryable where it could not even be written.

        ``kind`` is what a delivery is sent as; none for what may be asked in other words each time.
        """
        if not self._needs_room(operation, delivery):
            return await self._asked(operation, delivery, until, kind)
        try:
            async with asyncio.timeout_at(until):
                await self._inline.acquire()
        except TimeoutError:
            return Retryable(reason=Reason(Why.NOT_SENT, "no room for another request with files in it"))
        try:
            return await self._asked(operation, delivery, until, kind)
        finally:
            self._inline.release()

    async def _asked(
        self, operation: Operation[Call], delivery: Delivery, until: float, kind: str
    ) -> Answer | Rejected | Retryable:
        written = await self._written(operation, delivery)
        if kind:
            written = as_it_left(delivery, kind, written)
        if isinstance(written, Rejected | Retryable):
            return written
        question = Question(
            outgoing=written,
            judge=operation.judge,
            read=lambda result: self._parts.dialect.read(operation, result, written),
            fresh=self._parts.partner.link.is_fresh(delivery.kind),
            about=delivery.id,
        )
        return await self._parts.partner.ask(question, until=until)

    async def _written(self, operation: Operation[Call], delivery: Delivery) -> Written:
        try:
            files = await self._parts.files.of(delivery, operation.content)
            linked = self._parts.files.linked(delivery) if LINK in operation.content else ()
            source = source_of(delivery, files=files, system=self._parts.system, linked=linked)
            return await self._parts.dialect.write(operation, source)
        except CannotRender as error:
            return Rejected(reason=Reason(Why.CANNOT_RENDER, str(error)))
        except CannotProve as error:
            return Retryable(reason=Reason(Why.CREDENTIALS, str(error)))
        except FilesUnfit as error:
            if error.lost:
                return Retryable(reason=Reason(Why.FILE_MISSING, str(error)), blame=Blame.MESSAGE)
            return Rejected(reason=Reason(Why.CANNOT_RENDER, str(error)))
        except StoreUnavailable as error:
            return Retryable(reason=Reason(Why.FILE_MISSING, str(error)))

    def _room(self, operation: Operation[Call], delivery: Delivery) -> AbstractAsyncContextManager[None]:
        """Bound the memory that requests with files in them take."""
        return self._inline if self._needs_room(operation, delivery) else nullcontext()

    @staticmethod
    def _needs_room(operation: Operation[Call], delivery: Delivery) -> bool:
        return is_held(operation.content) and bool(delivery.message.blobs or delivery.dossier.blobs)

    async def _looked(self, lookup: Operation[Call], delivery: Delivery, until: float) -> tuple[Finding, Reply | None]:
        """Return what a look-up finds, and what the partner has shown."""
        answer = await self._ask(lookup, delivery, until)
        if isinstance(answer, Rejected | Retryable):
            return Unknown(reason=answer.reason), None
        if answer.verdict.then is Then.DELIVERED:
            return _delivered(lookup, answer), answer.reply
        if answer.verdict.then is Then.ABSENT:
            return Absent(trace=answer.trace), answer.reply
        return answer.verdict.unknown(answer.trace), answer.reply

    async def _existing(self, operation: Operation[Call], delivery: Delivery, answer: Answer, until: float) -> Outcome:
        """«Đã tồn tại» is a yes only where we may have sent it before, or where the partner shows that it is ours.

        Otherwise it is a no, never a doubt: a resend in doubt would hear the same words and take them for a yes.
        """
        reason, kind = answer.verdict.reason, _kind_of(delivery)
        in_doubt = delivery.in_doubt_since is not None
        match existing(kind, in_doubt=in_doubt, way=self._parts.on_first_exists):
            case Existing.DELIVERED:
                return _delivered(operation, answer)
            case Existing.COMPARE if operation.lookup is not None:
                return await self._compared(operation.lookup, delivery, answer, until)
            case Existing.UPDATE:
                # Kept before it is sent: a crash in between must not ask again as if nothing had been begun.
                return Retryable(reason=reason, notes={_SENT_AS: UPDATES[kind]}, trace=answer.trace)
            case Existing.COMPARE | Existing.HELD:
                return Rejected(reason=reason, holds=True, trace=answer.trace)
            case Existing.REFUSED:
                return Rejected(reason=reason, trace=answer.trace)

    async def _compared(self, lookup: Operation[Call], delivery: Delivery, answer: Answer, until: float) -> Outcome:
        """Deliver what the partner shows to be the same; without anything to compare a person decides."""
        reason = answer.verdict.reason
        if not lookup.same.pairs:
            return Rejected(reason=reason, holds=True, trace=answer.trace)
        finding, shown = await self._looked(lookup, delivery, until)
        if isinstance(finding, Unknown):
            wait = finding.retry_after
            return Retryable(reason=reason, blame=Blame.MESSAGE, retry_after=wait, trace=answer.trace)
        if isinstance(finding, Delivered) and self._is_ours(lookup, delivery, shown):
            return finding
        return Rejected(reason=reason, trace=answer.trace)

    def _is_ours(self, lookup: Operation[Call], delivery: Delivery, shown: Reply | None) -> bool:
        """Whether what a look-up shows agrees with ours, as far as its file says what must."""
        if not lookup.same.pairs:
            return True
        source = source_of(delivery, files=[], system=self._parts.system)
        return shown is not None and lookup.same.holds(shown, source)


def _kind_of(delivery: Delivery) -> str:
    """Return the kind that a delivery is sent as."""
    return delivery.notes.get(_SENT_AS, delivery.kind)


def _delivered(operation: Operation[Call], answer: Answer) -> Delivered:
    return Delivered(codes=operation.codes_in(answer.reply), facts=operation.facts_in(answer.reply), trace=answer.trace)
