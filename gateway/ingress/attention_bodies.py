"""What the doors of the attention list and the due dates answer with."""

from __future__ import annotations

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
