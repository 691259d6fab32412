"""One thing wrong in what a sender posted, and the error that carries all of them."""

from __future__ import annotations

from dataclasses import dataclass

FAULTS_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: never the value itself.

    ``code`` is stable: ``required type unknown_key length pattern range enum control stray not_allowed unchanged
    unfetchable differs kind_unknown kind_reserved json depth element order nil invalid``; of a file ``file.not_found``.
    """

    path: str  #: dotted, in the sender's own names: ``data.owner.phone``, ``items[3].DuLieu.ChuHoSo``
    code: str
    expected: str = ""  #: English; ``message`` says it in the reader's language
    suggestion: str = ""  #: the nearest known name, for an unknown key or kind


class Invalid(Exception):
    """What was posted cannot be accepted; ``faults`` names everything that is wrong, up to 100."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.path or '(body)'}: {fault.code}" for fault in faults))
        self.faults = faults[:FAULTS_LIMIT]
