"""Adopting dossiers: each with a message of its own that goes nowhere, and the mark that a system has it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from functools import partial

import msgspec
from msgspec.structs import replace as changed

from gateway.core.acts import By, Target, Verb
from gateway.core.adoption import (
    ADOPTED,
    FAULTS,
    Adoption,
    AdoptionList,
    Books,
    Verdict,
    Weighed,
    counts,
    is_had,
    status_stands,
    weigh,
)
from gateway.core.errors import DoneInPart, StoreError, StoreFull
from gateway.core.handback import PART, HandedBack, Handing, Wanted
from gateway.core.ids import GATEWAY, DossierId, SystemId
from gateway.core.message import Draft, Payload, Submission
from gateway.core.planning import Planner
from gateway.core.pressure import Urgency
from gateway.ports.adoptions import Rehearsed
from gateway.ports.store import StatusView
from gateway.stores import acts, endings, evidence, handback, lanes, loading, rounds, statuses
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import DossierRow, Stored
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

_ENCODER = msgspec.json.Encoder(order="sorted")


class _Undone(Exception):
    """What was written is taken back: it was only tried, or something of it cannot be."""


def adopt(tx: Transaction, listed: AdoptionList, by: By, plan: Planner, *, is_trial: bool) -> tuple[Weighed, ...]:
    """Adopt all of a list or, where one line is a fault or it is only tried, nothing; return every line's verdict."""
    weighed: list[Weighed] = []
    with suppress(_Undone), tx.nested():
        acceptance = Acceptance(tx, plan)
        weighed.extend(_take(tx, acceptance, item, listed, by) for item in listed.items)
        _keep(tx, listed, weighed, by, is_trial=is_trial)
    return tuple(weighed)


def _keep(tx: Transaction, listed: AdoptionList, weighed: list[Weighed], by: By, *, is_trial: bool) -> None:
    """Keep who did it; who says again what is known has done nothing. Raises _Undone."""
    given = counts(weighed)
    if is_trial or any(given[fault] for fault in FAULTS):
        raise _Undone
    if given[Verdict.NEW] + given[Verdict.ADDED]:
        facts = {
            "file_sha256": listed.file_sha256,
            "rows": f"{listed.items[0].row}-{listed.items[-1].row}",
            **{verdict: str(number) for verdict, number in given.items() if number},
        }
        acts.record(tx, Verb.ADOPT, Target.system(listed.source), by=by, facts=facts)


def _take(tx: Transaction, acceptance: Acceptance, item: Adoption, listed: AdoptionList, by: By) -> Weighed:
    """Weigh one line, and write what it says beyond our books."""
    owners = tx.dossiers.owners(item.codes)
    row = tx.dossiers.get(next(iter(owners))) if len(owners) == 1 else None
    books = Books(
        now=tx.now,
        dossier=loading.dossier_state(tx, row) if row else None,
        ambiguous=len(owners) > 1,
        stated=statuses.standing(tx, row.id, item.system) if row else None,
    )
    found = weigh(item, listed.source, books)
    if found.verdict in {Verdict.NEW, Verdict.ADDED}:
        _write(tx, acceptance, item, books, _home(tx, row, listed), _draft(item, listed, by))
    return found


def _home(tx: Transaction, row: DossierRow | None, listed: AdoptionList) -> DossierRow:
    """Return the dossier, begun where nobody knew it."""
    if row is not None:
        return row
    dossier = DossierId(tx.ids.new())
    tx.dossiers.begin(dossier)
    return DossierRow(id=dossier, source=listed.source, created_at=tx.now)


def _draft(item: Adoption, listed: AdoptionList, by: By) -> Draft:
    """Return what an adoption says, as a statement of the gateway's own in the name of who adopts."""
    body = _ENCODER.encode(
        {
            "system": item.system,
            "synced_at": item.synced_at,
            "status": item.status,
            "procedure": item.procedure,
            "agency": item.agency,
            "due_at": item.due_at,
            "file_sha256": listed.file_sha256,
            "row": item.row,
        }
    )
    return Draft(
        source=GATEWAY,
        operation="ops.adopt",
        actor=by.actor,
        kind=ADOPTED,
        codes=item.codes,
        payload=Payload(body=body, media_type="application/json"),
        digest=hashlib.sha256(body).hexdigest(),
        occurred_at=item.synced_at,
    )


def _write(
    tx: Transaction, acceptance: Acceptance, item: Adoption, books: Books, row: DossierRow, draft: Draft
) -> None:
    """Mark the dossier, keep the message and the status, bind the codes; then match what was parked for them."""
    had = books.dossier is not None and is_had(item, books.dossier)
    marks = frozenset[str]() if had or item.system == row.source else {item.system}
    row = changed(
        row,
        procedure=row.procedure or item.procedure,
        agency=row.agency or item.agency,
        due_at=row.due_at or item.due_at,
        adopted=row.adopted | marks,
    )
    tx.dossiers.save(row)
    own = Submission(id=lanes.new_message(tx), draft=draft, legs=())
    stored = Stored(id=own.id, dossier_id=row.id, draft=draft, accepted_at=tx.now, revision=row.revision)
    tx.messages.add(stored)
    evidence.accepted(tx, own, stored, (), parked=False)
    if item.status is not None and status_stands(item, books.stated):
        status = StatusView(
            system=item.system,
            status=item.status,
            occurred_at=item.synced_at,
            accepted_at=tx.now,
            message_id=own.id,
        )
        statuses.keep(tx, row.id, status)
    for system in marks:
        rounds.adopt(tx, SystemId(system), row.id)
        endings.take_up(tx, row.id)
    acceptance.bind(row.id, item.codes)


class AdoptionStore(Transacting):
    """``ports.adoptions.Adoptions`` over any driver."""

    async def adopt(
        self, listed: AdoptionList, *, by: By, plan: Planner, is_trial: bool = False
    ) -> tuple[Weighed, ...]:
        def work(tx: Transaction) -> tuple[Weighed, ...]:
            if self._is_full(Urgency.NEW):
                raise StoreFull("the disk's reserve is reached: nothing new is accepted until space is freed")
            return adopt(tx, listed, by, plan, is_trial=is_trial)

        return await self._write(work)

    async def hand_back(
        self, wanted: Wanted, *, rehearsed: Rehearsed, by: By, plan: Planner, is_trial: bool = False
    ) -> HandedBack:
        found = await self._read(lambda tx: handback.look(tx, wanted, rehearsed))
        if is_trial or not found.is_whole or found.counts[Handing.LIVE]:
            return found
        stand = {item.dossier_id: item for item in found.items if item.is_done}
        to_do = [item for item in found.items if not item.is_done]
        for start in range(0, len(to_do), PART):  # whoever else writes has a turn between them
            part = to_do[start : start + PART]
            work = partial(handback.hand_back, wanted=wanted, part=part, rehearsed=rehearsed, by=by, plan=plan)
            try:
                ended = await self._write(work)
            except StoreError as error:
                if not start:
                    raise
                raise DoneInPart(sum(item.is_done for item in stand.values()), len(found.items)) from error
            stand |= {item.dossier_id: item for item in ended}
        items = tuple(stand[item.dossier_id] for item in found.items if item.dossier_id in stand)
        return replace(found, items=items, is_done=all(item.is_done for item in items))
