"""What accepting a draft means: a pure function that the store calls inside its transaction.

Doors, the poller, call-backs and replies of a settlement all go this one way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from gateway.core import guard, kinds
from gateway.core.chaining import chained
from gateway.core.codes import PROVINCE
from gateway.core.ids import GATEWAY, DossierId, MessageId, SystemId
from gateway.core.legs import for_operators, legs_of, subject_of
from gateway.core.message import (
    ActorKind,
    Code,
    Conflict,
    DossierState,
    Draft,
    Duplicate,
    Exists,
    Known,
    Leg,
    Plan,
    Refused,
    Stale,
    Submission,
)
from gateway.core.news import Withdrawal
from gateway.core.pressure import Strain, Urgency, calm
from gateway.core.reason import Reason, Why
from gateway.core.routing import Role, RouteBook, UnknownDossier, day_in_vietnam
from gateway.core.statuses import GuardMode
from gateway.core.superseding import superseded, told
from gateway.core.withdrawal import NOTHING, Overtaken, answers, is_free, overtaken, unblocked

Planned: TypeAlias = Plan | Duplicate | Conflict | Exists | Stale | Refused
Planner: TypeAlias = Callable[[Draft, Known], Planned]

_OF_THE_WHOLE = kinds.WHOLE | {kinds.WITHDRAWAL_REQUESTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """A planner over one configuration version. ``new_id`` makes time-ordered ids, ``strain`` says what presses."""

    book: RouteBook
    new_id: Callable[[], str]
    strain: Callable[[], Strain] = calm

    def __call__(self, draft: Draft, known: Known) -> Planned:
        """Return what this draft means, given what is known. Never raises for what a sender says."""
        verdict = (
            _same_key(draft, known)
            or _same_proof(known)
            or _forbidden(draft, known, self.book)
            or _same_content(draft, known)
            or _stated_since(draft, known)
            or (_stale(draft, known) if draft.if_match is not None else None)
        )
        draft = _as_its_dossier(draft, known)
        if verdict is not None:
            return verdict
        planned = self._unknown(draft, known) if known.dossier is None else self._plan(draft, known, new_dossier=None)
        if isinstance(planned, Plan) and _is_adopted_everywhere(planned):
            return _exists(draft, revision=0)
        return _pressed(self.strain(), self.book, draft, known, planned) or planned

    def _unknown(self, draft: Draft, known: Known) -> Planned:
        """Begin a dossier, keep what is said until its code is bound, or refuse."""
        system = self.book.systems.get(draft.source)
        policy = system.unknown_dossier if system else UnknownDossier.REFUSE
        if draft.kind == kinds.SUBMITTED or policy is UnknownDossier.RELAY:
            return self._plan(draft, known, new_dossier=DossierId(self.new_id()))
        if policy is UnknownDossier.PARK:
            return self._park(draft, known)
        return Refused(Reason(Why.UNKNOWN_DOSSIER))

    def _plan(self, draft: Draft, known: Known, *, new_dossier: DossierId | None) -> Plan | Refused:
        found = self._overtaken(draft, known)
        echoes = frozenset[SystemId]() if draft.step else known.echoes  # a follower is no translation of what led to it
        draft, withheld = _without_withheld(draft, known, self.book)
        if new_dossier is not None and withheld and not draft.codes:
            return Refused(Reason(Why.NOT_AUTHORISED))  # as if it were there: nobody learns which numbers are given
        legs, warnings = legs_of(draft, known, self.book, skip=found.cleared | echoes)
        legs, had = _without_adopted(draft, known, legs)
        if draft.step and not legs and not draft.test:
            legs = (for_operators(known.now, next(iter(warnings), Reason(Why.NO_ROUTE))),)
        own = self._guarded(draft, known, legs)
        follows = chained(own, known, self.book)
        if follows.stuck is not None:
            own = replace(own, legs=(*own.legs, for_operators(known.now, follows.stuck)))
        replaced = superseded(draft, known.dossier, legs)
        if draft.kind == kinds.WITHDRAWAL_REQUESTED:
            found = unblocked(found, draft.source, known.dossier, (leg.destination for leg in legs))
            if not (legs or warnings or found.answered):
                warnings = (Reason(Why.NO_ROUTE),)  # who has the dossier does not hear of it
        return Plan(
            submissions=(own, *self._answers(own, found, known), *self._spoken(told(draft, replaced), known)),
            new_dossier=new_dossier,
            revises=draft.kind in kinds.WHOLE,
            states=_stands(draft, known),
            cancel=tuple(item.id for item in found.deliveries),
            supersede=tuple(item.id for item in replaced),
            chained=follows.drafts,
            warnings=(*warnings, *had, *follows.warnings, *withheld, *_odd_codes(draft, self.book)),
        )

    def _overtaken(self, draft: Draft, known: Known) -> Overtaken:
        """Return what the draft makes needless, which only a withdrawal does."""
        if draft.kind != kinds.WITHDRAWAL_REQUESTED:
            return NOTHING
        submits = subject_of(draft, known)._replace(kind=kinds.SUBMITTED)  # what another way sends, it withdraws, too
        return overtaken(draft.source, known.dossier, self.book.shadows_for(submits))

    def _answers(self, own: Submission, found: Overtaken, known: Known) -> tuple[Submission, ...]:
        """Return what the gateway itself says of a withdrawal."""
        if found is NOTHING:
            return ()
        draft = own.draft
        asked = Withdrawal(message_id=own.id, tell=draft.source, codes=draft.codes, test=draft.test)
        return self._spoken(answers(asked, found), known)

    def _spoken(self, drafts: tuple[Draft, ...], known: Known) -> tuple[Submission, ...]:
        """Return what the gateway itself says."""
        return tuple(self._submission(item, legs_of(item, known, self.book)[0]) for item in drafts)

    def _park(self, draft: Draft, known: Known) -> Plan:
        """Keep what speaks of a dossier that nobody has bound yet, visible to operators."""
        return Plan(
            submissions=(self._submission(draft, (for_operators(known.now, Reason(Why.UNMATCHED)),)),),
            new_dossier=DossierId(self.new_id()),
            parked=True,
            warnings=(Reason(Why.UNMATCHED),),
        )

    def _guarded(self, draft: Draft, known: Known, legs: tuple[Leg, ...]) -> Submission:
        """Return the draft's own submission, with what is odd about its status; held if its source's mode is that."""
        source = self.book.systems.get(draft.source)
        own = known.message_id or MessageId(self.new_id())
        if draft.status is None or source is None or source.status_guard is GuardMode.OFF:
            return self._submission(draft, legs, own)
        procedure = known.dossier.procedure if known.dossier else draft.procedure
        found = guard.anomalies(draft, known, self.book.statuses.table_of(procedure))
        if source.status_guard is GuardMode.HOLD and not guard.HELD.isdisjoint(found):
            legs = guard.held(legs)
        return self._submission(draft, legs, own, tuple(map(str, found)))

    def _submission(
        self, draft: Draft, legs: tuple[Leg, ...], message: MessageId | None = None, anomalies: tuple[str, ...] = ()
    ) -> Submission:
        return Submission(
            id=message or MessageId(self.new_id()),
            draft=draft,
            legs=legs,
            route_version=self.book.version,
            anomalies=anomalies,
        )


def _pressed(strain: Strain, book: RouteBook, draft: Draft, known: Known, planned: Planned) -> Refused | None:
    """Refuse what there is no room for; never what was promised before, and never what the gateway itself says."""
    if strain.is_calm or not isinstance(planned, Plan):
        return None
    if known.accepted_at is not None or draft.actor.kind is ActorKind.GATEWAY:
        return None
    urgency = urgency_of(draft.kind, draft.source, book)
    if strain.refuses(urgency):
        return Refused(Reason(Why.STORE_FULL))
    full = strain.full(urgency, (leg.destination for leg in planned.submissions[0].legs))
    return Refused(Reason(Why.BACKLOG, ", ".join(full))) if full else None


def urgency_of(kind: str, source: SystemId, book: RouteBook) -> Urgency:
    """Return how long this kind of event from this source is taken under pressure."""
    if kind == kinds.SUBMITTED:
        return Urgency.NEW
    system = book.systems.get(source)
    return Urgency.KNOWN if system is not None and system.role is Role.PORTAL else Urgency.BACK


def _same_key(draft: Draft, known: Known) -> Planned | None:
    """Compare with what the same source said under the same key (guarantee G7)."""
    if draft.source == GATEWAY or draft.dedup_key is None or known.by_key is None:
        return None
    same = known.by_key.digest == draft.digest
    return Duplicate(known.by_key.message_id) if same else Conflict(known.by_key.message_id)


def _same_proof(known: Known) -> Planned | None:
    """Recognise a call that is shown again: what it states was stated, whatever was said since (guarantee G7)."""
    return Duplicate(known.by_proof.message_id) if known.by_proof is not None else None


def _same_content(draft: Draft, known: Known) -> Planned | None:
    """Compare with the dossier's current revision, and with this source's last event (guarantee G7).

    Asked only after authority: nobody learns of a dossier by submitting its code.
    """
    if draft.source == GATEWAY:
        return None
    if draft.kind == kinds.SUBMITTED and known.dossier is not None and known.dossier.revision:
        return _submitted_again(draft, known.dossier)
    if draft.dedup_key is None and known.last is not None and known.last.digest == draft.digest:
        return Duplicate(known.last.message_id)
    return None


def _stated_since(draft: Draft, known: Known) -> Refused | None:
    """Refuse to state or withdraw a dossier as it was before it was stated anew, which was while this was parked.

    What came before the first statement is the newer of the two: nobody amends what was not handed over.
    """
    dossier = known.dossier
    if dossier is None or dossier.revision <= 1 or draft.kind not in _OF_THE_WHOLE:
        return None
    return Refused(Reason(Why.SUPERSEDED)) if known.restated else None


def _stale(draft: Draft, known: Known) -> Stale | None:
    """Refuse to change a revision that is not the current one; what is only said again has been recognised before."""
    dossier = known.dossier
    return Stale(revision=dossier.revision) if dossier is not None and draft.if_match != dossier.revision else None


def _stands(draft: Draft, known: Known) -> bool:
    """Whether the draft's status is the one that stands of its source: by when it happened, not by when it came."""
    stated = guard.stated(draft, known)
    return stated is not None and (known.stated is None or stated.supersedes(known.stated))


