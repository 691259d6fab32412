"""From the store's views to what a caller may see of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Raw

from gateway.core.acts import Act
from gateway.core.deadline import Reckoning, Term
from gateway.core.ids import SystemId
from gateway.core.message import Code, Message
from gateway.core.reason import Reason
from gateway.core.routing import RouteBook
from gateway.ingress.bodies import (
    ActBody,
    AttemptBody,
    AwaitedFileBody,
    CodeBody,
    DeadlineBody,
    DeliveryBody,
    DossierBody,
    ErasedBody,
    MessageBody,
    ReasonBody,
    RelatedBody,
    StatedBody,
    StatusBody,
    TimelineBody,
)
from gateway.model.envelope import status_in
from gateway.model.texts import text
from gateway.ports.store import AttemptView, AwaitedFile, DeliveryView, DossierView, RelatedView, StatusView, Timeline
from gateway.security.keys import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Who looks: a system sees its own traffic, the source of a dossier all of it, an operator everything."""

    caller: Caller
    book: RouteBook
    language: str
    reckoning: Reckoning
    now: datetime

    def sees_dossier(self, view: DossierView) -> bool:
        """Whether the caller, or one that it has succeeded, takes part in the dossier."""
        system = self.caller.system
        return self.caller.is_operator or (system is not None and self.book.is_heir(system, view.participants))

    def sees_all_of(self, view: DossierView) -> bool:
        """Whether others' traffic about this dossier is shown, too."""
        return self.caller.is_operator or self.caller.system == view.source

    def sees_delivery(self, view: DeliveryView) -> bool:
        """Whether the caller stated it or is to get it."""
        return self.caller.is_operator or self.caller.system in {view.source, view.destination}

    def dossier(self, view: DossierView) -> DossierBody:
        """Return a dossier; of statuses, those of the caller and of the dossier's source, or all."""
        everything = self.sees_all_of(view)
        mine = {self.caller.system, view.source}
        return DossierBody(
            id=view.id,
            source=view.source,
            revision=view.revision,
            created_at=view.created_at,
            codes=code_bodies(view.codes),
            procedure=view.procedure,
            agency=view.agency,
            participants=tuple(sorted(view.participants)) if everything else (),
            statuses=tuple(_status(item) for item in view.statuses if everything or item.system in mine),
            deadline=self.deadline(view.term),
            follows=_related(view.follows) if view.follows and everything else None,
            followers=tuple(_related(item) for item in view.followers if everything),
            files=tuple(self._awaited(item) for item in view.files if everything),
            erased=ErasedBody(at=view.erased.at, rule=view.erased.rule) if view.erased else None,
            dossier=Raw(view.document) if view.document is not None else None,
        )

    def deadline(self, term: Term) -> DeadlineBody | None:
        """Return how a due date stands; None where nobody has stated one."""
        found = self.reckoning.of(term, self.now)
        if found.due_at is None:
            return None
        return DeadlineBody(
            outlook=str(found.outlook),
            text=text(f"outlook.{found.outlook}", self.language),
            due_at=found.due_at,
            days_left=found.days_left,
            days_over=found.days_over,
            paused_at=found.paused_at,
        )

    def timeline(self, view: DossierView, found: Timeline) -> TimelineBody:
        """Return what happened to a dossier, as far as the caller may see it."""
        everything = self.sees_all_of(view)
        deliveries = [item for item in found.deliveries if everything or self.sees_delivery(item)]
        messages = _shown(found.messages, deliveries, None if everything else self.caller.system)
        ids = {item.id for item in deliveries}
        return TimelineBody(
            dossier=self.dossier(view),
            messages=tuple(_message(item) for item in messages),
            deliveries=tuple(self.delivery(item) for item in deliveries),
            attempts=tuple(self.attempt(item) for item in found.attempts if item.attempt.delivery_id in ids),
            acts=tuple(self.act(item) for item in found.acts) if self.caller.is_operator else (),
        )

    def delivery(self, view: DeliveryView, attempts: Sequence[AttemptView] = ()) -> DeliveryBody:
        """Return one delivery."""
        return DeliveryBody(
            id=view.id,
            message_id=view.message_id,
            dossier_id=view.dossier_id,
            kind=view.kind,
            source=view.source,
            destination=view.destination,
            lane_seq=view.lane_seq,
            state=str(view.state),
            in_doubt_since=view.in_doubt_since,
            attempts=view.attempts,
            tries=view.tries,
            reason=self.reason(view.reason),
            created_at=view.created_at,
            due_at=view.due_at,
            settled_at=view.settled_at,
            files_pending=len(view.files),
            files=tuple(self._awaited(item) for item in view.files),
            skips=view.skips,
            out_of_order=view.out_of_order,
            code=view.code,
            history=tuple(self.attempt(item) for item in attempts),
        )

    def attempt(self, view: AttemptView) -> AttemptBody:
        """Return one attempt, without what was sent or replied."""
        attempt = view.attempt
        return AttemptBody(
            number=view.number,
            delivery_id=attempt.delivery_id,
            at=view.at,
            step=str(attempt.step),
            outcome=attempt.outcome,
            duration_ms=round(attempt.duration.total_seconds() * 1000),
            reason=self.reason(attempt.reason),
            http_status=attempt.http_status,
            trace_id=attempt.trace_id,
            proof=dict(attempt.proof),
        )

    def act(self, act: Act) -> ActBody:
        """Return what a person did."""
        return ActBody(
            id=act.id,
            at=act.at,
            actor=act.by.actor.name,
            key_id=act.by.actor.key_id,
            verb=str(act.verb),
            text=text(f"act.{act.verb}", self.language),
            target_kind=str(act.target.kind),
            target=act.target.id,
            dossier_id=act.dossier_id or "",
            reason=act.by.reason,
            facts=dict(act.facts),
        )

    def _awaited(self, file: AwaitedFile) -> AwaitedFileBody:
        """Return a file that is still to be fetched, and why it could not be had last."""
        missed = file.missed
        return AwaitedFileBody(
            id=file.id,
            name=file.name,
            reason=self.reason(missed.reason) if missed else None,
            tried_at=missed.at if missed else None,
        )

    def reason(self, reason: Reason | None) -> ReasonBody | None:
        """Return a reason in the caller's language beside the partner's own words."""
        if reason is None:
            return None
        return ReasonBody(code=str(reason.code), text=text(f"reason.{reason.code}", self.language), words=reason.detail)


