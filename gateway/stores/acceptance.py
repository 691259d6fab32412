"""Accepting a draft: gather what is known, ask the plan, write what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec.structs import replace as changed

from gateway.core import deadline, kinds, news
from gateway.core.asking import GOES_ON
from gateway.core.delivery import FINAL, Delivery, State
from gateway.core.ids import DeliveryId, DossierId, MessageId
from gateway.core.kinds import AMENDED, REFERENCE_ASSIGNED, SUBMITTED
from gateway.core.legs import for_operators
from gateway.core.message import (
    Code,
    Conflict,
    Draft,
    Duplicate,
    Exists,
    ItemResult,
    Leg,
    Plan,
    Receipt,
    Refused,
    Stale,
    Submission,
)
from gateway.core.planning import Planner
from gateway.core.reason import Reason, Why
from gateway.ports.store import Accepted, Bookmark, BookmarkMoved, Slots
from gateway.stores import endings, evidence, lanes, loading, opening, retention, statuses
from gateway.stores.chain_tables import ChainRow
from gateway.stores.known import by_proof, find, known
from gateway.stores.leasing import FreeSlots
from gateway.stores.rows import DeliveryRow, DossierRow, Stored
from gateway.stores.tables import Transaction

_NO_WORDS = frozenset({SUBMITTED, REFERENCE_ASSIGNED})  #: a code, or somebody else's dossier, is no answer
#: For what its dossier does not take a message is parked on: for no code that anybody can state, but until it is old.
_NOBODYS = Code("", "")


def accept(
    tx: Transaction,
    drafts: Sequence[Draft],
    plan: Planner,
    bookmark: Bookmark | None,
    slots: Slots | None,
) -> Accepted:
    """Accept each draft on its own, in order, and move the bookmark with them."""
    if bookmark is not None:
        _move(tx, bookmark)
    acceptance = Acceptance(tx, plan, FreeSlots(tx, slots))
    results = tuple(acceptance.accept(draft) for draft in drafts)
    return Accepted(results=results, leased=tuple(acceptance.leased))


def _move(tx: Transaction, bookmark: Bookmark) -> None:
    if tx.registers.bookmark(bookmark.system, bookmark.stream) != bookmark.previous:
        raise BookmarkMoved(f"{bookmark.system}: the bookmark of {bookmark.stream!r} moved meanwhile")
    tx.registers.move(bookmark)


class _NotBegun(Exception):
    """What should follow from an event was not accepted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason.code))
        self.reason = reason