def _as_its_dossier(draft: Draft, known: Known) -> Draft:
    """Return what is said about a test dossier as a test, whoever says it: it must not reach a live system."""
    return replace(draft, test=True) if known.dossier is not None and known.dossier.test else draft


def _submitted_again(draft: Draft, dossier: DossierState) -> Planned | None:
    if draft.test != dossier.test:
        return Refused(Reason(Why.TEST_DOSSIER))
    if is_free(dossier):
        return None
    if draft.document_digest == dossier.document_digest and dossier.document_message is not None:
        return Duplicate(dossier.document_message)
    return _exists(draft, dossier.revision)


def _exists(draft: Draft, revision: int) -> Exists:
    return Exists(code=draft.codes[0].value if draft.codes else "", revision=revision)


def _without_adopted(draft: Draft, known: Known, legs: tuple[Leg, ...]) -> tuple[tuple[Leg, ...], tuple[Reason, ...]]:
    """Leave out of a submission the systems that have the dossier from before the gateway, with a warning each.

    Nobody waits for them: they are before whoever goes after them.
    """
    if known.dossier is None or not known.dossier.adopted or draft.kind != kinds.SUBMITTED:
        return legs, ()
    adopted = known.dossier.adopted
    had = tuple(Reason(Why.ADOPTED, leg.destination) for leg in legs if leg.destination in adopted)
    left = (leg for leg in legs if leg.destination not in adopted)
    return tuple(replace(leg, after=tuple(one for one in leg.after if one not in adopted)) for leg in left), had


