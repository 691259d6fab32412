"""What an adapter can do: small capabilities, declared rather than guessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from gateway.core.asking import OpenDossier
from gateway.core.delivery import Delivery
from gateway.core.message import Blob, Draft, ItemResult, Payload, SourceStatus
from gateway.core.outcome import Finding, Outcome, Shadowed
from gateway.core.query import Answer, Query
from gateway.core.reason import Reason
from gateway.core.whatif import Outline
from gateway.ports.callers import Proof


@runtime_checkable
class Adapter(Protocol):
    """The one thing all adapters do."""

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        """Make one attempt before ``deadline`` (monotonic seconds).

        Never retries, sleeps or stores; never raises for what the partner does. ``delivery.id`` is the id shown to
        the partner, the same on every attempt.
        """
        ...


@runtime_checkable
class Looks(Protocol):
    """Can ask whether something has arrived."""

    def looks_up(self, kind: str) -> bool:
        """Whether a look-up is possible for this kind."""
        ...

    async def lookup(self, delivery: Delivery, *, deadline: float) -> Finding:
        """Ask the partner; Absent is its plain no (the relay applies the quiet time)."""
        ...


@runtime_checkable
class Rehearses(Protocol):
    """Can render and validate without sending: what shadow mode needs."""

    async def rehearse(self, delivery: Delivery) -> Shadowed | Outcome:
        """Return Shadowed with the digest of what would be sent, or the Rejected that rendering met."""
        ...


class Beside(Protocol):
    """The files beside the document of a call (MTOM, SOAP with Attachments), on their way until they are stored."""

    async def store(self, wanted: Collection[str]) -> Mapping[str, Blob]:
        """Read to the end of the call, and return the wanted files, durable, by Content-ID.

        To be awaited once. What it raises says that the call did not come whole: let it pass.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One part of a form: a text, or a file that is stored, durable, under the name that its sender gave it."""

    name: str
    text: str = field(default="", repr=False)
    file: Blob | None = None


class Form(Protocol):
    """A call that came as ``multipart/form-data`` (RFC 7578), still to be read."""

    async def read(self, *, texts: Collection[str], files: bool) -> Sequence[FormField]:
        """Read to the end of the call, and return its fields in order.

        Fields in ``texts`` are texts though their part has a file's name. Without ``files`` a file is read over, and
        left out. To be awaited once. What it raises says that the call did not come whole: let it pass.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A partner's own HTTP call to one of its call-back paths, already authenticated."""

    method: str
    path: str  #: below ``/callbacks/{system}/``
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Payload  #: the document alone, where files come beside it; empty where a form in parts is to be read
    files: Beside | None = field(default=None, repr=False)  #: None: the document came alone
    form: Form | None = field(default=None, repr=False)  #: None: it is no form in parts
    proof: str = field(default="", repr=False)  #: names this very call, where it may be made once only


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The reply in the partner's own format."""

    status: int
    body: Payload
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class CallUnreadable(Exception):
    """The call is not what the system's file declares; ``reply`` is the refusal in the partner's format."""

    def __init__(self, problem: str, reply: Rendered) -> None:
        super().__init__(problem)
        self.reply = reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A call as it was understood."""

    drafts: Sequence[Draft]
    render: Callable[[Sequence[ItemResult]], Rendered]  #: the reply that the system expects, after the durable accept


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """How a system shows who it is at a path: by one of these, or, where ``our_key``, by a key of ours.

    Where ``by_envelope``, also by what its SOAP envelope proves, as its file agrees for the SOAP door.
    """

    proofs: Sequence[Proof]
    our_key: bool
    by_envelope: bool = False
    secures: bool = False  #: envelopes in reply to whoever was let in carry what its file agrees for the SOAP door
    refusal: Rendered  #: for whoever shows nothing that holds

    @property
    def reads_body(self) -> bool:
        """Whether a call whose head shows nothing may still be known by its body."""
        return self.by_envelope or any(proof.reads_body for proof in self.proofs)


@runtime_checkable
class Outlines(Protocol):
    """Can show what it would send, to be compared by people: nothing is sent, and nothing signed."""

    async def outline(self, delivery: Delivery) -> Outline:
        """Return the calls in their order, each as fields by place, or why there are none."""
        ...


@runtime_checkable
class Receives(Protocol):
    """Understands the system's own call-backs."""

    def guard(self, path: str) -> Guard | None:
        """Return who may call a path; None where only a key of ours opens it, or there is none."""
        ...

    async def receive(self, call: Call) -> Received:
        """Return what the call states, its files stored; raises CallUnreadable, StoreFull, StoreUnavailable.

        What reading to the call's end raises passes, too.
        """
        ...


