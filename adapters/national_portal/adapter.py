"""Sends dossiers, progress and states to the national portal, and takes the dossiers that arrive from it.

Requests, session and replies are the sdk's, told by ``dialect``; what is here is the order of calls: whether the portal
has a dossier already decides ``isUpdating``, a status is told in the dossier and as a note, and a dossier that came
from the portal is answered by its own service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from adapters.national_portal.dialect import AMENDED, PROGRESS, STATE, SUBMITTED, Options, Step, rest
from gateway.sdk import (
    Absent,
    Ambiguous,
    Blame,
    Call,
    Context,
    Delivered,
    Delivery,
    Doubt,
    Fields,
    Finding,
    Guard,
    Health,
    OnFirstExists,
    Outcome,
    Outline,
    Query,
    QueryAnswer,
    QueryForm,
    Reader,
    Reason,
    Received,
    Rejected,
    RestAdapter,
    Retryable,
    Shadowed,
    SystemConfig,
    Unknown,
    Use,
    Why,
    build_rest,
    in_order,
)

_SENT_AS = "sent_as"  #: the sdk's note of the kind that a delivery is sent as
_KNOWN = "known"  #: the fact that the portal has taken the dossier from us
_STATUS = "status"  #: the fact of the status that it was told last
_OPERATIONS: Mapping[Step, str] = {"progress": PROGRESS, "state": STATE}


class _Stated(msgspec.Struct, frozen=True):
    status: int | None = None


class _Event(msgspec.Struct, frozen=True):
    data: _Stated = _Stated()


class _Dossier(msgspec.Struct, frozen=True):
    origin: str = ""


class NationalPortal:
    """The adapter: several calls for one event, each kept as a note once it is done."""

    def __init__(self, config: SystemConfig, options: Options, inner: RestAdapter) -> None:
        self._config = config
        self._options = options
        self._rest = inner

    async def open(self) -> None:
        """Be ready to connect."""
        await self._rest.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._rest.close()

    async def probe(self, *, deadline: float) -> Health:
        """Return whether the portal answers at all."""
        return await self._rest.probe(deadline=deadline)

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        """Call the services of this event in order; what an earlier attempt has done is not repeated."""
        steps = self._steps(delivery)
        if not steps:
            return Rejected(reason=Reason(Why.NO_OPERATION))
        done: dict[str, str] = {}
        last = Delivered()
        for step in steps:
            if step in delivery.notes:
                continue
            outcome = await self._take(step, delivery, deadline)
            if not isinstance(outcome, Delivered):
                return _noting(outcome, done)
            last = replace(outcome, codes={**last.codes, **outcome.codes})
            done[step] = "done"
        return replace(last, facts={**last.facts, **_facts(delivery, {*steps})})

    def looks_up(self, kind: str) -> bool:
        """Whether existence proves it: of a dossier that was new, and of nothing else."""
        return kind == SUBMITTED

    async def lookup(self, delivery: Delivery, *, deadline: float) -> Finding:
        """Ask for the dossier. One that was there before proves nothing, but its update may be repeated."""
        if delivery.kind != SUBMITTED:
            return Unknown(reason=Reason(Why.LOOKUP_MISSING))
        if _SENT_AS not in delivery.notes:
            found = await self._rest.lookup(delivery, deadline=deadline, kind=SUBMITTED)
            return replace(found, facts=_facts(delivery, {"dossier"})) if isinstance(found, Delivered) else found
        repeats = self._config.declarations().of(AMENDED).doubt is Doubt.RESEND
        return Absent() if repeats else Unknown(reason=Reason(Why.LOOKUP_MISSING))

    async def rehearse(self, delivery: Delivery) -> Shadowed | Outcome:
        """Render what every step would send; the first that cannot be rendered is the answer."""
        calls: list[Shadowed] = []
        for step in self._steps(delivery):
            kind = _OPERATIONS.get(step, SUBMITTED if delivery.kind == SUBMITTED else AMENDED)
            found = await self._rest.rehearse(delivery, kind=kind)
            if not isinstance(found, Shadowed):
                return found
            calls.append(found)
        return in_order(calls) if calls else Rejected(reason=Reason(Why.NO_OPERATION))

    async def outline(self, delivery: Delivery) -> Outline:
        """Return the calls that would tell it, in their order, or why one of them cannot be written."""
        calls: list[Fields] = []
        for step in self._steps(delivery):
            kind = _OPERATIONS.get(step, SUBMITTED if delivery.kind == SUBMITTED else AMENDED)
            found = await self._rest.outline(delivery, kind=kind)
            if isinstance(found, Reason):
                return found
            calls += found
        return calls or Reason(Why.NO_OPERATION)

    def uses(self) -> Sequence[Use]:
        """Return where which mapping table is used."""
        return self._rest.uses()

    def queries(self) -> Mapping[str, QueryForm]:
        """Return what an officer can ask: a dossier by any code."""
        return self._rest.queries()

    async def query(self, query: Query, *, deadline: float) -> QueryAnswer:
        """Ask once."""
        return await self._rest.query(query, deadline=deadline)

    def guard(self, path: str) -> Guard | None:
        """Return who may call a path."""
        return self._rest.guard(path)

    async def receive(self, call: Call) -> Received:
        """Return what a call of the portal states; raises CallUnreadable."""
        return await self._rest.receive(call)

    def _steps(self, delivery: Delivery) -> tuple[Step, ...]:
        return self._options.steps_of(delivery.kind, theirs=self._is_theirs(delivery))

    def _is_theirs(self, delivery: Delivery) -> bool:
        """Whether the dossier came from the national portal: it says so, or has no code but the portal's."""
        if "national" in delivery.codes and "province" not in delivery.codes:
            return True
        document = delivery.dossier.document
        return document is not None and msgspec.json.decode(document.body, type=_Dossier).origin == self._options.origin

    async def _take(self, step: Step, delivery: Delivery, deadline: float) -> Outcome:
        kind = _OPERATIONS.get(step) or await self._way(delivery, deadline)
        return await self._rest.send(delivery, deadline=deadline, kind=kind) if isinstance(kind, str) else kind

    async def _way(self, delivery: Delivery, deadline: float) -> str | Outcome:
        """Return whether the dossier is sent as new or as an update: what we have sent is known, the rest is asked."""
        if _KNOWN in delivery.dossier.facts or delivery.notes.get(_SENT_AS) == AMENDED:
            return AMENDED
        if not self._options.ask_first:
            return SUBMITTED if delivery.kind == SUBMITTED else AMENDED
        finding = await self._rest.lookup(delivery, deadline=deadline, kind=SUBMITTED)
        match finding:
            case Absent():
                return SUBMITTED
            case Delivered():
                return self._met(delivery, finding)
            case Rejected():
                return finding
            case Unknown():
                return _unasked(finding)

    def _met(self, delivery: Delivery, finding: Delivered) -> str | Outcome:
        """The portal has a dossier that we may not have sent: only a first submission makes a question of it."""
        if delivery.kind != SUBMITTED:
            return AMENDED
        if delivery.in_doubt_since is not None:
            return finding
        reason = Reason(Why.ALREADY_EXISTS)
        if self._config.on_first_exists is OnFirstExists.SEND_AS_UPDATE:
            # Kept before the update is sent: a crash in between must not take the portal's yes for its arrival.
            return Retryable(reason=reason, notes={_SENT_AS: AMENDED}, trace=finding.trace)
        return Rejected(reason=reason, holds=True, trace=finding.trace)


