"""What the door of adoptions reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.adoption import MOST
from gateway.ingress.bodies import CodeBody
from gateway.ingress.ops_bodies import ReasonedBody

_Text = Annotated[str, Meta(max_length=100)]


class AdoptionStatusBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A status as it stood: its national number, or the system's own code and words."""

    status: Annotated[int, Meta(ge=1, le=10)] | None = None
    code: _Text = ""
    text: Annotated[str, Meta(max_length=1000)] = ""


class AdoptionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dossier at a system that has it: its place in the list, its codes, and how it stood there at ``synced_at``."""

    row: Annotated[int, Meta(ge=1)]
    codes: Annotated[tuple[CodeBody, ...], Meta(min_length=1, max_length=20)]
    system: str
    synced_at: datetime
    status: AdoptionStatusBody | None = None
    procedure: _Text = ""
    agency: _Text = ""
    due_at: datetime | None = None


class AdoptBody(ReasonedBody, frozen=True, kw_only=True):
    """Dossiers that ``source`` submitted before the gateway, all or none; ``trial`` writes nothing."""

    source: str
    items: Annotated[tuple[AdoptionBody, ...], Meta(min_length=1, max_length=MOST)]
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    trial: bool = False


class WeighedBody(Struct, frozen=True, kw_only=True):
    """What is wrong with a line: its verdict, and the fields in which our books say otherwise."""

    row: int
    verdict: str
    text: str
    fields: tuple[str, ...]


class AdoptedBody(Struct, frozen=True, kw_only=True):
    """Whether the list was taken, how often each verdict was given, and the lines that stand against it."""

    adopted: bool
    counts: dict[str, int]
    faults: tuple[WeighedBody, ...]


class HandbackBody(ReasonedBody, frozen=True, kw_only=True):
    """What was accepted from ``since`` on for a system and never sent; ``trial`` ends nothing."""

    since: datetime
    procedure: _Text = "*"
    agency: _Text = "*"
    trial: bool = False


class HandedBody(Struct, frozen=True, kw_only=True):
    """A dossier for the way before: its codes, how it stands, what was never sent; ``done``: it is handed back."""

    dossier_id: str
    codes: tuple[CodeBody, ...]
    procedure: str
    agency: str
    handing: str
    text: str
    kinds: tuple[str, ...]
    done: bool


class HandedBackBody(Struct, frozen=True, kw_only=True):
    """Whether it was done, how many dossiers stand how, and which; ``whole`` is false where there are more."""

    done: bool
    whole: bool
    counts: dict[str, int]
    items: tuple[HandedBody, ...]
