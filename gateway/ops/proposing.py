"""What needs two operators: corrected messages and settlements by a partner's list; shown first, then proposed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from gateway.core.acts import By, Target, TargetKind, Verb
from gateway.core.doubt import Declarations
from gateway.core.errors import GatewayError
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.judging import Decision, UnknownDelivery, decided
from gateway.core.listing import MOST, Finding, Line, ListAhead, ListUnknown, PartnerList, settlement
from gateway.core.listing import wish as settlement_wish
from gateway.core.message import Message
from gateway.core.planning import Planner
from gateway.core.proposals import Proposal, ProposalId, ProposalState, UnknownProposal
from gateway.ops import editing
from gateway.ops.affected import Affected, affected
from gateway.ops.decisions import standing_of
from gateway.ops.editing import Change
from gateway.ops.known import check_known
from gateway.ports.acts import Acts
from gateway.ports.clock import Clock
from gateway.ports.proposals import Proposals
from gateway.ports.store import DeliveryView, Ledger

#: What the list says of something in doubt that it names itself.
_NAMED = frozenset({Finding.LISTED, Finding.NOT_TOLD, Finding.UNCLEAR})
_TRIED = 2000  #: codes of a list, of each of which is asked whether anybody here has it


class NothingToPropose(GatewayError):
    """The list decides nothing: there is nothing for a second person to approve."""


class ProposingStore(Acts, Proposals, Ledger, Protocol):
    """The parts of a store that proposing uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposer:
    """Serves whoever proposes or approves; their name and reason come with each call."""

    store: ProposingStore = field(repr=False)
    plan: Planner = field(repr=False)
    clock: Clock = field(repr=False)
    declarations: Mapping[SystemId, Declarations]  #: of every configured system

    # --- Corrected messages

    async def content(self, delivery: DeliveryId, *, by: By) -> Message:
        """Return the message of a delivery, and record that it was read. Raises UnknownDelivery."""
        view, message = await self._message(delivery)
        await self._viewed(view, by)
        return message

    async def edit(
        self, delivery: DeliveryId, raw: object, *, by: By, propose: bool
    ) -> tuple[Sequence[Change], Proposal | None]:
        """Return what a corrected statement changes, and the proposal to send it instead, where one is wanted.

        Raises UnknownDelivery, Undecidable, Invalid, Unapprovable.
        """
        view, message = await self._message(delivery)
        decided(Decision.REPLACE, standing_of(view, self.declarations))
        made = editing.edited(message, raw, by.actor)
        changes = tuple(editing.changes(message.payload.body, made.payload.body))
        if propose:
            return changes, await self.store.propose(editing.wish(delivery, message, made), by=by)
        await self._viewed(view, by)
        return changes, None

    async def _message(self, delivery: DeliveryId) -> tuple[DeliveryView, Message]:
        found = await self.store.delivery(delivery)
        message = await self.store.message(found[0].message_id) if found else None
        if found is None or message is None:
            raise UnknownDelivery(delivery)
        return found[0], message

    async def _viewed(self, view: DeliveryView, by: By) -> None:
        await self.store.record_act(Verb.VIEW, Target.delivery(view.id), by=by, dossier=view.dossier_id)

    # --- Settling by a partner's list

    async def settle(self, found: PartnerList, *, by: By | None = None) -> tuple[Sequence[Line], Proposal | None]:
        """Return what a list says of everything in doubt, and the proposal to do it where ``by`` asks for one.

        Raises UnknownSystem, ListAhead, ListUnknown, NothingToPropose, Unapprovable.
        """
        check_known(found.system, self.declarations)
        if found.as_of > self.clock.now():
            raise ListAhead
        quiet = _quiet(self.declarations[found.system])
        lines = settlement(await self.store.doubtful(found.system, limit=MOST), found, quiet)
        if by is None:
            return lines, None
        wish = settlement_wish(lines, found)
        if wish.facts["delivered"] == wish.facts["absent"] == "0":
            raise NothingToPropose
        if _NAMED.isdisjoint(line.finding for line in lines) and not await self._knows_any(found.codes):
            raise ListUnknown
        return lines, await self.store.propose(wish, by=by)

    async def _knows_any(self, codes: Collection[str]) -> bool:
        """Whether the gateway knows anything that a list names, in doubt or not; of a long list many are tried."""
        for name in sorted(codes)[:: len(codes) // _TRIED + 1]:
            if await self.store.dossiers(name) or await self.store.delivery(DeliveryId(name)):
                return True
        return False

    # --- Proposals

    async def proposals(self, state: ProposalState | None, *, limit: int) -> Sequence[Proposal]:
        """Return proposals, the newest first."""
        return await self.store.proposals(state, limit=limit)

    async def proposal(self, proposal: ProposalId) -> Proposal:
        """Return one proposal. Raises UnknownProposal."""
        found = await self.store.proposal(proposal)
        if found is None:
            raise UnknownProposal(proposal)
        return found

    async def changes(self, proposal: ProposalId, *, by: By) -> tuple[Sequence[Change], Sequence[Affected]]:
        """Return what a proposal would do, and record that it was read. Raises UnknownProposal.

        What a correction changes, and the deliveries that a proposal is about as they stand now: one that has ended
        since is not corrected any more.
        """
        found = await self.proposal(proposal)
        target = Target(TargetKind.PROPOSAL, proposal)
        await self.store.record_act(Verb.VIEW, target, by=by, dossier=found.wish.dossier_id)
        about = await affected(self.store, found)
        if found.wish.verb is not Verb.EDIT:
            return (), about
        _, message = await self._message(DeliveryId(found.wish.target.id))
        made = editing.proposed(found.wish.parameters)
        return tuple(editing.changes(message.payload.body, made.payload.body)), about

    async def approve(self, proposal: ProposalId, *, by: By) -> Proposal:
        """Do what was proposed. Raises UnknownProposal, Unapprovable, Undecidable, DoneInPart."""
        return await self.store.approve(proposal, by=by, plan=self.plan)

    async def reject(self, proposal: ProposalId, *, by: By) -> Proposal:
        """Close a proposal undone. Raises UnknownProposal, Unapprovable."""
        return await self.store.reject(proposal, by=by)


def _quiet(declared: Declarations) -> Callable[[str], timedelta]:
    return lambda kind: declared.of(kind).quiet