class Acceptance:
    """The acceptance of drafts inside one transaction."""

    def __init__(self, tx: Transaction, plan: Planner, free: FreeSlots | None = None) -> None:
        self._tx = tx
        self._plan = plan
        self._free = free or FreeSlots(tx, None)
        self.leased: list[Delivery] = []

    def accept(self, draft: Draft, *, home: DossierId | None = None) -> ItemResult:
        """Accept one draft; ``home`` is the dossier it is about where its codes lead nowhere."""
        found = find(self._tx, draft, home)
        planned = self._plan(draft, known(self._tx, draft, found))
        match planned:
            case Plan():
                kept = self._kept_before(draft, planned)
                if kept is not None:
                    return self._again(kept)
                if found.dossier is not None and self._match_all(self._bind(found.dossier.id, _codes(planned))):
                    return self.accept(replace(draft, if_match=None), home=home)  # weighed after what was said earlier
                return self._write(planned, found.dossier)
            case Duplicate():
                self._use_key(draft, planned.first)
                self._use_proof(draft, planned.first)
                return self._again(planned.first)
            case _:
                return planned

    def _kept_before(self, draft: Draft, plan: Plan) -> MessageId | None:
        """Return the message that was kept before under the key that a plan gives what it keeps of a draft."""
        own = plan.submissions[0].draft
        if own.dedup_key is None or own.dedup_key == draft.dedup_key:
            return None
        seen = self._tx.messages.keyed(own)
        return seen.message_id if seen else None

    def _again(self, message: MessageId) -> Receipt:
        """Return the first receipt of a message, erased or not."""
        first = self._tx.messages.get(message)
        if first is None:
            return retention.receipt(self._tx, message)
        return loading.receipt(self._tx, first)

    def hold(self, draft: Draft, reason: Reason, *, home: DossierId) -> None:
        """Keep what cannot be accepted as a message held for operators."""
        dossier = self._tx.dossiers.get(home)
        planned = Submission(id=lanes.new_message(self._tx), draft=draft, legs=(for_operators(self._tx.now, reason),))
        self._add(planned, home, dossier.revision if dossier else 0)

    def _use_key(self, draft: Draft, message: MessageId) -> None:
        """Keep what a key was used for, though it said nothing new: other content under it is refused from now on."""
        if draft.dedup_key is not None and self._tx.messages.keyed(draft) is None:
            self._tx.messages.remember(draft, message)

    def _use_proof(self, draft: Draft, message: MessageId) -> None:
        """Keep what a proof was used for: shown again, it states this message and no other."""
        if draft.proof is not None and self._tx.messages.keyed(by_proof(draft)) is None:
            self._tx.messages.remember(by_proof(draft), message)

    def _write(self, plan: Plan, dossier: DossierRow | None) -> Receipt:
        """Write a plan: the draft's own message first, then what follows from it."""
        tx = self._tx
        own = plan.submissions[0]
        draft = own.draft
        home, revision = self._home(plan, dossier)
        new = self._bind(home, draft.codes) if dossier is None and not plan.parked else ()
        stored, rows = self._add(own, home, revision, warnings=plan.warnings, parked=plan.parked)
        if draft.dedup_key is not None:
            tx.messages.remember(draft, own.id)
        self._use_proof(draft, own.id)
        if plan.parked:
            tx.messages.park(own.id, draft.codes)
        else:
            self._take_effect(plan, stored, rows, dossier)
            self._match_all(new)
        return Receipt(
            message_id=own.id,
            dossier_id=home,
            revision=revision,
            accepted_at=tx.now,
            deliveries=tuple(row.id for row in rows),
            duplicate=False,
            matched=not plan.parked,
            files_pending=bool(draft.pending) and self._is_awaited(own.id),
            warnings=plan.warnings,
            anomalies=own.anomalies,
        )

    def _is_awaited(self, message: MessageId) -> bool:
        kept = self._tx.messages.get(message)
        return kept is not None and bool(kept.draft.pending)

    def _home(self, plan: Plan, dossier: DossierRow | None) -> tuple[DossierId, int]:
        """Return the dossier and revision under which a message is kept; begin or revise the dossier."""
        tx = self._tx
        own = plan.submissions[0]
        draft = own.draft
        if dossier is None:
            if plan.new_dossier is None:
                raise ValueError("a plan for an unknown dossier must begin one")
            tx.dossiers.begin(plan.new_dossier)
            if plan.parked:
                return plan.new_dossier, 0
            dossier = DossierRow(id=plan.new_dossier, source=draft.source, created_at=tx.now, test=draft.test)
        elif dossier.erased is not None:
            tx.retention.resume(dossier.id)
            return dossier.id, dossier.revision
        revised = _revised(dossier, own) if plan.revises or not dossier.procedure else dossier
        if draft.status is None or plan.states:  # a late status says how the due date stood, not how it stands
            revised = _timed(revised, draft, tx.now)
        if plan.revises:
            revised = changed(
                revised,
                revision=dossier.revision + 1,
                digest=draft.document_digest or draft.digest,
                stated_by=own.id,
                test=dossier.test or (draft.test and not dossier.revision),
            )
            tx.dossiers.revise(dossier.id, revised.revision, own.id)
        if revised != dossier or plan.new_dossier is not None:
            tx.dossiers.save(revised)
        return dossier.id, revised.revision

    def _add(
        self,
        own: Submission,
        home: DossierId,
        revision: int,
        *,
        warnings: tuple[Reason, ...] = (),
        parked: bool = False,
    ) -> tuple[Stored, list[DeliveryRow]]:
        """Keep one submission as a message with its deliveries."""
        tx = self._tx
        stored = Stored(
            id=own.id,
            dossier_id=home,
            draft=own.draft,
            accepted_at=tx.now,
            revision=revision,
            route_version=own.route_version,
            anomalies=own.anomalies,
            warnings=warnings,
        )
        tx.messages.add(stored)
        rows = self.send(stored, own)
        evidence.accepted(tx, own, stored, rows, parked=parked)
        return stored, rows

    def send(self, stored: Stored, own: Submission) -> list[DeliveryRow]:
        """Append a message's legs to their lanes."""
        rows = [self._append(stored, leg) for leg in own.legs]
        self.leased.extend(loading.delivery(self._tx, row, stored) for row in rows if row.state is State.LEASED)
        return rows

    def _append(self, stored: Stored, leg: Leg) -> DeliveryRow:
        """Append one leg to its lane; before one that opens the dossier at its system stands nothing."""
        row = lanes.append(self._tx, stored, leg, self._free.take)
        if stored.draft.kind != AMENDED:
            return row
        if leg.opens:
            opening.open_with(self._tx, row)
        opening.let_go(self._tx, row)
        return self._tx.deliveries.get(row.id) or row  # it may have another place now

    def _take_effect(self, plan: Plan, stored: Stored, rows: Sequence[DeliveryRow], dossier: DossierRow | None) -> None:
        """Do what a message means to its dossier, to the source of what is held, and to other dossiers."""
        tx, draft = self._tx, stored.draft
        if dossier is not None and draft.kind in GOES_ON:
            endings.take_up(tx, dossier.id)
        if draft.kind not in _NO_WORDS:
            tx.attention.heard(draft.source, stored.dossier_id)  # who has spoken, be it late, owes no word
        if plan.states:
            statuses.state(tx, stored)
        self.tell_held(rows)
        if plan.revises and dossier is not None and dossier.stated_by is not None:
            lanes.forgo_files(tx, dossier.stated_by)
        if draft.pending and not rows:
            lanes.forgo_files(tx, stored.id)
        self._follow(plan, stored)
        self._chain(plan, stored)

    def tell_held(self, rows: Iterable[DeliveryRow]) -> None:
        """Tell the sources of what is held without an attempt: none will."""
        for row in rows:
            if row.state is State.HELD and row.tells:
                stored = loading.message(self._tx, row)
                told = news.tell(kinds.RELAY_HELD, loading.about(row, stored), reason=row.reason)
                self.accept(told, home=stored.dossier_id)

    def _follow(self, plan: Plan, stored: Stored) -> None:
        """Cancel what was overtaken, and accept what the gateway itself says."""
        for delivery in plan.cancel:
            row = self._tx.deliveries.get(delivery)
            if row is not None:  # nobody has seen what a feed has numbered meanwhile
                lanes.cancel(self._tx, row, Reason(Why.WITHDRAWN))
        for delivery in plan.supersede:
            self.supersede(delivery)
        for other in plan.submissions[1:]:
            self._add(other, stored.dossier_id, stored.revision)

    def supersede(self, delivery: DeliveryId) -> None:
        """Let what was stated whole behind a submission without its files take its place."""
        row = self._tx.deliveries.get(delivery)
        if row is not None and row.state is State.WAITING:
            opening.give_up(self._tx, row)
            lanes.cancel(self._tx, self._tx.deliveries.get(delivery) or row, Reason(Why.SUPERSEDED))

    def _chain(self, plan: Plan, stored: Stored) -> None:
        """Begin or change the dossiers that follow from this one, each on its own."""
        for draft in plan.chained:
            leased = len(self.leased)
            try:
                with self._tx.nested():
                    self._step(draft, stored)
            except Exception as error:  # noqa: BLE001 - no follower undoes another, nor what was said
                del self.leased[leased:]
                reason = error.reason if isinstance(error, _NotBegun) else Reason(Why.UNREADABLE)
                about = None if draft.step else find(self._tx, draft, None).dossier
                self.hold(draft, reason, home=about.id if about else stored.dossier_id)

    def _step(self, draft: Draft, stored: Stored) -> None:
        """Accept what is said of a follower, and keep which result began it."""
        answer = self.accept(draft)
        if not isinstance(answer, Receipt):
            raise _NotBegun(answer.reason if isinstance(answer, Refused) else Reason(Why.CODES_CONFLICT))
        if draft.step:
            row = ChainRow(
                parent=stored.dossier_id,
                step=draft.step,
                dossier=answer.dossier_id,
                begun_by=stored.draft.source,
                message=stored.id,
            )
            self._tx.chains.begin(row)

    def bind(self, dossier: DossierId, codes: Sequence[Code]) -> None:
        """Bind codes, and match what was parked for those that are new."""
        self._match_all(self._bind(dossier, codes))

    def _bind(self, dossier: DossierId, codes: Sequence[Code]) -> list[Code]:
        """Bind codes and return those that are new."""
        return [code for code in codes if self._tx.dossiers.bind(dossier, code)]

    def _match_all(self, new: Sequence[Code]) -> bool:
        """Match what was parked for codes that are bound now; say whether anything was."""
        parked = self._tx.messages.parked(new) if new else ()
        for message in parked:
            stored = self._tx.messages.get(message)
            if stored is not None and self._tx.messages.is_parked(message):
                self._try(stored)
        return bool(parked)

    def _try(self, stored: Stored) -> None:
        """Match one; what fails over it stays with the operators, and fails nothing of what bound its code."""
        leased = len(self.leased)
        try:
            with self._tx.nested():
                self._match(stored)
        except Exception:  # noqa: BLE001 - nobody who binds a code answers for what another has said about it
            del self.leased[leased:]
            self._keep_held(stored, Refused(Reason(Why.UNREADABLE)))

    def _match(self, stored: Stored) -> None:
        """Plan a parked message again, now that its dossier is known, unless a person has ended it meanwhile."""
        tx = self._tx
        if all(row.state in FINAL for row in tx.deliveries.of_message(stored.id)):
            self._lay_by(stored)
            return
        found = find(tx, stored.draft, None)
        before = replace(
            known(tx, stored.draft, found),
            by_proof=None,
            by_key=None,
            accepted_at=stored.accepted_at,
            message_id=stored.id,
            restated=self._is_restated(stored, found.dossier),
        )
        planned = self._plan(stored.draft, before)
        if isinstance(planned, Plan) and not planned.parked and found.dossier is not None:
            if new := self._bind(found.dossier.id, _codes(planned)):
                self._match_all(new)  # it waits under these as well: its turn comes, in the order accepted
                return
            tx.messages.unpark(stored.id)
            held = self._held(stored)
            self._rehome(stored, planned, found.dossier)
            self._release(held)  # only now: its files are fetched while something of it is still to be sent
            return
        self._lay_by(stored)
        if isinstance(planned, Duplicate):
            self._release(self._held(stored))
        else:
            self._keep_held(stored, planned)

    def _is_restated(self, stored: Stored, dossier: DossierRow | None) -> bool:
        """Whether a dossier was stated after this, by the store's clock: ids are made by each node's own."""
        last = self._tx.messages.get(dossier.stated_by) if dossier and dossier.stated_by else None
        return last is not None and (stored.accepted_at, stored.id) < (last.accepted_at, last.id)

    def _lay_by(self, stored: Stored) -> None:
        """Let a parked message wait for no code any more, but until it is old."""
        self._tx.messages.unpark(stored.id)
        self._tx.messages.park(stored.id, (_NOBODYS,))

    def _held(self, stored: Stored) -> list[DeliveryRow]:
        """Return what the operators have of a parked message."""
        return [row for row in self._tx.deliveries.of_message(stored.id) if row.state is State.HELD]

    def _release(self, rows: Iterable[DeliveryRow]) -> None:
        for row in rows:
            lanes.cancel(self._tx, row, Reason(Why.MATCHED))

    def _rehome(self, stored: Stored, plan: Plan, dossier: DossierRow) -> None:
        """Give a parked message its dossier and its legs."""
        tx = self._tx
        own = plan.submissions[0]
        home, revision = self._home(replace(plan, submissions=(replace(own, id=stored.id),)), dossier)
        draft = replace(stored.draft, codes=own.draft.codes, test=own.draft.test)
        stored = changed(
            stored, dossier_id=home, revision=revision, draft=draft, anomalies=own.anomalies, warnings=plan.warnings
        )
        tx.messages.rehome(stored)
        rows = self.send(stored, own)
        evidence.matched(tx, stored, rows)
        self._take_effect(plan, stored, rows, dossier)

    def _keep_held(self, stored: Stored, planned: Plan | Conflict | Exists | Stale | Refused) -> None:
        """Say why a parked message stays with the operators."""
        if isinstance(planned, Refused):
            for row in self._held(stored):
                self._tx.deliveries.save(changed(row, reason=planned.reason))


def _codes(plan: Plan) -> tuple[Code, ...]:
    """Return the codes that a plan gives its dossier."""
    return plan.submissions[0].draft.codes


def _timed(dossier: DossierRow, draft: Draft, now: datetime) -> DossierRow:
    """Return a dossier after what a draft says of its due date; nothing is paused before it began or after now."""
    if draft.due_at is None and draft.turn is None:
        return dossier
    at = max(min(draft.occurred_at or now, now), dossier.created_at)
    return dossier.heard(deadline.Said(source=draft.source, at=at, due_at=draft.due_at, turn=draft.turn))


def _revised(dossier: DossierRow, own: Submission) -> DossierRow:
    draft = own.draft
    return changed(
        dossier,
        procedure=draft.procedure or dossier.procedure,
        agency=draft.agency or dossier.agency,
    )
