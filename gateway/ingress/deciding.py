"""Operators' decisions as bodies."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.acts import By
from gateway.core.codes import is_code
from gateway.core.composing import composed
from gateway.core.ids import DeliveryId
from gateway.core.judging import VERDICTS, Decision
from gateway.ingress.ops_bodies import DecidedBody
from gateway.ingress.problems import Problem
from gateway.ingress.views import Eyes
from gateway.ops.decisions import Decider

_MOST_CODES = 10


def verdict_of(name: str) -> Decision:
    """Return the verdict of this name. Raises Problem."""
    if name not in VERDICTS:
        raise Problem("request.invalid", where=f'"verdict": {" | ".join(sorted(VERDICTS))}')
    return Decision(name)


def codes_of(codes: Mapping[str, str]) -> Mapping[str, str]:
    """Return a partner's codes as they may be bound (model rule 9). Raises Problem."""
    clean = {scheme: composed(value).strip() for scheme, value in codes.items()}
    if len(clean) > _MOST_CODES or not all(is_code(text) for pair in clean.items() for text in pair):
        raise Problem("request.invalid", where='"codes": {"<scheme>": "<1-100>"}')
    return clean


async def decided(
    decider: Decider, eyes: Eyes, delivery: str, decision: Decision, *, by: By, codes: Mapping[str, str] | None = None
) -> DecidedBody:
    """Apply a decision; return the act and how the delivery stands. Raises UnknownDelivery, Undecidable."""
    act = await decider.decide(DeliveryId(delivery), decision, by=by, codes=codes)
    view, attempts = await decider.delivery(DeliveryId(delivery))
    return DecidedBody(act=eyes.act(act), delivery=eyes.delivery(view, attempts))
