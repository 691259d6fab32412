"""Files that a sender named by address, from the first try to get one until it is here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.core import files, kinds, news, record
from gateway.core.delivery import State
from gateway.core.ids import FileId, MessageId
from gateway.core.message import Blob, Missed
from gateway.core.planning import Planner
from gateway.core.reason import Reason
from gateway.core.superseding import superseded_later, told
from gateway.stores import evidence, lanes, loading
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import Stored
from gateway.stores.settlement import follow
from gateway.stores.tables import Transaction


def attach(tx: Transaction, message: MessageId, file: FileId, blob: Blob) -> None:
    """Add a file that is here; what waits for the message's last one goes on."""
    if tx.messages.attach(message, file, replace(blob, file_id=file)):
        evidence.keep(tx, record.attached(message, file, blob))
        for row in tx.deliveries.of_message(message):
            lanes.meet(tx, row.id)


def miss(tx: Transaction, message: MessageId, file: FileId, reason: Reason, again_in: timedelta, plan: Planner) -> None:
    """Keep why a file could not be had, and tell the message's source of each delivery that waits for it."""
    if not tx.messages.miss(message, file, Missed(reason=reason, at=tx.now)):
        return
    stored = tx.messages.get(message)
    if stored is None:
        return
    acceptance = Acceptance(tx, plan)
    if reason.code in files.LASTING:
        _give_way(tx, acceptance, stored)
    if not files.is_news(stored.told, reason.code):
        return
    tx.messages.tell(message, reason.code)
    for row in tx.deliveries.of_message(message):
        if row.state is State.WAITING and row.tells:
            about = loading.about(row, stored)
            delayed = news.tell(kinds.RELAY_DELAYED, about, reason=reason, next_try=tx.now + again_in)
            follow(tx, acceptance, stored, delayed)


def _give_way(tx: Transaction, acceptance: Acceptance, stored: Stored) -> None:
    """Let amendments that wait behind it take the place of a submission whose file cannot be had."""
    dossier = tx.dossiers.get(stored.dossier_id)
    while dossier is not None and (found := superseded_later(loading.dossier_state(tx, dossier))):
        for item in found:
            acceptance.supersede(item.id)
        for draft in told(stored.draft, found):
            follow(tx, acceptance, stored, draft)
