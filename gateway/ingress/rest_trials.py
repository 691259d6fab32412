"""``/v1/ops/systems/{system}/mapping-trials``: what another version would send, before it does."""

from __future__ import annotations

from aiohttp import web

from gateway.core.ids import SystemId
from gateway.core.whatif import MOST_FIELDS, Comparison, masked, shown
from gateway.ingress.asked import asked_of
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.ingress.trial_bodies import DifferenceBody, EditionBody, TrialBody, TrialsBody, TriedBody
from gateway.ingress.views import Eyes
from gateway.model.texts import text
from gateway.ops.whatif import Question
from gateway.ports.whatif import Edition


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/mapping-trials``: nothing is sent; values only if asked for, shapes else."""
    asked, what_if = await asked_of(request, TrialBody), doors_of(request).what_if
    if what_if is None:
        raise Problem("not_found")
    question = Question(
        system=SystemId(request.match_info["system"]),
        old=_edition(asked.old),
        new=_edition(asked.new),
        last=asked.last,
        skip=asked.skip,
        delivered=asked.delivered,
    )
    found = await what_if.ask(question, actor=caller_of(request).actor)
    eyes = eyes_of(request)
    items = tuple(_tried(item, eyes, reveals=asked.reveals) for item in found.items)
    return reply(TrialsBody(items=items, more=found.more, whole=found.whole))


def _edition(asked: EditionBody) -> Edition:
    return Edition(version=asked.version, mappings=asked.mappings)


def _tried(item: Comparison, eyes: Eyes, *, reveals: bool) -> TriedBody:
    show = shown if reveals else masked
    return TriedBody(
        delivery_id=item.delivery,
        dossier_id=item.dossier,
        kind=item.kind,
        at=item.at,
        codes={code.scheme: code.value for code in item.codes},
        verdict=str(item.verdict),
        text=text(f"whatif.{item.verdict}", eyes.language),
        differences=tuple(
            DifferenceBody(path=one.path, old=show(one.old), new=show(one.new)) for one in item.changes[:MOST_FIELDS]
        ),
        more=max(0, len(item.changes) - MOST_FIELDS),
        old_problem=eyes.reason(item.old_problem),
        new_problem=eyes.reason(item.new_problem),
    )
