"""Settling what is in doubt by the partner's own list: what a list of dossiers' codes proves, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.acts import Target, Verb
from gateway.core.errors import GatewayError
from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.judging import Decision, is_spoken_of
from gateway.core.kinds import SUBMITTED
from gateway.core.proposals import Wish

#: Deliveries of one settlement.
MOST = 2000
#: Those that are settled in one transaction: everybody who writes waits for it.
PART = 100


class ListAhead(GatewayError):
    """The list is said to be of a time that has not come: it would prove that what left since is not there."""


class ListUnknown(GatewayError):
    """Nothing that the list names is known here: another column, or somebody else's list, would prove all absent."""


class Finding(StrEnum):
    """What the list says of one delivery. Each has words in the catalogue under ``finding``."""

    LISTED = "listed"  #: the partner has it: delivered
    ABSENT = "absent"  #: not listed after the quiet time: sent again
    TOO_EARLY = "too_early"  #: not listed, but the list was made within the quiet time
    NOT_TOLD = "not_told"  #: the dossier is listed, which says nothing of a later message about it
    UNCLEAR = "unclear"  #: a listed code belongs to several dossiers
    SPOKEN = "spoken"  #: not listed, but the partner itself has stated a status of the dossier since


#: What follows from a finding; the others leave the delivery as it is.
FOLLOWS = {Finding.LISTED: Decision.DELIVERED, Finding.ABSENT: Decision.ABSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """A delivery in doubt that no worker holds."""

    id: DeliveryId
    message_id: MessageId
    dossier_id: DossierId
    kind: str
    codes: tuple[str, ...]  #: every code of the dossier, whoever gave it
    in_doubt_since: datetime
    closed_at: datetime | None  #: when our side of the last exchange ended
    spoke_at: datetime | None = None  #: when we had the status that stands of the partner
    shared: frozenset[str] = frozenset()  #: those of the codes that another dossier has, too, whatever stands of it

    @property
    def is_spoken_of(self) -> bool:
        """Whether the partner has spoken of the dossier since: no list proves then that it lacks the submission."""
        return is_spoken_of(self.kind, self.in_doubt_since, self.spoke_at)

    @property
    def stamp(self) -> str:
        """Return what changes with every doubtful exchange: a decision holds only for the doubt it was made about."""
        return f"{self.in_doubt_since.isoformat()}/{self.closed_at.isoformat() if self.closed_at else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerList:
    """The codes that a partner says it has, and when it said so."""

    system: SystemId
    codes: frozenset[str]
    as_of: datetime
    file_sha256: str  #: lower-case hex


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery and what the list says of it."""

    delivery: Doubtful
    finding: Finding


def settlement(doubtful: Sequence[Doubtful], found: PartnerList, quiet: Callable[[str], timedelta]) -> tuple[Line, ...]:
    """Return what the list says of each delivery, in the order given. ``quiet`` is the system's by kind."""
    return tuple(Line(item, _finding(item, found, quiet(item.kind))) for item in doubtful)


def _finding(item: Doubtful, found: PartnerList, quiet: timedelta) -> Finding:
    if item.id in found.codes or item.message_id in found.codes:
        return Finding.LISTED
    named = found.codes.intersection(item.codes)
    if named:
        if named & item.shared:
            return Finding.UNCLEAR
        return Finding.LISTED if item.kind == SUBMITTED else Finding.NOT_TOLD
    since = item.closed_at or item.in_doubt_since
    if found.as_of - since < quiet or found.as_of <= since:
        return Finding.TOO_EARLY
    return Finding.SPOKEN if item.is_spoken_of else Finding.ABSENT


def wish(lines: Sequence[Line], found: PartnerList) -> Wish:
    """Return the proposal that does what the list says: these deliveries, in this doubt, and no others."""
    items = [
        {"delivery": line.delivery.id, "stamp": line.delivery.stamp, "decision": str(FOLLOWS[line.finding])}
        for line in lines
        if line.finding in FOLLOWS
    ][:MOST]
    parameters = {"as_of": found.as_of.isoformat(), "file_sha256": found.file_sha256, "items": items}
    decisions = [item["decision"] for item in items]
    return Wish(
        verb=Verb.SETTLE,
        target=Target.system(found.system),
        parameters=json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode(),
        facts={
            "delivered": str(decisions.count(Decision.DELIVERED)),
            "absent": str(decisions.count(Decision.ABSENT)),
            "as_of": found.as_of.isoformat(),
            "file_sha256": found.file_sha256,
        },
    )
