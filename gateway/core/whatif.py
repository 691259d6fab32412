"""What one version of a system's files would send beside what another would: field by field, values masked or not."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.ids import DeliveryId, DossierId
from gateway.core.message import Code
from gateway.core.reason import Reason

MOST = 200  #: deliveries that are compared at once
MOST_FIELDS = 200  #: that are shown of one delivery
_LONGEST = 200  #: characters that are shown of one value

ADDRESS = ":address"  #: the place of method and address
BYTES = ":bytes"  #: the place of what a call is known by: what differs in no field, differs there

#: The fields of one call by their place, ``hoSo.tep[0].ten``.
Fields = Mapping[str, str]
#: The calls that send one delivery, or why it cannot be written.
Outline = Sequence[Fields] | Reason


class Verdict(StrEnum):
    """What becomes of one delivery. Stable; each has words in the catalogue under ``whatif``."""

    SAME = "same"
    DIFFERS = "differs"
    BREAKS = "breaks"  #: it can be written by the old version, and not by the new
    MENDS = "mends"  #: it can be written by the new version, and not by the old
    NEITHER = "neither"  #: neither can write it


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that differs; None where a side does not send it."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One delivery, written twice."""

    delivery: DeliveryId
    dossier: DossierId
    kind: str
    at: datetime  #: when it was accepted
    codes: tuple[Code, ...]  #: of the dossier, both sides'
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    old_problem: Reason | None = None
    new_problem: Reason | None = None


def verdict_of(old: Outline, new: Outline) -> Verdict:
    """Return what a new version means for a delivery."""
    if isinstance(old, Reason) or isinstance(new, Reason):
        if isinstance(old, Reason):
            return Verdict.NEITHER if isinstance(new, Reason) else Verdict.MENDS
        return Verdict.BREAKS
    return Verdict.SAME if list(old) == list(new) else Verdict.DIFFERS


def changes_of(old: Outline, new: Outline) -> tuple[Change, ...]:
    """Return the fields that differ, in the order in which they leave."""
    before, after = _flat(old), _flat(new)
    paths = dict.fromkeys((*after, *before))
    found = (Change(path=path, old=before.get(path), new=after.get(path)) for path in paths)
    changes = [change for change in found if change.old != change.new]
    return tuple(change for change in changes if not change.path.endswith(BYTES)) or tuple(changes)


def masked(text: str | None) -> str | None:
    """Return the shape of a value and nothing of what it says: «Lò Văn Mẫu» is «Xx Xxx Xxx», a number all nines."""
    return None if text is None else "".join(map(_mask, text[:_LONGEST]))


def shown(text: str | None) -> str | None:
    """Return a value, cut where it is long."""
    return text if text is None or len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _flat(outline: Outline) -> dict[str, str]:
    """Return the fields of all calls; those of the second call on have its number before them."""
    if isinstance(outline, Reason):
        return {}
    return {
        f"({number}) {path}" if number > 1 else path: text
        for number, fields in enumerate(outline, start=1)
        for path, text in fields.items()
    }


def _mask(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Lu", "Lt"):
        return "X"
    if kind[0] == "L":
        return "x"
    if kind[0] == "M":
        return ""
    return "9" if kind[0] == "N" else letter
