"""What a proposal decides about, one by one: for the second person, who answers for it with the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from gateway.core.acts import Verb
from gateway.core.ids import DeliveryId
from gateway.core.judging import Decision
from gateway.core.proposals import Proposal
from gateway.core.replay import AMEND
from gateway.ports.store import DeliveryView, Ledger

#: Deliveries shown of one proposal.
MOST = 500
#: Words in the catalogue for what becomes of a delivery, by the decision that a proposal has for it.
_WORDS = MappingProxyType({Decision.DELIVERED: "finding.listed", Decision.ABSENT: "finding.absent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One delivery as it stands now, its dossier's codes, and what the proposal does with it."""

    view: DeliveryView
    codes: tuple[str, ...]
    words: str  #: a code of the catalogue


class _Item(msgspec.Struct, frozen=True):
    delivery: DeliveryId
    decision: Decision | None = None


class _Parameters(msgspec.Struct, frozen=True):
    items: tuple[_Item, ...] = ()
    words: Mapping[str, str] = {}


async def affected(ledger: Ledger, proposal: Proposal) -> tuple[Affected, ...]:
    """Return the first 500 deliveries that a proposal is about, in its order; none of one that nobody can read."""
    items, again = _items(proposal)
    found = [await _one(ledger, item, again) for item in items[:MOST]]
    return tuple(one for one in found if one is not None)


def _items(proposal: Proposal) -> tuple[Sequence[_Item], str]:
    """Return the deliveries, and the catalogue's code for what becomes of one that has no decision of its own."""
    wish = proposal.wish
    if wish.verb is Verb.EDIT:
        return (_Item(DeliveryId(wish.target.id)),), "act.edit"
    if wish.verb not in {Verb.SETTLE, Verb.REPLAY}:
        return (), ""
    asked = msgspec.json.decode(wish.parameters, type=_Parameters)
    return asked.items, "act.amend" if AMEND in asked.words else "act.retry"


async def _one(ledger: Ledger, item: _Item, again: str) -> Affected | None:
    delivery = await ledger.delivery(item.delivery)
    if delivery is None:
        return None
    dossier = await ledger.dossier(delivery[0].dossier_id)
    codes = tuple(code.value for code in dossier.codes) if dossier else ()
    return Affected(view=delivery[0], codes=codes, words=_WORDS[item.decision] if item.decision else again)
