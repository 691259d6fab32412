"""What the doors of the attention list and the due dates answer with."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from gateway.ingress.bodies import Body, CodeBody, DeadlineBody


class DueBody(Body, frozen=True, kw_only=True):
    """A dossier that has a due date and has not ended; ``open_with``: who was sent it and has not ended it."""

    id: str  #: the gateway's id
    codes: tuple[CodeBody, ...] = ()  #: every code that is known
    source: str  #: the system that submitted it
    procedure: str = ""  #: national code of its procedure
    agency: str = ""  #: code of the agency that processes it
    open_with: tuple[str, ...] = ()  #: the systems that were sent it and have not ended it
    deadline: DeadlineBody  #: how its due date stands


class DueListBody(Struct, frozen=True, kw_only=True):
    """A page of due dates, the earliest first; ``next`` is the cursor of the following one. It may be short."""

    items: tuple[DueBody, ...]  #: the dossiers
    next: str = ""  #: ask with this ``cursor`` for more; empty at the end


class ExampleBody(Body, frozen=True, kw_only=True):
    """One of those that a cause concerns."""

    code: str = ""  #: the dossier's first code
    dossier_id: str = ""  #: the gateway's id of the dossier
    delivery_id: str = ""  #: names it in /v1/deliveries/{id}
    proposal_id: str = ""  #: names it in /v1/ops/proposals/{id}
    replay_id: str = ""  #: names it in /v1/ops/replays/{id}


class StepBody(Struct, frozen=True, kw_only=True):
    """What to do next, and the command to begin with."""

    text: str  #: what to do
    command: str  #: what to type


class EntryBody(Body, frozen=True, kw_only=True):
    """One cause: what happened, to how many (``more``: at least so many), since when, and what to do next."""

    key: str  #: the cause's stable name
    matter: str  #: restored, held, dead, failing, late, files, overdue, soon, silent, replay, proposal
    text: str  #: what happened, in words
    system: str  #: where it happened
    reason: str = ""  #: why: a stable code
    reason_text: str = ""  #: why, in words
    number: int  #: how many it concerns, 500 at most
    more: bool = False  #: whether there are more than were counted
    since: datetime  #: of the oldest
    examples: tuple[ExampleBody, ...] = ()  #: three at most
    next: StepBody  #: what to do next


class PressureBody(Body, frozen=True, kw_only=True):
    """What is short or wrong, what is refused for it, and what to do."""

    what: str  #: space, files (none is stored or read), backlog (of one system), database (full), read_only, put_back
    system: str = ""  #: whose backlog
    refuses: tuple[str, ...]  #: what is refused for it: new, known, back, claim; nothing else where it is files
    text: str  #: the same in words
    next: str  #: what to do


class AttentionBody(Struct, frozen=True, kw_only=True):
    """What needs a person, the most urgent first; ``next`` is the cursor of the following page.

    ``pressure``: why the gateway itself refuses what it is handed; as a serving gateway sees it.
    """

    items: tuple[EntryBody, ...]  #: the causes
    total: int  #: how many causes there are
    next: str = ""  #: ask with this ``cursor`` for more; empty at the end
    pressure: tuple[PressureBody, ...] = ()  #: why the gateway refuses what it is handed
