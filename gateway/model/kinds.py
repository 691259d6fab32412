"""What may be said of a dossier: every kind of event, its body, and who may state it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from gateway.core.kinds import WHOLE
from gateway.model import bodies
from gateway.model.types.dossier import Dossier
from gateway.model.types.fee import Fee
from gateway.model.types.progress import Progress
from gateway.model.types.result import Result
from gateway.model.types.shapes import Record
from gateway.model.types.supplement import Supplement


class Side(StrEnum):
    """Who states an event."""

    PORTAL = "portal"
    SYSTEM = "system"
    GATEWAY = "gateway"


class Standing(StrEnum):
    """What a name of a kind is to us."""

    KNOWN = "known"
    OPAQUE = "opaque"  #: ``x.<system>.<name>``: carried, never read
    RESERVED = "reserved"  #: ``shipment.*``, ``document.*``: lanes of their own, not served
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event. Its titles are in ``texts``, under ``kind.<name>``."""

    name: str
    data: type[Record]
    stated_by: frozenset[Side]
    required: tuple[str, ...] = ()  #: fields of ``data`` that this kind asks for beyond its type

    @property
    def whole(self) -> bool:
        """Whether it carries the whole dossier and so makes a revision."""
        return self.name in WHOLE


_PORTAL = frozenset({Side.PORTAL})
_SYSTEM = frozenset({Side.SYSTEM})
_BOTH = _PORTAL | _SYSTEM
_GATEWAY = frozenset({Side.GATEWAY})


def _kind(name: str, data: type[Record], by: frozenset[Side], *required: str) -> Kind:
    return Kind(name=name, data=data, stated_by=by, required=required)


_KINDS = (
    _kind("dossier.submitted", Dossier, _BOTH),
    _kind("dossier.amended", Dossier, _BOTH),
    _kind("amendment.requested", bodies.AmendmentRequest, _SYSTEM),
    _kind("dossier.transferred", bodies.Transfer, _SYSTEM),
    _kind("reference.assigned", bodies.Assignment, _BOTH),
    _kind("status.changed", bodies.StatusChange, _BOTH),
    _kind("progress.recorded", Progress, _BOTH),
    _kind("deadline.changed", bodies.DeadlineChange, _BOTH),
    _kind("supplement.requested", Supplement, _SYSTEM, "content"),
    _kind("supplement.submitted", bodies.SupplementAnswer, _PORTAL),
    _kind("supplement.closed", bodies.SupplementClosure, _SYSTEM),
    _kind("withdrawal.requested", bodies.Withdrawal, _PORTAL),
    _kind("withdrawal.accepted", bodies.Withdrawal, _SYSTEM | _GATEWAY),
    _kind("withdrawal.refused", bodies.Withdrawal, _SYSTEM, "reason"),
    _kind("fee.requested", Fee, _SYSTEM),
    _kind("fee.paid", bodies.FeePayment, _BOTH),
    _kind("fee.cancelled", bodies.FeePayment, _BOTH),
    _kind("fee.refunded", bodies.FeePayment, _BOTH),
    _kind("result.issued", Result, _SYSTEM),
    _kind("result.corrected", Result, _SYSTEM, "replaces"),
    _kind("result.revoked", bodies.Revocation, _SYSTEM),
    _kind("result.disputed", bodies.Dispute, _PORTAL),
    _kind("result.returned", bodies.Return, _PORTAL),
    _kind("relay.delivered", bodies.RelayNews, _GATEWAY),
    _kind("relay.delayed", bodies.RelayNews, _GATEWAY),
    _kind("relay.held", bodies.RelayNews, _GATEWAY),
    _kind("relay.refused", bodies.RelayNews, _GATEWAY),
    _kind("relay.cancelled", bodies.RelayNews, _GATEWAY),
    _kind("dossier.unmatched", bodies.Unmatched, _GATEWAY),
)
#: Every kind that the gateway reads, by name.
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})

_OPAQUE = re.compile(r"x\.([a-z][a-z0-9_]{0,40})\.([a-z][a-z0-9_.]{0,80})")
_RESERVED = ("shipment.", "document.")
_WILD = re.compile(r"[*?\[]")


def standing(kind: str) -> Standing:
    """Return what this name of a kind is to us."""
    if kind in KINDS:
        return Standing.KNOWN
    if kind.startswith(_RESERVED):
        return Standing.RESERVED
    return Standing.OPAQUE if _OPAQUE.fullmatch(kind) else Standing.UNKNOWN


def opaque_system(kind: str) -> str | None:
    """Return the system that ``x.<system>.<name>`` belongs to, None for any other kind."""
    match = _OPAQUE.fullmatch(kind)
    return match[1] if match else None


def is_met(pattern: str) -> bool:
    """Whether there can be an event of a kind that this shell-style pattern means; opaque ones are not looked into."""
    return pattern.startswith("x.") or any(fnmatchcase(kind, pattern) for kind in KINDS)


def is_met_by_family(pattern: str) -> bool:
    """Likewise of a kind by its name, of a family as ``dossier.*``, or of ``*``: no other pattern means any."""
    stem = "" if pattern == "*" else pattern.removesuffix(".*")
    return not _WILD.search(stem) and is_met(pattern)


def nearest(kind: str) -> str:
    """Return the known kind that is spelled most alike, or nothing."""
    found = difflib.get_close_matches(kind[:100], KINDS, n=1)
    return found[0] if found else ""


def data_type(kind: str) -> type[Record] | None:
    """Return the type of this kind's ``data``; None where it is carried opaque or not known."""
    known = KINDS.get(kind)
    return known.data if known else None


def may_state(kind: str, side: Side, *, system: str) -> bool:
    """Whether this side may state this kind; an opaque one belongs to the system it names."""
    known = KINDS.get(kind)
    if known:
        return side in known.stated_by
    owner = opaque_system(kind)
    return owner is not None and (owner == system or side in (Side.PORTAL, Side.GATEWAY))
