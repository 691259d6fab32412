"""``/v1/ops/deliveries/{id}/…`` and ``/v1/ops/acts``: what operators decide, and what they did."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from gateway.core.acts import KNOWN_KINDS, ActId, Target, TargetKind
from gateway.core.codes import is_code
from gateway.core.composing import composed
from gateway.core.ids import DeliveryId
from gateway.core.judging import VERDICTS, Decision
from gateway.ingress.asked import asked_of, by_of
from gateway.ingress.doors import doors_of
from gateway.ingress.headers import limit_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.ops_bodies import ActsBody, DecidedBody, JudgementBody, ReasonedBody
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply

_MOST_CODES = 10


async def judge(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/judgement``: what the partner has of what stopped or is in doubt."""
    asked = await asked_of(request, JudgementBody)
    verdict, codes = _verdict(asked.verdict), _codes(asked.codes)
    return await _decide(request, verdict, asked, codes)


async def retry(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/retry``: send again what was refused or held before anything left."""
    return await _decide(request, Decision.RETRY, await asked_of(request, ReasonedBody))


async def skip(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/skip``: let the lane go on without it."""
    return await _decide(request, Decision.SKIP, await asked_of(request, ReasonedBody))


async def acts(request: web.Request) -> web.Response:
    """``GET /v1/ops/acts?target_kind=&target=&before=&limit=``."""
    found = await doors_of(request).decider.acts(
        _target(request),
        before=ActId(request.query["before"]) if "before" in request.query else None,
        limit=limit_of(request),
    )
    eyes = eyes_of(request)
    return reply(ActsBody(items=tuple(eyes.act(act) for act in found)))


async def _decide(
    request: web.Request, decision: Decision, asked: ReasonedBody, codes: Mapping[str, str] | None = None
) -> web.Response:
    decider, eyes, delivery = doors_of(request).decider, eyes_of(request), DeliveryId(request.match_info["id"])
    act = await decider.decide(delivery, decision, by=by_of(request, asked), codes=codes)
    view, attempts = await decider.delivery(delivery)
    return reply(DecidedBody(act=eyes.act(act), delivery=eyes.delivery(view, attempts)))


def _target(request: web.Request) -> Target | None:
    kind, target = request.query.get("target_kind"), request.query.get("target")
    if kind is None and target is None:
        return None
    if kind not in KNOWN_KINDS or not target:
        raise Problem("parameter.invalid", name="target_kind, target", expected=", ".join(KNOWN_KINDS))
    return Target(TargetKind(kind), target)


def _verdict(name: str) -> Decision:
    """Return the verdict of this name. Raises Problem."""
    if name not in VERDICTS:
        raise Problem("request.invalid", where=f'"verdict": {" | ".join(sorted(VERDICTS))}')
    return Decision(name)


def _codes(codes: Mapping[str, str]) -> Mapping[str, str]:
    """Return a partner's codes as they may be bound (model rule 9). Raises Problem."""
    clean = {scheme: composed(value).strip() for scheme, value in codes.items()}
    if len(clean) > _MOST_CODES or not all(is_code(text) for pair in clean.items() for text in pair):
        raise Problem("request.invalid", where='"codes": {"<scheme>": "<1-100>"}')
    return clean
