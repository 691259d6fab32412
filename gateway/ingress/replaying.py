"""Replays as bodies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from gateway.core.acts import By
from gateway.core.composing import composed
from gateway.core.delivery import STOPS, State
from gateway.core.ids import SystemId
from gateway.core.message import Actor
from gateway.core.proposals import ALONE, WITHIN, Proposal, needs_two
from gateway.core.reason import Why
from gateway.core.replay import (
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
from gateway.ingress.problems import Problem, need_zone, one_of
from gateway.ingress.proposing import proposal_body
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
from gateway.model.texts import text
from gateway.ops.replaying import ReplayDesk

_FIRST = 20  #: deliveries that a plan shows
_LEFT_OUT = 100  #: left-outs that a plan shows


async def plan(desk: ReplayDesk, language: str, asked: SelectionBody, actor: Actor) -> ReplayPlanBody:
    """Return what a replay would send, were it this person's. Raises Problem."""
    return _plan_body(await desk.choose(selection_of(asked), whose=actor), language)


async def begin(desk: ReplayDesk, language: str, asked: ReplayBody, by: By) -> BegunBody:
    """Begin or propose a replay. Raises Problem, NothingChosen, Unapprovable."""
    begun = await desk.begin(selection_of(asked.selection), plan_of(asked), by=by)
    if isinstance(begun, Proposal):
        requested, lately = (int(begun.wish.facts[name]) for name in ("requested", "lately"))
        return BegunBody(proposal=proposal_body(begun, language), why=_why_two(requested, lately, language))
    return BegunBody(replay=run_body(*await desk.run(begun.id), language))


async def steer(desk: ReplayDesk, language: str, run: str, steering: Steering, by: By) -> RunBody:
    """Pause, resume or cancel a replay. Raises UnknownRun, RunClosed."""
    return run_body(*await desk.steer(RunId(run), steering, by=by), language)


async def show(desk: ReplayDesk, language: str, run: str) -> RunBody:
    """Return one replay. Raises UnknownRun."""
    return run_body(*await desk.run(RunId(run)), language)


async def runs(desk: ReplayDesk, language: str, limit: int) -> RunsBody:
    """Return replays, the newest first."""
    return RunsBody(items=tuple(run_body(*found, language) for found in await desk.runs(limit=limit)))


async def items(desk: ReplayDesk, language: str, run: str, state: str, after: int, limit: int) -> ItemsBody:
    """Return a replay's deliveries. Raises UnknownRun, Problem."""
    wanted = one_of(ItemState, state or None, "state")
    found = await desk.items(RunId(run), wanted, after=after, limit=limit)
    return ItemsBody(items=tuple(_item_body(item, language) for item in found))


def selection_of(asked: SelectionBody) -> Selection:
    """Return a selection. Raises Problem where a word in it is none of ours, and where all that it names is blank."""
    state = one_of(State, asked.state or None, "state")
    if state not in {None, *STOPS}:
        raise Problem("parameter.invalid", name="state", expected=", ".join(sorted(STOPS)))
    need_zone('"since", "until"', asked.since, asked.until)
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


def plan_of(asked: ReplayBody) -> RunPlan:
    """Return how carefully a replay goes. Raises Problem."""
    try:
        return RunPlan(steps=asked.steps, rate=asked.rate, stop_at=asked.stop_at)
    except ValueError:
        raise Problem("request.invalid", where='"steps": [1-10000, …], "rate": 1-10000, "stop_at": 0-1') from None


def _plan_body(found: Choice, language: str) -> ReplayPlanBody:
    chosen = found.chosen
    return ReplayPlanBody(
        requested=len(chosen),
        lately=found.lately,
        second_person=needs_two(len(chosen), found.lately),
        why=_why_two(len(chosen), found.lately, language),
        more=found.more,
        by_system=_counts(item.system for item in chosen),
        by_reason=_counts(item.reason or "" for item in chosen),
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


def run_body(run: Run, tally: Tally, language: str) -> RunBody:
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


def _item_body(item: Item, language: str) -> ReplayItemBody:
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
