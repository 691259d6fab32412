"""What the door of adoptions reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.adoption import MOST
from gateway.ingress.bodies import CodeBody
from gateway.ingress.ops_bodies import Asked, ReasonedBody

_Text = Annotated[str, Meta(max_length=100)]


class AdoptionStatusBody(Asked, frozen=True, kw_only=True):
    """A status as it stood: its national number, or the system's own code and words."""

    status: Annotated[int, Meta(ge=1, le=10)] | None = None  #: the national number
    code: _Text = ""  #: the system's own code
    text: Annotated[str, Meta(max_length=1000)] = ""  #: the system's own words


class AdoptionBody(Asked, frozen=True, kw_only=True):
    """A dossier at a system that has it: its place in the list, its codes, and how it stood there at ``synced_at``."""

    row: Annotated[int, Meta(ge=1)]  #: its place in the list, from 1; named in the answer
    codes: Annotated[tuple[CodeBody, ...], Meta(min_length=1, max_length=20)]  #: every code that is known
    system: str  #: who has it
    synced_at: datetime  #: when it was last brought up to date there
    status: AdoptionStatusBody | None = None  #: how it stood there
    procedure: _Text = ""  #: national code of its procedure
    agency: _Text = ""  #: code of the agency that processes it
    due_at: datetime | None = None  #: when the result was promised


class AdoptBody(ReasonedBody, frozen=True, kw_only=True):
    """Dossiers that ``source`` submitted before the gateway, all or none; ``trial`` writes nothing."""

    source: str  #: the system that submitted them
    items: Annotated[tuple[AdoptionBody, ...], Meta(min_length=1, max_length=MOST)]  #: the dossiers
    #: of the whole list, of which these may be a part: lower-case hex
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    trial: bool = False  #: whether only to look


class WeighedBody(Struct, frozen=True, kw_only=True):
    """What is wrong with a line: its verdict, and the fields in which our books say otherwise."""

    row: int  #: which line of the list
    verdict: str  #: new, added, same, different, codes, waiting
    text: str  #: the verdict in words
    fields: tuple[str, ...]  #: where our books say otherwise


class AdoptedBody(Struct, frozen=True, kw_only=True):
    """Whether the list was taken, how often each verdict was given, and the lines that stand against it."""

    adopted: bool  #: whether it was written
    counts: dict[str, int]  #: how many lines have each verdict
    faults: tuple[WeighedBody, ...]  #: the lines that stand against it


class HandbackBody(ReasonedBody, frozen=True, kw_only=True):
    """What was accepted from ``since`` on for a system and never sent; ``trial`` ends nothing."""

    since: datetime  #: accepted from then on
    procedure: _Text = "*"  #: national code, or * for all
    agency: _Text = "*"  #: agency code, or * for all
    trial: bool = False  #: whether only to look


class HandedBody(Struct, frozen=True, kw_only=True):
    """A dossier for the way before: its codes, how it stands, what was never sent; ``done``: it is handed back."""

    dossier_id: str  #: the gateway's id
    codes: tuple[CodeBody, ...]  #: every code that is known
    procedure: str  #: national code of its procedure
    agency: str  #: code of the agency that processes it
    handing: str  #: whole, rest, in_flight, live
    text: str  #: the same in words
    kinds: tuple[str, ...]  #: kinds of the events that were never sent
    done: bool  #: whether it is handed back, now or before


class HandedBackBody(Struct, frozen=True, kw_only=True):
    """Whether it was done, how many dossiers stand how, and which; ``whole`` is false where there are more."""

    done: bool  #: whether all of it is done
    whole: bool  #: whether all that came since then were looked at
    counts: dict[str, int]  #: how many dossiers stand how
    items: tuple[HandedBody, ...]  #: the dossiers
