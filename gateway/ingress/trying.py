"""Mapping trials as bodies."""

from __future__ import annotations

from gateway.core.ids import SystemId
from gateway.core.reason import Reason
from gateway.core.whatif import MOST_FIELDS, Comparison, masked, shown
from gateway.ingress.bodies import ReasonBody
from gateway.ingress.trial_bodies import DifferenceBody, EditionBody, TrialBody, TrialsBody, TriedBody
from gateway.ingress.views import Eyes
from gateway.model.texts import text
from gateway.ops.whatif import Question, WhatIf
from gateway.ports.whatif import Edition


async def tried(what_if: WhatIf, eyes: Eyes, system: str, asked: TrialBody) -> TrialsBody:
    """Compare what two versions would send. Raises UnknownSystem, UnknownVersion, CannotOutline, ConfigError."""
    question = Question(
        system=SystemId(system),
        old=_edition(asked.old),
        new=_edition(asked.new),
        last=asked.last,
        skip=asked.skip,
        delivered=asked.delivered,
        reveals=asked.reveals,
    )
    found = await what_if.ask(question, actor=eyes.caller.actor)
    items = tuple(_tried(item, eyes.language, reveals=asked.reveals) for item in found.items)
    return TrialsBody(items=items, more=found.more, whole=found.whole)


def _edition(asked: EditionBody) -> Edition:
    return Edition(version=asked.version, mappings=asked.mappings)


def _tried(item: Comparison, language: str, *, reveals: bool) -> TriedBody:
    show = shown if reveals else masked
    return TriedBody(
        delivery_id=item.delivery,
        dossier_id=item.dossier,
        kind=item.kind,
        at=item.at,
        codes={code.scheme: code.value for code in item.codes},
        verdict=str(item.verdict),
        text=text(f"whatif.{item.verdict}", language),
        differences=tuple(
            DifferenceBody(path=one.path, old=show(one.old), new=show(one.new)) for one in item.changes[:MOST_FIELDS]
        ),
        more=max(0, len(item.changes) - MOST_FIELDS),
        old_problem=_problem(item.old_problem, language),
        new_problem=_problem(item.new_problem, language),
    )


def _problem(reason: Reason | None, language: str) -> ReasonBody | None:
    if reason is None:
        return None
    return ReasonBody(code=str(reason.code), text=text(f"reason.{reason.code}", language), words=reason.detail)