def _shown(messages: Iterable[Message], deliveries: Iterable[DeliveryView], only: SystemId | None) -> list[Message]:
    """Return the messages that a system stated or that are on their way to it; all where ``only`` is None."""
    sent = {item.message_id for item in deliveries}
    return [item for item in messages if only is None or item.source == only or item.id in sent]


def code_bodies(codes: Iterable[Code]) -> tuple[CodeBody, ...]:
    """Return codes as callers read them."""
    return tuple(CodeBody(scheme=code.scheme, code=code.value) for code in codes)


def _related(view: RelatedView) -> RelatedBody:
    return RelatedBody(
        step=view.step,
        id=view.dossier_id,
        codes=code_bodies(view.codes),
        procedure=view.procedure,
        message_id=view.message_id,
        statuses=tuple(map(_status, view.statuses)),
    )


def _status(view: StatusView) -> StatusBody:
    status = view.status
    return StatusBody(
        system=view.system,
        status=status.status,
        table=status.table,
        code=status.code,
        text=status.text,
        closing=status.closing,
        occurred_at=view.occurred_at,
        accepted_at=view.accepted_at,
        message_id=view.message_id,
    )


def _message(message: Message) -> MessageBody:
    return MessageBody(
        id=message.id,
        kind=message.kind,
        source=message.source,
        revision=message.revision,
        accepted_at=message.accepted_at,
        occurred_at=message.occurred_at,
        source_event_id=message.source_event_id,
        causation_id=message.causation_id,
        stated=_stated(message),
        anomalies=message.anomalies,
        test=message.test,
    )


def _stated(message: Message) -> StatedBody | None:
    said = status_in(message)
    if said is None:
        return None
    return StatedBody(status=said.status, table=said.table, code=said.code, text=said.text, closing=said.closing)
