"""What the doors of the attention list and the due dates answer with."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from gateway.ingress.bodies import Body, CodeBody, DeadlineBody


class DueBody(Body, frozen=True, kw_only=True):
    """A dossier that has a due date and has not ended; ``open_with``: who was sent it and has not ended it."""

    id: str
    codes: tuple[CodeBody, ...] = ()
    source: str
    procedure: str = ""
    agency: str = ""
    open_with: tuple[str, ...] = ()
    deadline: DeadlineBody


class DueListBody(Struct, frozen=True, kw_only=True):
    """A page of due dates, the earliest first; ``next`` is the cursor of the following one. It may be short."""

    items: tuple[DueBody, ...]
    next: str = ""


class ExampleBody(Body, frozen=True, kw_only=True):
    """One of those that a cause concerns."""

    code: str = ""
    dossier_id: str = ""
    delivery_id: str = ""
    proposal_id: str = ""
    replay_id: str = ""


class StepBody(Struct, frozen=True, kw_only=True):
    """What to do next, and the command to begin with."""

    text: str
    command: str


class EntryBody(Body, frozen=True, kw_only=True):
    """One cause: what happened, to how many (``more``: at least so many), since when, and what to do next."""

    key: str
    matter: str
    text: str
    system: str
    reason: str = ""
    reason_text: str = ""
    number: int
    more: bool = False
    since: datetime
    examples: tuple[ExampleBody, ...] = ()
    next: StepBody


class PressureBody(Body, frozen=True, kw_only=True):
    """What is short (``space``, or one system's ``backlog``), what is refused for it, and what to do."""

    what: str
    system: str = ""
    refuses: tuple[str, ...]
    text: str
    next: str


class AttentionBody(Struct, frozen=True, kw_only=True):
    """What needs a person, the most urgent first; ``next`` is the cursor of the following page.

    ``pressure``: why the gateway itself refuses what it is handed; as a serving gateway sees it.
    """

    items: tuple[EntryBody, ...]
    total: int
    next: str = ""
    pressure: tuple[PressureBody, ...] = ()
