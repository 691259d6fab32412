"""One entry for single events, batches, call-backs and SOAP: authorise, find the files, accept durably."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from gateway.core.hot_value import hot_value
from gateway.core.ids import FileId, SystemId
from gateway.core.message import Blob, Draft, ItemResult, Known, Payload, PendingFile, Plan, Receipt, Refused
from gateway.core.planning import Planned, Planner, Planning
from gateway.core.reason import Reason, Why
from gateway.core.routing import Role
from gateway.exchange.shield import to_its_end
from gateway.intake.results import Faulty, InProgress, ItemAnswer
from gateway.model.drafts import NamedFiles, Stated, draft, named_files
from gateway.model.event import ReadEvent
from gateway.model.fault import Fault
from gateway.model.kinds import Side, may_state
from gateway.model.places import PLAIN, Origin, addresses_of, places_of, unlike
from gateway.ports.store import Accepted, Files, Inbox, Slots
from gateway.security.keys import Caller

FILE_NOT_FOUND = "file.not_found"
_FETCHABLE = "an address outside this network, or with scheme, host and port of a system's endpoint"

_Key: TypeAlias = tuple[SystemId, str, str]
_SIDES = {Role.PORTAL: Side.PORTAL, Role.SYSTEM: Side.SYSTEM}


def no_slots() -> Slots | None:
    """Return no room: nothing is leased while it is accepted."""
    return None


async def nobody(_accepted: Accepted, _slots: Slots | None) -> None:
    """Tell nobody."""


def anywhere(_url: str) -> bool:
    """Let every address be fetched from."""
    return True


@hot_value
class Item:
    """One event as a door has read it."""

    read: ReadEvent
    dedup_key: str | None = None
    proof: str | None = None  #: of its call, and which of the items this is: as ``Draft.proof``
    raw: Payload | None = None  #: what was really sent, where it differs from the canonical JSON
    if_match: int | None = None
    origin: Origin = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeGear:
    """What intake works with."""

    inbox: Inbox
    files: Files
    planning: Planning
    slots: Callable[[], Slots | None] = no_slots
    on_accepted: Callable[[Accepted, Slots | None], Awaitable[None]] = nobody  #: hands leases on, wakes who waits
    may_fetch: Callable[[str], bool] = anywhere  #: whether a file can ever come from an address


@dataclass(slots=True)
class _Batch:
    """A call's items, sorted into those that are answered already and those to be accepted."""

    answers: dict[int, ItemAnswer] = field(default_factory=dict[int, ItemAnswer])
    drafts: dict[int, Draft] = field(default_factory=dict[int, Draft])
    barred: dict[int, Faulty] = field(default_factory=dict[int, Faulty])
    """What is said of drafts of which a file can never come, unless their source has said the same before."""


