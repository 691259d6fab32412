"""Holds what the gateway writes against what really happened, after every step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.breaker import Breaker
from gateway.core.delivery import FINAL, MOVES, STOPS, Lease, State, Step
from gateway.core.ids import OPERATORS, DeliveryId, DossierId, MessageId, NodeId, SystemId
from gateway.core.kinds import RESULT_ISSUED, SUBMITTED, WITHDRAWAL_REQUESTED
from gateway.core.message import Draft, Receipt
from gateway.core.outcome import Delivered, Result, Retryable, Shadowed, outcome_of
from gateway.core.rate import Rate
from gateway.core.reason import Why
from gateway.ports.store import Settlement
from gateway.stores.rows import DeliveryRow, Stored
from gateway.testing.simulation.faults import DARK, Fault, Rehearsal, Trouble
from gateway.testing.simulation.loop import here, who
from gateway.testing.simulation.partners import Partner
from gateway.testing.simulation.store import Written
from gateway.testing.simulation.versions import Versions


class Broken(StrEnum):
    """Which promise was broken."""

    LOST = "lost"  #: a receipt without its message, or delivered without an effect (G1, G2, G5)
    DOUBLED = "doubled"  #: a second effect, or a second send where only a person may allow it (G4)
    REORDERED = "reordered"  #: a lane out of order without a flag (G3)
    STUCK = "stuck"  #: not at rest though all had time (G2, G11)
    UNRULY = "unruly"  #: a move, a doubt, a pin or a receipt that no rule allows (G4, G7, G8)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    broken: Broken
    what: str
    at: float


#: A fault or trouble, and what it met: an outcome or a state.
Cell = tuple[str, str]
_ROUNDING = 1e-6  #: seconds
_UNSEEN = 0.25 + _ROUNDING  #: seconds by which a clock that is set may be taken for one that runs
_CONCLUSIVE = frozenset({"delivered", "retryable", "rejected", "shadowed"})


@dataclass(slots=True)
class Auditor:
    """One seed's. ``partners`` hold the true books of effects."""

    partners: Mapping[SystemId, Partner]
    time: Callable[[], float]
    sources: frozenset[SystemId] = frozenset({SystemId("portal")})  #: who submits, and is given nothing by it
    is_over: Callable[[NodeId], bool] = lambda _node: False  #: by the store: another has ended it, or it has itself
    trace: Callable[[str], None] | None = None
    steps: int = 0
    held: int = 0  #: how often something for a partner became HELD
    expected: int = 0  #: how often a HOLD partner was sent something and no verdict was settled
    rows: dict[DeliveryId, DeliveryRow] = field(default_factory=dict[DeliveryId, DeliveryRow])
    messages: set[MessageId] = field(default_factory=set[MessageId])
    met: Counter[Cell] = field(default_factory=Counter[Cell])
    violations: list[Violation] = field(default_factory=list[Violation])
    _lanes: defaultdict[tuple[SystemId, DossierId], list[DeliveryId]] = field(
        default_factory=lambda: defaultdict[tuple[SystemId, DossierId], list[DeliveryId]](list)
    )
    _faults: dict[str, Fault] = field(default_factory=dict[str, Fault])  #: by lease
    _results: dict[str, Result] = field(default_factory=dict[str, Result])  #: what the worker was told, by lease
    _settlements: dict[str, Settlement] = field(default_factory=dict[str, Settlement])
    _begun: set[str] = field(
        default_factory=set[str]
    )  #: leases under which a HOLD partner may have been sent something
    _doubtful: set[DeliveryId] = field(default_factory=set[DeliveryId])  #: expected to be held
    _receipts: dict[tuple[str, str], MessageId] = field(default_factory=dict[tuple[str, str], MessageId])
    _steps: Counter[str] = field(default_factory=Counter[str])  #: dossiers begun by a result, by their code
    _followed: set[DossierId] = field(default_factory=set[DossierId])  #: from which something follows
    _withdrawn: set[DossierId] = field(default_factory=set[DossierId])
    #: Lanes of which a person has ended something in doubt, whatever the partner has.
    _unclear: set[tuple[SystemId, DossierId]] = field(default_factory=set[tuple[SystemId, DossierId]])
    _told_at: dict[str, float] = field(default_factory=dict[str, float])  #: by lease
    _not_before: dict[DeliveryId, float] = field(default_factory=dict[DeliveryId, float])  #: by Retry-After
    _calls: dict[tuple[SystemId, int], tuple[Rate, list[float]]] = field(
        default_factory=dict[tuple[SystemId, int], tuple[Rate, list[float]]]
    )  #: by system and place
    again: set[DeliveryId] = field(default_factory=set[DeliveryId])  #: what a person sends again, whatever has passed
    versions: Versions = field(default_factory=Versions)
    _rehearsals: dict[str, Rehearsal] = field(default_factory=dict[str, Rehearsal])  #: by lease

    # --- Steps

    def step(self, what: str) -> None:
        """Count a step, and say what it is where somebody watches."""
        self.steps += 1
        if self.trace is not None:
            self.trace(what)

    def breaks(self, broken: Broken, what: str) -> None:
        """Note a broken promise."""
        self.violations.append(Violation(broken, what, self.time()))
        if self.trace is not None:
            self.trace(f"!!! {broken}: {what}")

    def trouble(self, trouble: Trouble) -> None:
        """Note what hits everything that is open."""
        self.step(str(trouble))
        for row in self.rows.values():
            if row.state not in FINAL:
                self.met[str(trouble), str(row.state)] += 1

    # --- Watcher

    def settling(self, settlement: Settlement) -> None:
        """Hear how a worker means to settle: a delivery only what its partner said so (G5)."""
        token = settlement.lease.token
        self._settlements[token] = settlement
        told = self._results.get(token)
        if settlement.transition.to is State.DELIVERED and not isinstance(told, Delivered):
            self.breaks(Broken.LOST, f"{settlement.lease.delivery_id} is recorded as delivered after {told}")
        if settlement.transition.to is State.CANCELLED and not isinstance(told, Shadowed):
            self.breaks(Broken.LOST, f"{settlement.lease.delivery_id} is recorded as rehearsed after {told}")

    def leased(self, token: str, version: str) -> None:
        """Hear under which version of the configuration a lease was given."""
        self.versions.leased(token, version)

    def committed(self, written: Written) -> None:
        """Look at every change of a transaction."""
        for stored in written.messages:
            self.messages.add(stored.id)
        self._follow(written.messages)
        if not written.rows:
            return
        self.step("commit" if self.trace is None else _words(written, self.rows))
        for row in written.rows:
            old = self.rows.get(row.id)
            self.rows[row.id] = row
            if old is None:
                self._appended(row)
            else:
                self._changed(old, row, by_person=written.by_person)
            if row.lease is not None and not written.by_accept:
                self._claimed(row, row.lease, old)
        self._placed(written.rows)

    def _claimed(self, row: DeliveryRow, lease: Lease, old: DeliveryRow | None) -> None:
        """A node that is over claims nothing, and takes nothing over."""
        before = old.lease.token if old is not None and old.lease is not None else ""
        if lease.token != before and self.is_over(lease.node):
            taken = "taken over" if before else "claimed"
            self.breaks(Broken.UNRULY, f"{row.id} is {taken} by {lease.node}, which is over")

    def _follow(self, messages: Sequence[Stored]) -> None:
        """A result begins the dossier that follows from it in its own transaction, and once."""
        begun = [stored.draft for stored in messages if stored.draft.step]
        for draft in begun:
            self._steps[draft.codes[0].value] += 1
            if self._steps[draft.codes[0].value] > 1:
                self.breaks(Broken.DOUBLED, f"{draft.codes[0].value} is begun again")
        for stored in messages:
            if stored.draft.kind == WITHDRAWAL_REQUESTED:
                self._withdrawn.add(stored.dossier_id)
            if stored.draft.kind == RESULT_ISSUED and not self._has_followed(stored, begun):
                self.breaks(Broken.LOST, f"{stored.draft.dedup_key} is a result from which nothing follows")

    def _has_followed(self, result: Stored, begun: Sequence[Draft]) -> bool:
        """Whether a result has begun something; a first one whose dossier was not withdrawn must."""
        is_first = result.dossier_id not in self._followed
        self._followed.add(result.dossier_id)
        is_due = is_first and result.dossier_id not in self._withdrawn
        return not is_due or any(draft.causes == result.id for draft in begun)

    def _appended(self, row: DeliveryRow) -> None:
        lane = self._lanes[row.destination, row.dossier_id]
        lane.append(row.id)
        if row.lane_seq != len(lane):
            self.breaks(Broken.REORDERED, f"{row.id} is number {row.lane_seq} of its lane, not {len(lane)}")

    def _placed(self, rows: Sequence[DeliveryRow]) -> None:
        """Deliveries may take one another's places of their lane; no place is taken twice, and none left empty."""
        for row in rows:
            lane = self._lanes[row.destination, row.dossier_id]
            lane.sort(key=lambda one: self.rows[one].lane_seq)
            if [self.rows[one].lane_seq for one in lane] != list(range(1, len(lane) + 1)):
                self.breaks(Broken.REORDERED, f"the lane of {row.id} has a place that is taken twice, or by nobody")

    def _changed(self, old: DeliveryRow, new: DeliveryRow, *, by_person: bool) -> None:
        if not _may_become(old.state, new.state):
            self.breaks(Broken.UNRULY, f"{new.id} went from {old.state} to {new.state}")
        sure = old.in_doubt_since is None and old.state is not State.LEASED
        if old.pinned is not None and new.pinned != old.pinned and not sure and not by_person:
            self.breaks(Broken.UNRULY, f"{new.id} changed its configuration from {old.pinned} to {new.pinned}")
        if new.knows != old.knows and not sure:
            self.breaks(Broken.UNRULY, f"{new.id} may have been taken, and changed the codes that it knows")
        self._doubt(old, new, by_person=by_person)
        if old.lease is not None:
            self._lease(old, new)
        if new.state is State.DELIVERED and old.state is not State.DELIVERED:
            self._delivered(old, new, by_person=by_person)
        if new.state is State.HELD and old.state is not State.HELD and new.destination != OPERATORS:
            self._held(new)

    def _doubt(self, old: DeliveryRow, new: DeliveryRow, *, by_person: bool) -> None:
        """Doubt ends by an answer, by a final no, or by a person; it never ends dead or cancelled by itself.

        Nor does it begin where nothing can have left; by another version than claimed it, nobody knows.
        """
        begins = old.in_doubt_since is None and new.in_doubt_since is not None
        version = self.versions.of(old.lease.token) if old.lease is not None else ""
        if begins and version == old.pinned and self.versions.rehearses(version, old):
            self.breaks(Broken.UNRULY, f"{new.id} is in doubt, and was only rehearsed")
        if old.in_doubt_since is None or new.in_doubt_since is not None:
            return
        if by_person:
            self.partners[new.destination].open_doubt.discard(new.id)
            if new.state is State.CANCELLED:
                self._unclear.add((new.destination, new.dossier_id))
            return
        asked = old.lease is not None and old.lease.token in self._faults
        looked = asked and old.step is Step.LOOKUP and new.state in {State.READY, State.DEAD}
        if new.state is not State.DELIVERED and not looked:
            self.breaks(Broken.UNRULY, f"{new.id} left its doubt for {new.state} by itself")

    def _lease(self, old: DeliveryRow, new: DeliveryRow) -> None:
        """Follow leases: what was begun at a HOLD partner and ends without a verdict is to be held."""
        assert old.lease is not None
        token = old.lease.token
        if new.lease is not None and new.lease.token == token:
            if new.lease.begun and not old.lease.begun:
                self._begun.add(token)
            return
        settlement = self._settlements.get(token) if new.settled_token == token else None
        attempt = settlement.attempt if settlement else None
        if attempt is not None:
            self._wait(token, new.id)
            fault = self._faults.get(token)
            for how in {fault, self._rehearsals.get(token)} - {None}:
                self.met[str(how), attempt.outcome] += 1
                self.met[str(how), str(new.state)] += 1
        if token not in self._begun or (attempt and attempt.outcome in _CONCLUSIVE):
            return
        if settlement is not None or new.state is State.LEASED:
            self._doubtful.add(new.id)
        elif token in self._faults:
            self.breaks(Broken.UNRULY, f"{new.id} is given back as unsent; {new.destination} was sent it")

    def _wait(self, token: str, row: DeliveryId) -> None:
        """Note until when a partner has asked us to wait."""
        result = self._results.get(token)
        if isinstance(result, Retryable) and result.retry_after is not None:
            self._not_before[row] = self._told_at[token] + result.retry_after.total_seconds()

    def _delivered(self, old: DeliveryRow, new: DeliveryRow, *, by_person: bool) -> None:
        partner = self.partners.get(new.destination)
        if partner is not None and not partner.has(new.id):
            who = "a person" if by_person else "the gateway"
            self.breaks(Broken.LOST, f"{new.id} is delivered, says {who}; {new.destination} does not have it")
        if old.state is not State.HELD:
            self._doubtful.discard(new.id)  # its own late answer came first

    def _held(self, row: DeliveryRow) -> None:
        self.held += 1
        why = row.reason.code if row.reason is not None else None
        if str(why) in DARK:
            self.met[str(why), "held"] += 1
        is_unknown = why is Why.NEVER_GIVEN and not self._is_given(row)
        is_dark = why is Why.SHADOW and self._is_dark(row)
        is_spent = why is Why.ATTEMPTS_EXHAUSTED and self._is_spent(row)
        if is_unknown or is_dark or is_spent or row.id in self._doubtful:
            self._doubtful.discard(row.id)
            self.expected += 1
        else:
            self.breaks(Broken.UNRULY, f"{row.id} for {row.destination} is held ({row.reason}), and need not be")

    def _is_dark(self, row: DeliveryRow) -> bool:
        """Whether something is in doubt, and its system or its route went over to shadow mode since."""
        return row.in_doubt_since is not None and self.versions.rehearses(self.versions.of(row.settled_token), row)

    def _is_spent(self, row: DeliveryRow) -> bool:
        """Whether something is in doubt, and has had its last try: surely nothing was taken by that one alone."""
        version = self.versions.of(row.settled_token)
        return row.in_doubt_since is not None and self.versions.is_spent(version, row)

    def _is_given(self, row: DeliveryRow) -> bool:
        """Whether the partner truly has anything of a delivery's dossier."""
        lane = self._lanes[row.destination, row.dossier_id]
        return any(self.partners[row.destination].has(one) for one in lane)

    # --- Partners

    def called(self, partner: Partner, delivery: DeliveryId | None) -> None:
        """Hear of a call: its gate must stand open, for this delivery too, and the rate must allow it."""
        gate = partner.gates[here()]
        rate = gate.terms.rate
        if gate.pause is not None or not gate.takes_calls():
            self.breaks(Broken.UNRULY, f"{partner.id} is called, and may not be")
        if delivery is not None and not gate.breaker.admits(delivery):
            self.breaks(Broken.UNRULY, f"{delivery} is sent to {partner.id}, whose breaker is {gate.breaker.phase}")
        if delivery is not None and self.is_over(NodeId(who())):
            self.breaks(Broken.UNRULY, f"{delivery} goes to {partner.id} by {who()}, which is over")
        self.met[_standing(gate.breaker), "called"] += 1
        if rate is not None:
            self.met["rate_limited", "called"] += 1
            self._rated(partner, rate)

    def _rated(self, partner: Partner, rate: Rate) -> None:
        """Hold the calls of one place since a rate came into force against it, in every stretch that ends now.

        Who joins or ends is heard of by the others a moment later, so that together they may be above it meanwhile.
        """
        caller = partner.id, here()
        now, (before, calls) = self.time(), self._calls.get(caller, (rate, []))
        calls = [*calls, now] if before == rate else [now]
        self._calls[caller] = rate, calls
        for number, since in enumerate(reversed(calls), start=1):
            if number > rate.burst + (now - since) / rate.interval + _ROUNDING:
                self.breaks(Broken.UNRULY, f"{partner.id} is called {number} times in {now - since:.1f} s, of {rate}")
                return

    def sending(self, partner: Partner, row: DeliveryId, token: str, fault: Fault) -> None:
        """Hear that a request arrives: what stands before it in its lane must be passed."""
        self.step(f"send {row} to {partner.id}: {fault}")
        self._faults[token] = fault
        mine = self.rows[row]
        if self.time() < self._not_before.get(row, 0.0) - _UNSEEN and row not in self.again:
            self.breaks(Broken.UNRULY, f"{row} is sent to {partner.id} earlier than it asked for")
        if mine.in_doubt_since is None and self.versions.is_off(mine.pinned, partner.id):
            self.breaks(Broken.UNRULY, f"{row} is sent to {partner.id}, which is off by {mine.pinned}")
        self._leaves(mine, token)
        for other in self._lanes[mine.destination, mine.dossier_id]:
            if other == row:
                return
            if self.rows[other].stands and row not in self.again:
                self.breaks(Broken.REORDERED, f"{row} is sent to {partner.id} before {other} is settled")

    def _leaves(self, row: DeliveryRow, token: str) -> None:
        """Hold a first byte against its lease: it says that there may be one, and was not given to rehearse."""
        if self.versions.rehearses(self.versions.of(token), row):
            self.breaks(Broken.UNRULY, f"{row.id} goes to {row.destination}, and was to be rehearsed")
        if row.lease is not None and row.lease.token == token and not row.lease.begun:
            self.breaks(Broken.UNRULY, f"{row.id} goes to {row.destination}, and nothing says that it has begun")

    def asked(self, row: DeliveryId, token: str, fault: Fault) -> None:
        """Hear that a partner is asked: it is not about what is rehearsed."""
        self.step(f"look up {row}: {fault}")
        self._faults[token] = fault
        if self.versions.rehearses(self.versions.of(token), self.rows[row]):
            self.breaks(Broken.UNRULY, f"{self.rows[row].destination} is asked about {row}, which was to be rehearsed")

    def rehearsed(self, row: DeliveryId, token: str, how: Rehearsal) -> None:
        """Hear that something is rehearsed: it must have been claimed for that, or nobody will ever send it."""
        self.step(f"rehearse {row}: {how}")
        self._rehearsals[token] = how
        if not self.versions.rehearses(self.versions.of(token), self.rows[row]):
            self.breaks(Broken.LOST, f"{row} is rehearsed, and was to be sent to {self.rows[row].destination}")

    def told(self, token: str, result: Result) -> None:
        """Hear what the worker was told."""
        self._results[token] = result
        self._told_at[token] = self.time()
        if self.trace is not None:
            self.trace(f"told {outcome_of(result)}")

    def effect(self, partner: Partner, row: DeliveryId, key: str) -> None:
        """Hear of a true effect: one per business key, in the order of its lane.

        What is held in doubt, and of a kind that its lane passes, may still take effect at a slow partner: it left in
        order, and what follows it is flagged.
        """
        self.step(f"effect of {row} ({key}) at {partner.id}")
        if partner.effects[key] > 1:
            self.breaks(Broken.DOUBLED, f"{key} took effect {partner.effects[key]} times at {partner.id}")
        mine = self.rows[row]
        lane = mine.destination, mine.dossier_id
        begins = mine.kind == SUBMITTED or partner.id in self.sources or self._is_unopened(lane)
        if not begins and lane not in self._unclear and lane not in partner.last:
            self.breaks(Broken.UNRULY, f"{row} is a {mine.kind}, and {partner.id} was never given the dossier")
        last = partner.last.get(lane, 0)
        if mine.lane_seq < last and row not in self.again and not _is_passed(mine):
            self.breaks(Broken.REORDERED, f"{row} ({mine.lane_seq} of its lane) took effect after {last}")
        partner.last[lane] = max(last, mine.lane_seq)

    def _is_unopened(self, lane: tuple[SystemId, DossierId]) -> bool:
        """Whether the submission was rehearsed, or its system off then: another way may have given it the dossier."""
        submitted = [self.rows[one] for one in self._lanes[lane] if self.rows[one].kind == SUBMITTED]
        if not submitted:
            return self.versions.was_ever_off(lane[0])
        return any(one.reason is not None and one.reason.code is Why.SHADOW for one in submitted)

    def sent_again(self, partner: Partner, row: DeliveryId) -> None:
        """Hear that a partner which promises nothing is sent what it may have, and no person said so."""
        self.breaks(Broken.DOUBLED, f"{row} is sent to {partner.id} again without a decision")

    # --- Doors

    def receipt(self, source: str, key: str, receipt: Receipt) -> None:
        """Hear of a promise: its message must be there, and the same as before (G1, G7)."""
        self.step(f"receipt for {key}")
        if receipt.message_id not in self.messages:
            self.breaks(Broken.LOST, f"{key} of {source} has a receipt and no message")
        first = self._receipts.setdefault((source, key), receipt.message_id)
        if first != receipt.message_id:
            self.breaks(Broken.UNRULY, f"{key} of {source} has two receipts: {first}, {receipt.message_id}")

    # --- The end

    def _open(self) -> list[DeliveryRow]:
        """Return what still has to move by itself."""
        moving: list[DeliveryRow] = []
        for lane in self._lanes.values():
            for delivery in lane:
                row = self.rows[delivery]
                if row.state in STOPS and row.blocks:
                    break
                if row.state not in FINAL | STOPS:
                    moving.append(row)
        return moving

    def close(self) -> None:
        """Look at the whole once more, when all had time to come to rest."""
        for row in self._open():
            self.breaks(Broken.STUCK, f"{row.id} for {row.destination} is still {row.state}")
        self.expected += len(self._doubtful)  # what should have been held and was not
        for row in self.rows.values():
            partner = self.partners.get(row.destination)
            if partner is None:
                continue
            count = partner.count_of(row.id)
            if row.state is State.DELIVERED and count != 1:
                self.breaks(Broken.LOST if not count else Broken.DOUBLED, f"{row.id} took effect {count} times")
            if row.state in {State.DEAD, State.CANCELLED} and count:
                self.breaks(Broken.UNRULY, f"{row.id} is {row.state} and took effect at {row.destination}")


def _standing(breaker: Breaker) -> str:
    """Return how a breaker stands at a call, as ``faults.GATES`` has it."""
    return f"breaker_{breaker.phase}" if breaker.ramp is None else f"breaker_{breaker.phase}_slowly"


def _is_passed(row: DeliveryRow) -> bool:
    """Whether its kind's rule let the lane go on past it."""
    return row.state in STOPS and not row.blocks


def _may_become(old: State, new: State) -> bool:
    """Whether one move, or one by way of READY within a transaction, leads there."""
    return old is new or new in MOVES[old] or (State.READY in MOVES[old] and new in MOVES[State.READY])


def _words(written: Written, before: Mapping[DeliveryId, DeliveryRow]) -> str:
    moves: list[str] = []
    for row in written.rows:
        was = before[row.id].state if row.id in before else "new"
        moves.append(f"{row.id[-4:]}@{row.destination}#{row.lane_seq}:{was}>{row.state}")
    return ("person " if written.by_person else "") + " ".join(moves)
