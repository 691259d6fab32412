"""``/v1/ops/replays``: many stopped deliveries sent again, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from aiohttp import web

from gateway.core.composing import composed
from gateway.core.delivery import STOPS, State
from gateway.core.ids import SystemId
from gateway.core.proposals import ALONE, WITHIN, Proposal, needs_two
from gateway.core.reason import Why
from gateway.core.replay import (
    MOST,
    Candidate,
    Choice,
    Item,
    ItemState,
    LeftOut,
    Run,
    RunId,
    RunPlan,
    Selection,
    Steering,
    Tally,
)
from gateway.ingress.asked import asked_of, by_of, reasoned
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import behind_of, limit_of
from gateway.ingress.problems import Problem, need_moments, one_of
from gateway.ingress.replay_bodies import (
    BegunBody,
    CandidateBody,
    ItemsBody,
    LeftOutBody,
    ReplayBody,
    ReplayItemBody,
    ReplayPlanBody,
    RunBody,
    RunsBody,
    SelectionBody,
)
from gateway.ingress.replies import reply
from gateway.ingress.rest_proposals import proposal_body
from gateway.model.texts import text

_CREATED = 201
_FIRST = 20  #: deliveries that a plan shows
_LEFT_OUT = 100  #: left-outs that a plan shows


async def plan(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/plans``: what a replay would send, and what it would leave out; nothing is done."""
    selection = _selection(await asked_of(request, SelectionBody))
    found = await doors_of(request).replays.choose(selection, whose=caller_of(request).actor)
    return reply(_plan(found, visit_of(request).language))


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays``: begin one, frozen now; a large one waits for a second person."""
    asked = await asked_of(request, ReplayBody)
    by, desk, language = by_of(request, asked), doors_of(request).replays, visit_of(request).language
    begun = await desk.begin(_selection(asked.selection), _care(asked), by=by)
    if isinstance(begun, Proposal):
        requested, lately = (int(begun.wish.facts[name]) for name in ("requested", "lately"))
        why = _why_two(requested, lately, language)
        return reply(BegunBody(proposal=proposal_body(begun, language), why=why), status=_CREATED)
    return reply(BegunBody(replay=_run(*await desk.run(begun.id), language)), status=_CREATED)


async def runs(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays?limit=``: the newest first."""
    found, language = await doors_of(request).replays.runs(limit=limit_of(request)), visit_of(request).language
    return reply(RunsBody(items=tuple(_run(*item, language) for item in found)))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}``: one, with its counts."""
    found = await doors_of(request).replays.run(RunId(request.match_info["id"]))
    return reply(_run(*found, visit_of(request).language))


async def items(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}/items?state=&behind=&limit=``: its deliveries in their order."""
    after, limit = behind_of(request, MOST), limit_of(request)
    state = one_of(ItemState, request.query.get("state") or None, "state")
    found = await doors_of(request).replays.items(RunId(request.match_info["id"]), state, after=after, limit=limit)
    language = visit_of(request).language
    return reply(ItemsBody(items=tuple(_item(item, language) for item in found)))