class Intake:
    """Door to durable."""

    def __init__(self, gear: IntakeGear) -> None:
        self._gear = gear
        self._under_way: set[_Key] = set()

    def turned(self, gear: IntakeGear) -> Intake:
        """Return one that works with other gear, and knows what this one has under way."""
        other = Intake(gear)
        other._under_way = self._under_way
        return other

    @property
    def planning(self) -> Planning:
        """Return the plan by which everything is accepted."""
        return self._gear.planning

    def role_of(self, caller: Caller) -> Role | None:
        """Return the side on which the caller's system stands; None for operators and for unknown systems."""
        connected = self._gear.planning.book.systems.get(caller.system) if caller.system else None
        return connected.role if connected else None

    async def accept(self, items: Sequence[Item | Faulty], caller: Caller, operation: str) -> tuple[ItemAnswer, ...]:
        """Accept each item; one answer per item, in order. What could not be read passes through as its answer.

        Raises StoreUnavailable and StoreFull, for all items alike.
        """
        batch, count = await self._drafted(items, caller, operation), len(items)
        del items  # what was read need not be kept while the store is waited for
        return await self._finish(batch, count)

    async def _drafted(self, items: Sequence[Item | Faulty], caller: Caller, operation: str) -> _Batch:
        batch = _Batch()
        for position, item in enumerate(items):
            answer = item if isinstance(item, Faulty) else await self._draft(item, caller, operation)
            _sort_in(batch, position, answer)
            if isinstance(item, Item) and isinstance(answer, Draft) and (urls := self._unfetchable(answer.pending)):
                batch.barred[position] = Faulty(tuple(_barred(item, urls)))
        return batch

    async def accept_drafts(self, drafts: Sequence[Draft], caller: Caller) -> tuple[ItemAnswer, ...]:
        """Accept what an adapter made of its system's own call."""
        batch = _Batch()
        for position, item in enumerate(drafts):
            allowed = item.source == caller.system and self._may_state(caller, item.kind)
            stated = replace(item, actor=caller.actor)  # with what it showed: a key, a certificate
            _sort_in(batch, position, stated if allowed else Refused(Reason(Why.KIND_NOT_YOURS, item.kind)))
        return await self._finish(batch, len(drafts))

    async def _draft(self, item: Item, caller: Caller, operation: str) -> Draft | ItemAnswer:
        """Return the draft of an item, or why there is none."""
        source = caller.system
        if source is None or not self._may_state(caller, item.read.event.kind):
            return Refused(Reason(Why.KIND_NOT_YOURS, item.read.event.kind))
        named = named_files(item.read)
        blobs = await self._blobs(named, source)
        missing = [file for file in named.ids if file not in blobs]
        faults = (*_missing(item, missing), *unlike(item.read, blobs, named.pending, item.origin))
        if faults:
            return Faulty((*faults, *_barred(item, self._unfetchable(named.pending))))
        return draft(
            item.read,
            Stated(
                source=source,
                operation=operation,
                actor=caller.actor,
                dedup_key=item.dedup_key,
                proof=item.proof,
                blobs=blobs,
                files=named,
                raw=item.raw,
                if_match=item.if_match,
            ),
        )

    def _may_state(self, caller: Caller, kind: str) -> bool:
        role = self.role_of(caller)
        return role is not None and may_state(kind, _SIDES[role], system=caller.system or "")

    async def _blobs(self, named: NamedFiles, source: SystemId) -> Mapping[FileId, Blob]:
        """Return the named uploads that this caller may refer to."""
        found = {file: await self._gear.files.file(file, caller=source) for file in named.ids}
        return {file: blob for file, blob in found.items() if blob is not None}

    async def _finish(self, batch: _Batch, count: int) -> tuple[ItemAnswer, ...]:
        mine = self._claim(batch)
        try:
            if batch.drafts:
                await to_its_end(self._store(batch))  # what was leased in it is handed on, though its caller has gone
        finally:
            self._under_way -= mine
        return tuple(batch.answers[position] for position in range(count))

    async def _store(self, batch: _Batch) -> None:
        gear = self._gear
        slots = gear.slots()
        drafts = tuple(batch.drafts.values())
        accepted = await gear.inbox.accept(drafts, plan=self._plan(drafts), slots=slots)
        for position, result in zip(batch.drafts, accepted.results, strict=True):
            batch.answers[position] = batch.barred.get(position, result) if _is_barred(result) else result
        if any(isinstance(result, Receipt) and not result.duplicate for result in accepted.results):
            await gear.on_accepted(accepted, slots)

    def _plan(self, drafts: Sequence[Draft]) -> Planner:
        """Return the plan, by which a file that can never come refuses what is new, and nothing that was promised."""
        planning = self._gear.planning
        barred = [draft for draft in drafts if self._unfetchable(draft.pending)]
        if not barred:
            return planning

        def planned(draft: Draft, known: Known) -> Planned:
            found = planning(draft, known)
            if isinstance(found, Plan) and any(draft is one for one in barred):
                return Refused(Reason(Why.UNFETCHABLE))
            return found

        return planned

    def _unfetchable(self, pending: Iterable[PendingFile]) -> list[str]:
        """Return the addresses that no file can ever come from."""
        return [file.url for file in pending if not self._gear.may_fetch(file.url)]

    def _claim(self, batch: _Batch) -> set[_Key]:
        """Hold the batch's dedup keys; what another call holds already is answered as in progress."""
        mine: set[_Key] = set()
        for position, item in list(batch.drafts.items()):
            if item.dedup_key is None:
                continue
            key = (item.source, item.operation, item.dedup_key)
            if key in self._under_way:
                batch.answers[position] = InProgress()
                del batch.drafts[position]
            else:
                mine.add(key)
        self._under_way |= mine
        return mine


def _is_barred(result: ItemResult) -> bool:
    return isinstance(result, Refused) and result.reason.code is Why.UNFETCHABLE


def _sort_in(batch: _Batch, position: int, answer: Draft | ItemAnswer) -> None:
    if isinstance(answer, Draft):
        batch.drafts[position] = answer
    else:
        batch.answers[position] = answer


def _missing(item: Item, files: Iterable[FileId]) -> Iterator[Fault]:
    """Say wherever an unknown file is named."""
    for path in (path for file in files for path in places_of(item.read, file, item.origin)):
        yield Fault(path=path, code=FILE_NOT_FOUND, expected="id of a file that you uploaded or were sent")


def _barred(item: Item, urls: Iterable[str]) -> Iterator[Fault]:
    """Say wherever an address is named that no file can come from: its delivery would wait for ever."""
    for path in (path for url in urls for path in addresses_of(item.read, url, item.origin)):
        yield Fault(path=path, code="unfetchable", expected=_FETCHABLE)
