"""What a caller wants to know, and for whom: checked whole before anything is kept or sent."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.core.composing import composed
from gateway.core.ids import SystemId
from gateway.core.message import ActorKind
from gateway.core.proposals import is_unnamed
from gateway.core.query import Officer, Query
from gateway.model.fault import Fault, Invalid
from gateway.model.inspection import join, shown
from gateway.ports.adapter import QueryField, QueryForm
from gateway.query.refusals import NotYourself
from gateway.security.keys import Caller

LONGEST_NAME = 200  #: characters of an officer's name, code, unit or position
LONGEST_PURPOSE = 500  #: characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A question as it came, with whatever its sender wrote."""

    system: SystemId
    operation: str
    request: Mapping[str, str] = field(repr=False)
    officer: Officer
    purpose: str = field(repr=False)


def query_of(wish: Wish, form: QueryForm, caller: Caller) -> Query:
    """Return the question in its one form. Raises Invalid with every fault, NotYourself."""
    given = Query(
        system=wish.system,
        operation=wish.operation,
        request={name: _clean(value) for name, value in wish.request.items()},
        officer=_officer(wish.officer, caller),
        purpose=_clean(wish.purpose),
        actor=caller.actor,
    )
    faults = (*_request(given.request, form), *_person(given.officer, caller), *_text("purpose", given.purpose))
    if faults:
        raise Invalid(*faults)
    return given


def _clean(text: str) -> str:
    return composed(text).strip()


def _officer(given: Officer, caller: Caller) -> Officer:
    """Return who asks: a person's own key says so itself; any other key must name somebody."""
    name = _clean(given.name)
    if is_person(caller):
        if name not in {"", caller.actor.name}:
            raise NotYourself
        name = caller.actor.name
    return Officer(name=name, code=_clean(given.code), unit=_clean(given.unit), position=_clean(given.position))


def is_person(caller: Caller) -> bool:
    """Whether a key is one person's own: not a system's, and not the one that lies on the machine."""
    return caller.actor.kind is ActorKind.OPERATOR and not is_unnamed(caller.actor)


def _person(officer: Officer, caller: Caller) -> Iterator[Fault]:
    """Name what is wrong with an officer; a system must say which officer of which unit, by name and code."""
    must = not caller.is_operator
    yield from _text("officer.name", officer.name, longest=LONGEST_NAME)
    yield from _text("officer.unit", officer.unit, longest=LONGEST_NAME, required=must)
    yield from _text("officer.officer_code", officer.code, longest=LONGEST_NAME, required=must)
    yield from _text("officer.position", officer.position, longest=LONGEST_NAME, required=False)


def _text(path: str, text: str, *, longest: int = LONGEST_PURPOSE, required: bool = True) -> Iterator[Fault]:
    if not text and required:
        yield Fault(path=path, code="required", expected="text")
    elif len(text) > longest:
        yield Fault(path=path, code="length", expected=f"1-{longest}")
    elif any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        yield Fault(path=path, code="control")


def _request(request: Mapping[str, str], form: QueryForm) -> Iterator[Fault]:
    known = sorted(one.name for one in form.fields)
    for name in sorted(request.keys() - known):
        meant = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1) or known
        yield Fault(path=join("request", shown(name)), code="unknown_key", suggestion=", ".join(meant))
    for one in form.fields:
        yield from _value(one, request.get(one.name, ""))


def _value(one: QueryField, value: str) -> Iterator[Fault]:
    """Name what is wrong with one value; never the value."""
    path = f"request.{one.name}"
    faults = tuple(_text(path, value, longest=one.longest, required=one.required))
    yield from faults
    if not faults and value and one.pattern and not re.fullmatch(one.pattern, value):
        yield Fault(path=path, code="pattern", expected=one.about or one.pattern)
