"""What intake answers for each item, beside what the store answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.message import Conflict, Exists, Receipt, Refused, Stale
from gateway.model.fault import Fault


@dataclass(frozen=True, slots=True)
class Faulty:
    """The item cannot be understood; every fault at once, in the sender's own names."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class InProgress:
    """The same dedup key is being accepted right now, for another call."""


#: What is no receipt.
Unaccepted: TypeAlias = Conflict | Exists | Stale | Refused | Faulty | InProgress
ItemAnswer: TypeAlias = Receipt | Unaccepted