PAGE_MOST = 10_000  #: items of one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An item of a page of which no event can be made."""

    raw: Payload
    problem: str = ""  #: which fields, and what is wrong with them, for a person; never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a poll, of at most ``PAGE_MOST`` items."""

    drafts: Sequence[Draft]
    unreadable: Sequence[Unread]  #: kept raw as HELD; they never block the bookmark
    cursor: str
    more: bool


class NoAnswer(Exception):
    """The partner gave no answer that news could be read from; ``retry_after`` where it said when to ask again."""

    def __init__(self, reason: Reason, retry_after: timedelta | None = None) -> None:
        super().__init__(str(reason.code))
        self.reason = reason
        self.retry_after = retry_after


@runtime_checkable
class Polls(Protocol):
    """Is asked for news instead of calling us."""

    def streams(self) -> Sequence[str]:
        """Return the names of what is polled."""
        ...

    async def poll(
        self,
        stream: str,
        cursor: str,
        *,
        open_dossiers: Sequence[OpenDossier],
        deadline: float,
    ) -> Page:
        """Return the next page, its files stored; an empty one with the same cursor where there is no news.

        Raises NoAnswer, and StoreFull and StoreUnavailable where its files cannot be stored.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Which dossiers one question of a stream is about."""

    procedures: frozenset[str]
    limit: int  #: dossiers of one question


@runtime_checkable
class Asks(Polls, Protocol):
    """Is asked how dossiers stand, a number at a time, round and round.

    The cursor of a stream is the last dossier that was asked about: those that the system has open behind it are
    handed to ``poll``, fewer than the limit at the end of a round. An empty cursor begins the next one.
    """

    def turn(self, stream: str) -> Turn | None:
        """Return what the next question of a stream is about; None where it is not about dossiers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One dossier that the partner says it has."""

    codes: tuple[str, ...]
    status: SourceStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of what a partner has."""

    records: Sequence[Record]
    cursor: str
    more: bool


@runtime_checkable
class Lists(Protocol):
    """Can say which dossiers it has: what a comparison of the books asks, instead of a look-up for each."""

    async def records(self, cursor: str, *, deadline: float) -> ListPage:
        """Return the page behind a cursor, the first one for an empty cursor."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryField:
    """One thing that a question says, such as a tax code."""

    name: str
    required: bool = True
    pattern: str = ""  #: a regular expression that the whole value fits; empty: any text
    longest: int = 100  #: characters
    about: str = ""  #: what it is, for people


@dataclass(frozen=True, slots=True)
class QueryForm:
    """What one operation must and may be asked with."""

    fields: tuple[QueryField, ...]


@runtime_checkable
class Queries(Protocol):
    """Answers questions in the same call: a register, or a portal that knows every dossier by any code."""

    def queries(self) -> Mapping[str, QueryForm]:
        """Return what can be asked, by operation; empty where nothing can."""
        ...

    async def query(self, query: Query, *, deadline: float) -> Answer:
        """Ask once before ``deadline`` (monotonic seconds). What it is asked with fits its form.

        Never repeats by itself, never raises for what the partner does, and keeps nothing of the answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a probe found."""

    reachable: bool
    text: str = ""


@runtime_checkable
class Probes(Protocol):
    """Can be asked whether it is there, without an effect."""

    async def probe(self, *, deadline: float) -> Health:
        """Return whether the partner answers."""
        ...


@runtime_checkable
class Opens(Protocol):
    """Holds resources (connections, parsed WSDLs) that must be opened and closed."""

    async def open(self) -> None:
        """Load and connect what sending needs; raises ConfigError."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
