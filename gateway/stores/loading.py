"""Rows joined into what planners, adapters and people read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core import deadline, news
from gateway.core.chaining import SCHEME
from gateway.core.delivery import Delivery, State, Step
from gateway.core.ids import GATEWAY, OPERATORS, DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import (
    Actor,
    ActorKind,
    Code,
    DossierState,
    Draft,
    OpenDelivery,
    Payload,
    Receipt,
    Snapshot,
)
from gateway.core.withdrawal import looks_at_open, looks_at_statuses
from gateway.ports.store import AwaitedFile, DossierView, RelatedView, StatusView
from gateway.stores import chains
from gateway.stores.chain_tables import ChainRow
from gateway.stores.rows import DeliveryRow, DossierRow, Stored
from gateway.stores.tables import Transaction


class RowMissing(Exception):
    """A row that another row refers to is not there: the store is damaged."""


def message(tx: Transaction, row: DeliveryRow) -> Stored:
    """Return the message of a delivery; for one that is not there, what the delivery knows of it."""
    return tx.messages.get(row.message_id) or _missing(row)


def _missing(row: DeliveryRow) -> Stored:
    draft = Draft(
        source=row.source,
        operation="",
        actor=Actor(kind=ActorKind.GATEWAY, name=GATEWAY),
        kind=row.kind,
        codes=(),
        payload=Payload(body=b"", media_type=""),
        digest="",
    )
    return Stored(
        id=row.message_id, dossier_id=row.dossier_id, draft=draft, accepted_at=row.created_at, revision=0, damage=b""
    )


def delivery(tx: Transaction, row: DeliveryRow, stored: Stored) -> Delivery:
    """Return a delivery whole: message, snapshot as of that message, codes and facts."""
    known = tx.dossiers.codes(stored.dossier_id)
    if row.in_doubt_since is not None and row.step is Step.SEND:
        known = known[: row.knows]
    codes = {code.scheme: code.value for code in known}
    return row.delivery(stored.message(), _snapshot(tx, stored, row), codes, tx.boot)


def messages(tx: Transaction, rows: Sequence[DeliveryRow]) -> Sequence[Stored]:
    """Return the messages of many, asked for at once."""
    tx.messages.learn(row.message_id for row in rows)
    return [message(tx, row) for row in rows]


def deliveries(
    tx: Transaction, rows: Sequence[DeliveryRow], stored: Sequence[Stored] | None = None
) -> tuple[Delivery, ...]:
    """Return many whole, with their messages where these are at hand; what they need is asked for at once."""
    stored = messages(tx, rows) if stored is None else stored
    tx.dossiers.learn(one.dossier_id for one in stored)
    stated = (tx.dossiers.stated_by(one.dossier_id, one.revision) for one in stored)
    tx.messages.learn(found[1] for found in stated if found is not None)
    return tuple(delivery(tx, row, one) for row, one in zip(rows, stored, strict=True))


def about(row: DeliveryRow, stored: Stored) -> news.About:
    """Return what news of a delivery are about."""
    return news.About(
        delivery_id=row.id,
        message_id=stored.id,
        kind=stored.draft.kind,
        system=row.destination,
        tell=row.source,
        codes=stored.draft.codes,
        test=stored.draft.test,
    )


def _snapshot(tx: Transaction, stored: Stored, row: DeliveryRow) -> Snapshot:
    facts = tx.dossiers.facts(stored.dossier_id, row.destination)
    found = tx.dossiers.stated_by(stored.dossier_id, stored.revision)
    if found is None:
        return Snapshot(dossier_id=stored.dossier_id, revision=0, document=None, facts=facts)
    revision, stated_by = found
    whole = stored if stated_by == stored.id else tx.messages.get(stated_by)
    return Snapshot(
        dossier_id=stored.dossier_id,
        revision=revision,
        document=whole.draft.document if whole else None,
        blobs=whole.draft.blobs if whole else (),
        facts=facts,
    )


def dossier_state(tx: Transaction, dossier: DossierRow, about: str | None = None) -> DossierState:
    """Return what planning may know of a dossier.

    ``about`` is the kind of what is said of it: what is open is read only for a kind that looks at it, or without one.
    """
    lanes = [lane for lane in tx.deliveries.lanes(dossier.id) if lane.destination != OPERATORS]
    had = dossier.adopted | dossier.took_part
    withdrawn = frozenset(lane.destination for lane in lanes if lane.withdrawn)
    called_off = frozenset(lane.destination for lane in lanes if lane.called_off) - had
    asks = bool(called_off) or about is None or looks_at_statuses(about, withdrawn)
    spoke = frozenset(view.system for view in tx.dossiers.statuses(dossier.id)) if asks else frozenset[SystemId]()
    unopened = called_off - spoke
    unclear = frozenset(lane.destination for lane in lanes if lane.unclear)
    if unopened and chains.is_withdrawing(tx, dossier.id):
        withdrawn, unopened = withdrawn | unopened, frozenset[SystemId]()
    withdrawn -= unopened  # submitted anew, and called off since
    codes = tx.dossiers.codes(dossier.id)
    return DossierState(
        id=dossier.id,
        source=dossier.source,
        revision=dossier.revision,
        document_digest=dossier.digest,
        document_message=dossier.stated_by,
        codes=codes,
        procedure=dossier.procedure,
        agency=dossier.agency,
        due_at=dossier.due_at,
        test=dossier.test,
        routed_to=had | {lane.destination for lane in lanes},
        reached=had | {lane.destination for lane in lanes if lane.reached} | unclear,
        unclear=unclear - had,
        spoke=spoke,
        open=_open(tx, dossier.id) if about is None or looks_at_open(about, withdrawn) else (),
        withdrawn=withdrawn - dossier.adopted,
        unopened=unopened,
        adopted=dossier.adopted,
        step=_step(tx, dossier.id, codes),
        erased=dossier.erased is not None,
    )


def _open(tx: Transaction, dossier: DossierId) -> tuple[OpenDelivery, ...]:
    return tuple(opened(tx, row) for row in tx.deliveries.open_of(dossier) if row.destination != OPERATORS)


def _step(tx: Transaction, dossier: DossierId, codes: Sequence[Code]) -> str:
    """Return the chained route that began a dossier; only one that has such a code is looked for."""
    origin = tx.chains.origin(dossier) if any(code.scheme == SCHEME for code in codes) else None
    return origin.step if origin else ""


def is_over(tx: Transaction, dossier: DossierRow) -> bool:
    """Whether a dossier has ended, by the last word of each system and what each was given since."""
    return deadline.is_over(dossier.source, _words(tx, dossier.id), _given(tx, dossier))


def open_with(tx: Transaction, dossier: DossierRow) -> tuple[SystemId, ...]:
    """Return the systems that were sent a dossier and have not ended it, or were given it anew since."""
    return tuple(deadline.open_with(_words(tx, dossier.id), _given(tx, dossier)))


def said_last(tx: Transaction, dossier: DossierId, system: SystemId) -> StatusView | None:
    """Return the status of a dossier that stands of a system."""
    return next((view for view in tx.dossiers.statuses(dossier) if view.system == system), None)


def _words(tx: Transaction, dossier: DossierId) -> dict[SystemId, deadline.Word]:
    views = tx.dossiers.statuses(dossier)
    return {view.system: deadline.Word(status=view.status.status, at=view.accepted_at) for view in views}


def _given(tx: Transaction, dossier: DossierRow) -> dict[SystemId, datetime | None]:
    """Return all who process a dossier, and when each last got what it can go on with; None: before the gateway."""
    lanes = tx.deliveries.given(dossier.id)
    at = {lane.destination: lane.at for lane in lanes}
    submitted = {lane.destination for lane in lanes if lane.submitted}
    return {system: at.get(system) for system in (dossier.adopted | submitted) - {OPERATORS, dossier.source}}


def opened(tx: Transaction, row: DeliveryRow) -> OpenDelivery:
    """Return an open delivery as planning sees it."""
    stated = message(tx, row) if row.kind == SUBMITTED else None
    return OpenDelivery(
        id=row.id,
        message_id=row.message_id,
        destination=row.destination,
        kind=row.kind,
        source=row.source,
        begun=row.begun,
        lane_seq=row.lane_seq,
        dead=row.state is State.DEAD and row.blocks,
        tells=row.tells,
        fileless=row.state is State.WAITING and stated is not None and stated.is_fileless,
        stated=stated.draft.kind if stated else "",
    )


def receipt(tx: Transaction, stored: Stored) -> Receipt:
    """Return the first receipt of a message again, for who repeats it."""
    return Receipt(
        message_id=stored.id,
        dossier_id=stored.dossier_id,
        revision=stored.revision,
        accepted_at=stored.accepted_at,
        deliveries=tuple(row.id for row in tx.deliveries.of_message(stored.id)),
        duplicate=True,
        matched=not tx.messages.is_parked(stored.id),
        files_pending=bool(stored.draft.pending),
        warnings=stored.warnings,
        anomalies=stored.anomalies,
    )


def dossier_view(tx: Transaction, dossier: DossierId) -> DossierView | None:
    """Return a dossier as people see it."""
    row = tx.dossiers.get(dossier)
    if row is None:
        return None
    stated = chains.statement(tx, row)
    return DossierView(
        id=dossier,
        source=row.source,
        revision=row.revision,
        created_at=row.created_at,
        codes=tx.dossiers.codes(dossier),
        procedure=row.procedure,
        agency=row.agency,
        term=row.term,
        document=stated.document.body if stated and stated.document else None,
        participants=_participants(tx, row),
        statuses=tuple(tx.dossiers.statuses(dossier)),
        follows=_related(tx, origin, origin.parent) if (origin := tx.chains.origin(dossier)) else None,
        followers=tuple(_related(tx, item, item.dossier) for item in tx.chains.followers(dossier)),
        files=_awaited(tx, row),
        erased=row.erased,
    )


def _participants(tx: Transaction, dossier: DossierRow) -> frozenset[SystemId]:
    """Return a dossier's source and all systems that it was ever meant for."""
    lanes = {lane.destination for lane in tx.deliveries.lanes(dossier.id)}
    return frozenset({dossier.source, *lanes, *dossier.adopted, *dossier.took_part}) - {OPERATORS}


def _awaited(tx: Transaction, dossier: DossierRow) -> tuple[AwaitedFile, ...]:
    """Return the files of its last statement that something still waits for; what has ended wants none any more."""
    stated = tx.messages.get(dossier.stated_by) if dossier.stated_by else None
    if stated is None or not stated.awaited:
        return ()
    waits = any(row.state is State.WAITING for row in tx.deliveries.of_message(stated.id))
    return stated.awaited if waits else ()


def _related(tx: Transaction, link: ChainRow, dossier: DossierId) -> RelatedView:
    row = tx.dossiers.get(dossier)
    return RelatedView(
        step=link.step,
        dossier_id=dossier,
        codes=tx.dossiers.codes(dossier),
        procedure=row.procedure if row else "",
        message_id=link.message,
        statuses=tuple(tx.dossiers.statuses(dossier)),
    )