def _is_adopted_everywhere(plan: Plan) -> bool:
    """Whether a submission has nowhere to go because everybody has the dossier already: it is an amendment."""
    return not plan.submissions[0].legs and any(warning.code is Why.ADOPTED for warning in plan.warnings)


def _forbidden(draft: Draft, known: Known, book: RouteBook) -> Planned | None:
    """Refuse what contradicts itself, and what is none of the source's business."""
    if known.ambiguous:
        return Refused(Reason(Why.CODES_CONFLICT))
    source = book.systems.get(draft.source)
    if source is not None and not source.is_valid(day_in_vietnam(known.now)):
        return Refused(Reason(Why.NOT_AUTHORISED))
    dossier = known.dossier
    if dossier is None:
        return None
    if draft.source != dossier.source and not book.is_heir(draft.source, dossier.routed_to):
        return Refused(Reason(Why.NOT_AUTHORISED))
    return Refused(Reason(Why.ERASED)) if dossier.erased else None


def _without_withheld(draft: Draft, known: Known, book: RouteBook) -> tuple[Draft, tuple[Reason, ...]]:
    """Leave out new numbers of the province's that are not the source's to give, with a warning each."""
    withheld = _not_theirs(draft, known, book)
    if not withheld:
        return draft, ()
    left = tuple(code for code in draft.codes if code not in withheld)
    return replace(draft, codes=left), tuple(Reason(Why.CODE_NOT_YOURS, code.scheme) for code in withheld)


def _not_theirs(draft: Draft, known: Known, book: RouteBook) -> tuple[Code, ...]:
    """Return new numbers of the province's that the source does not give: only a portal does.

    By its number everybody is told which dossier is meant, who has a part in that sees what is said under it, and the
    portal that gives it would find it taken. Whose file lets it begin what nobody knows begins it under its number.
    """
    dossier, source = known.dossier, book.systems.get(draft.source)
    if source is None:
        is_theirs = dossier is None or draft.source == dossier.source
    else:
        begins = dossier is None and source.unknown_dossier is UnknownDossier.RELAY
        is_theirs = begins or source.role is Role.PORTAL
    if is_theirs:
        return ()
    bound = dossier.codes if dossier is not None else ()
    return tuple(code for code in draft.codes if code.scheme == PROVINCE and code not in bound)


def _odd_codes(draft: Draft, book: RouteBook) -> tuple[Reason, ...]:
    """Warn about codes that differ from their scheme's pattern: never a refusal."""
    if not book.code_patterns:
        return ()
    return tuple(
        Reason(Why.CODE_SHAPE, code.scheme)
        for code in draft.codes
        if (pattern := book.code_patterns.get(code.scheme)) and not re.fullmatch(pattern, code.value)
    )