async def pause(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/pause``: release nothing more for now."""
    return await _steer(request, Steering.PAUSE)


async def resume(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/resume``: go on, also after it has stopped by itself."""
    return await _steer(request, Steering.RESUME)


async def cancel(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/cancel``: release nothing more; what is on its way is still counted."""
    return await _steer(request, Steering.CANCEL)


async def _steer(request: web.Request, steering: Steering) -> web.Response:
    by = await reasoned(request)
    steered = await doors_of(request).replays.steer(RunId(request.match_info["id"]), steering, by=by)
    return reply(_run(*steered, visit_of(request).language))


def _selection(asked: SelectionBody) -> Selection:
    """Return a selection. Raises Problem where a word in it is none of ours, and where all that it names is blank."""
    state = one_of(State, asked.state or None, "state")
    if state not in {None, *STOPS}:
        raise Problem("parameter.invalid", name="state", expected=", ".join(sorted(STOPS)))
    need_moments('"since", "until"', asked.since, asked.until)
    names = tuple(filter(None, (composed(name).strip() for name in asked.names)))
    if asked.names and not names:  # a script's empty variable: to name nothing would be to ask for everything
        raise Problem("request.invalid", where='"names": ["<1-100>", …]')
    return Selection(
        state=state,
        system=SystemId(asked.system) if asked.system else None,
        reason=one_of(Why, asked.reason or None, "reason"),
        kind=asked.kind,
        procedure=asked.procedure,
        since=asked.since,
        until=asked.until,
        names=tuple(dict.fromkeys(names)),
        amend=asked.amend,
    )


def _care(asked: ReplayBody) -> RunPlan:
    """Return how carefully a replay goes. Raises Problem."""
    try:
        return RunPlan(steps=asked.steps, rate=asked.rate, stop_at=asked.stop_at)
    except ValueError:
        raise Problem("request.invalid", where='"steps": [1-10000, …], "rate": 1-10000, "stop_at": 0-1') from None


def _plan(found: Choice, language: str) -> ReplayPlanBody:
    chosen = found.chosen
    return ReplayPlanBody(
        requested=len(chosen),
        lately=found.lately,
        second_person=needs_two(len(chosen), found.lately),
        why=_why_two(len(chosen), found.lately, language),
        more=found.more,
        by_system=_counts(item.system for item in chosen),
        by_reason=_counts(item.reason for item in chosen if item.reason),
        by_kind=_counts(item.kind for item in chosen),
        first=tuple(_candidate(item) for item in chosen[:_FIRST]),
        left_out=_counts(item.why for item in found.left_out),
        left_out_items=_left_out(found.left_out[:_LEFT_OUT], language),
    )


def _why_two(requested: int, lately: int, language: str) -> str:
    """Return why so many need a second person; nothing where they do not."""
    if not needs_two(requested, lately):
        return ""
    code = "large.at_once" if needs_two(requested, 0) else "large.lately"
    hours = WITHIN // timedelta(hours=1)
    return text(code, language, requested=requested, lately=lately, most=ALONE, hours=hours)


def _counts(names: Iterable[str]) -> dict[str, int]:
    return {str(name): number for name, number in Counter(names).most_common()}


def _left_out(found: Sequence[LeftOut], language: str) -> tuple[LeftOutBody, ...]:
    return tuple(
        LeftOutBody(name=item.name, why=str(item.why), text=text(f"left.{item.why}", language)) for item in found
    )


def _candidate(item: Candidate) -> CandidateBody:
    return CandidateBody(
        delivery_id=item.id,
        dossier_id=item.dossier_id,
        code=item.code,
        kind=item.kind,
        system=item.system,
        state=str(item.state),
        reason=str(item.reason or ""),
        stopped_at=item.stopped_at,
    )


def _run(run: Run, tally: Tally, language: str) -> RunBody:
    """Return a replay as operators read it."""
    return RunBody(
        id=run.id,
        state=str(run.state),
        text=text(f"run.{run.state}", language),
        begun_by=run.by.actor.name,
        reason=run.by.reason,
        made_at=run.made_at,
        ended_at=run.ended_at,
        selection=dict(run.words),
        steps=run.plan.steps,
        rate=run.plan.rate,
        stop_at=run.plan.stop_at,
        requested=tally.requested,
        chosen=tally.chosen,
        sent=tally.sent,
        done=tally.done,
        failed=tally.failed,
        skipped=tally.skipped,
    )


def _item(item: Item, language: str) -> ReplayItemBody:
    words = text(f"item.{item.state}", language)
    return ReplayItemBody(
        place=item.place,
        delivery_id=item.delivery,
        state=str(item.state),
        text=f"{words}: {text(f'left.{item.why}', language)}" if item.why else words,
        why=str(item.why or ""),
        sent_at=item.sent_at,
        ended_at=item.ended_at,
    )
