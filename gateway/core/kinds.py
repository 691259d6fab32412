"""What the relay must know of a kind of event; the bodies and titles are in ``gateway.model``."""

from __future__ import annotations

SUBMITTED = "dossier.submitted"
AMENDED = "dossier.amended"
STATUS_CHANGED = "status.changed"
REFERENCE_ASSIGNED = "reference.assigned"
WITHDRAWAL_REQUESTED = "withdrawal.requested"
WITHDRAWAL_ACCEPTED = "withdrawal.accepted"
WITHDRAWAL_REFUSED = "withdrawal.refused"
RESULT_ISSUED = "result.issued"
RESULT_CORRECTED = "result.corrected"
RESULT_REVOKED = "result.revoked"

RELAY_DELIVERED = "relay.delivered"
RELAY_DELAYED = "relay.delayed"
RELAY_HELD = "relay.held"
RELAY_REFUSED = "relay.refused"
RELAY_CANCELLED = "relay.cancelled"

#: Kinds that state the whole dossier and so make a new revision.
WHOLE = frozenset({SUBMITTED, AMENDED})

#: Kinds by which one dossier may begin or change those that follow from it.
CHAINING = frozenset({RESULT_ISSUED, RESULT_CORRECTED, RESULT_REVOKED, WITHDRAWAL_REQUESTED})

#: A dead or held one of these does not stop what comes after it.
_PASSING = frozenset({"progress.recorded", "deadline.changed", STATUS_CHANGED, WITHDRAWAL_REQUESTED})


def is_relay(kind: str) -> bool:
    """Whether the gateway itself speaks about the fate of a delivery."""
    return kind.startswith("relay.")


def blocks(kind: str) -> bool:
    """Whether a held or dead delivery of this kind stops its lane."""
    return kind not in _PASSING and not is_relay(kind)
