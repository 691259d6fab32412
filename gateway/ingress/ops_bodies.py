"""What the operators' doors read and answer with, beside ``bodies``."""

from __future__ import annotations

from msgspec import Struct

from gateway.ingress.bodies import ActBody, DeliveryBody


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator sends: unknown fields are refused."""


class ReasonedBody(Asked, frozen=True, kw_only=True):
    """Why it is done, in the operator's own words: 1 to 1000 characters."""

    reason: str


class JudgementBody(ReasonedBody, frozen=True, kw_only=True):
    """What the partner has: ``delivered``, ``absent`` or ``cancelled``; its codes of the dossier, by scheme."""

    verdict: str
    codes: dict[str, str] = {}


class DecidedBody(Struct, frozen=True, kw_only=True):
    """What was done, and how the delivery stands now."""

    act: ActBody
    delivery: DeliveryBody


class ActsBody(Struct, frozen=True, kw_only=True):
    """What people did, the newest first; ask ``before`` the last one's id for more."""

    items: tuple[ActBody, ...]
