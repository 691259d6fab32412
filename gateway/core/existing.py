"""What «already exists» means: a yes only where we may have sent it before (model: never a guess)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.core.kinds import AMENDED, SUBMITTED

#: The kind by which something that a partner has already is brought up to date.
UPDATES: Mapping[str, str] = MappingProxyType({SUBMITTED: AMENDED, "result.issued": "result.corrected"})
#: Kinds that change what a partner has: that it has something says nothing about them.
CHANGES = frozenset(UPDATES.values())


class OnFirstExists(StrEnum):
    """What a system's file wants where the partner has it already, and surely not from this delivery."""

    LOOKUP_COMPARE = "lookup_compare"  #: ask what it has: the same is delivered
    SEND_AS_UPDATE = "send_as_update"  #: send it as the kind that updates
    HOLD = "hold"  #: a person decides


class Existing(StrEnum):
    """What follows."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    COMPARE = "compare"
    UPDATE = "update"
    HELD = "held"


def existing(kind: str, *, in_doubt: bool, way: OnFirstExists) -> Existing:
    """Return what follows where a partner answers a send of this kind that it exists already."""
    if kind in CHANGES:
        return Existing.REFUSED
    if in_doubt:
        return Existing.DELIVERED
    if way is OnFirstExists.LOOKUP_COMPARE:
        return Existing.COMPARE
    return Existing.UPDATE if way is OnFirstExists.SEND_AS_UPDATE and kind in UPDATES else Existing.HELD
