"""How a stream of news is read on: by the partner's cursor, by stretches of time, or dossier by dossier.

A pace is pure: it turns a bookmark into what is asked next, and an answer into the next bookmark. What a bookmark says
is its own affair; it is moved in the transaction that accepts the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gateway.core.asking import OpenDossier
from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import NoAnswer, Turn
from gateway.sdk.formats import DateFormat
from gateway.sdk.source import Reference, Source
from gateway.sdk.words import as_text, folded, has_control

_LONGEST = 1000  #: characters of a partner's cursor
_TRUTHS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked next, as templates see it, and what follows where it is answered."""

    facts: Mapping[str, object]
    empty: bool = False  #: there is nothing to ask for: the bookmark only moves to ``cursor``
    cursor: str = ""
    midway: bool = False  #: pages of this size are being counted: it must not grow now


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer holds."""

    body: object = field(repr=False)
    items: Sequence[object] = field(repr=False)
    blobs: Mapping[FileId, Blob] = field(default_factory=dict[FileId, Blob], repr=False)  #: its files that were kept


class Pace(Protocol):
    """One way to read on."""

    def turn(self, size: int) -> Turn | None:
        """Return which dossiers a question is about; None where it is about none."""
        ...

    @property
    def rereads(self) -> bool:
        """Whether one item may be read twice: then each must say which it is."""
        ...

    def ask(self, cursor: str, size: int, dossiers: Sequence[OpenDossier], now: datetime) -> Ask:
        """Return what is asked after a bookmark; raises NoAnswer for one that nobody can read."""
        ...

    def after(self, asked: Ask, told: Told, size: int, now: datetime) -> tuple[str, bool]:
        """Return the next bookmark, and whether more waits there already; raises NoAnswer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCursor:
    """The partner says where to go on: in its answer, or as a field of the last item."""

    next: Reference  #: into ``body`` or ``last``
    more: Reference | None  #: a truth; None: more waits where a page was full
    first: str = ""
    rereads: bool = False

    def turn(self, size: int) -> Turn | None:
        """Return none: it is about news."""
        del size
        return None

    def ask(self, cursor: str, size: int, dossiers: Sequence[OpenDossier], now: datetime) -> Ask:
        """Ask from the cursor on."""
        del dossiers, now
        return Ask(facts={"cursor": cursor or self.first, "size": size}, cursor=cursor)

    def after(self, asked: Ask, told: Told, size: int, now: datetime) -> tuple[str, bool]:
        """Go on where the partner says; without a word of it stay."""
        del now
        cursor = as_text(self.next.find(_said(told))) or asked.cursor
        if len(cursor) > _LONGEST or has_control(cursor):
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED, "the cursor is too long, or no text"))
        if self.more is None:
            return cursor, len(told.items) >= size
        return cursor, bool(_truth(self.more, told))


def _said(told: Told) -> Source:
    return Source({"body": told.body, "last": told.items[-1] if told.items else None})


def _truth(place: Reference, told: Told) -> bool | None:
    """Return the truth that stands there, None where none does."""
    return _TRUTHS.get(folded(as_text(place.find(_said(told))) or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTime:
    """Stretch by stretch, page by page, never beyond what the partner has surely written by now."""

    begin: datetime
    step: timedelta
    lag: timedelta
    overlap: timedelta
    format: DateFormat | None  #: None: RFC 3339
    more: Reference | None = None  #: into ``body`` or ``last``, a truth; without one more waits where a page was full
    rereads: bool = True

    def turn(self, size: int) -> Turn | None:
        """Return none: it is about news."""
        del size
        return None

    def ask(self, cursor: str, size: int, dossiers: Sequence[OpenDossier], now: datetime) -> Ask:
        """Ask for the next stretch, or for the next page of the one that is being read."""
        del dossiers
        start, end, offset = self._place(cursor, now)
        if end <= start:
            return Ask(facts={}, empty=True, cursor=cursor)
        offset -= offset % size  # counted by another size: back to where a page of this one begins
        facts: Mapping[str, object] = {
            "from": self._written(start - self.overlap),
            "to": self._written(end),
            "page": offset // size + 1,
            "offset": offset,
            "size": size,
        }
        return Ask(facts=facts, cursor=_placed(start, end, offset), midway=offset > 0)

    def after(self, asked: Ask, told: Told, size: int, now: datetime) -> tuple[str, bool]:
        """Go to the next page after a full one, or where the partner says so, else to the end of the stretch."""
        start, end, offset = self._place(asked.cursor, now)
        is_full = len(told.items) >= size
        said = None if self.more is None else _truth(self.more, told)
        more = is_full if said is None else said
        if more and not is_full:  # by our count of them what is behind this page would be passed over
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED, "fewer items than `size`, and more behind them: lower it"))
        if more:
            return _placed(start, end, offset + size), True
        return end.isoformat(), end < (now - self.lag).replace(microsecond=0)

    def _place(self, cursor: str, now: datetime) -> tuple[datetime, datetime, int]:
        """Return where a stretch begins and ends, and how many items of it are read; while it is, its end stays."""
        try:
            start, _, rest = cursor.partition(" ")
            end, _, offset = rest.partition(" ")
            begun = datetime.fromisoformat(start) if start else self.begin
            if rest:
                return begun, datetime.fromisoformat(end), int(offset)
        except ValueError:
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED, "the bookmark is no time")) from None
        return begun, min(begun + self.step, (now - self.lag).replace(microsecond=0)), 0

    def _written(self, moment: datetime) -> str | int:
        return moment.isoformat() if self.format is None else self.format.render(moment)


def _placed(start: datetime, end: datetime, offset: int) -> str:
    return f"{start.isoformat()} {end.isoformat()} {offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDossier:
    """What the partner has open, so many dossiers a question, round and round."""

    procedures: frozenset[str]
    scheme: str  #: of the code that it knows a dossier by
    rereads: bool = False  #: what stands as it stood is absorbed

    def turn(self, size: int) -> Turn:
        """Return which dossiers are next."""
        return Turn(procedures=self.procedures, limit=size)

    def ask(self, cursor: str, size: int, dossiers: Sequence[OpenDossier], now: datetime) -> Ask:
        """Ask about these; what has no code that the partner knows has its turn in the next round."""
        del cursor, now  # whose turn it is follows from the dossiers
        after = "" if len(dossiers) < size else dossiers[-1].id
        codes = [code for one in dossiers if (code := one.codes.get(self.scheme))]
        return Ask(facts={"codes": codes, "code": codes[0] if codes else ""}, empty=not codes, cursor=after)

    def after(self, asked: Ask, told: Told, size: int, now: datetime) -> tuple[str, bool]:
        """Go on behind the last of them."""
        del told, size, now
        return asked.cursor, bool(asked.cursor)