def _unasked(finding: Unknown) -> Outcome:
    """Nothing was sent yet: ask again later, unless the question itself cannot be written."""
    if finding.reason.code is Why.CANNOT_RENDER:
        return Rejected(reason=finding.reason)
    return Retryable(reason=finding.reason, blame=Blame.SYSTEM, retry_after=finding.retry_after, trace=finding.trace)


def _noting(outcome: Retryable | Rejected | Ambiguous, done: Mapping[str, str]) -> Outcome:
    if isinstance(outcome, Rejected) or not done:
        return outcome
    return replace(outcome, notes={**outcome.notes, **done})


def _facts(delivery: Delivery, steps: set[Step]) -> dict[str, str]:
    """Return what the portal knows now: the dossier, and the status that later calls repeat where they state none."""
    stated = msgspec.json.decode(delivery.message.payload.body, type=_Event).data.status
    if stated is None and delivery.kind == SUBMITTED:
        stated = 1
    known = {_KNOWN: "1"} if "dossier" in steps else {}
    return known if stated is None else {**known, _STATUS: str(stated)}


def build(config: SystemConfig, context: Context) -> NationalPortal:
    """Build the adapter; raises ConfigError with every problem of its file."""
    reader = Reader(f"systems/{config.id}.toml")
    options = reader.read(Options, config.options, "options")
    if options is None:
        reader.check()
        raise AssertionError("a table that cannot be read is a problem")
    for kind in sorted(options.kinds() - {SUBMITTED}):
        if config.declarations().of(kind).doubt is Doubt.LOOKUP:
            text = "that the portal has the dossier does not prove that this has arrived"
            reader.wrong(f'doubt."{kind}"', text, 'declare "hold", or "resend" where the portal may have it twice')
    reader.check()
    inner = build_rest(msgspec.structs.replace(config, options=rest(options)), context)
    return NationalPortal(config, options, inner)
