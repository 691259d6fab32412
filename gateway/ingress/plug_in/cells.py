"""Single values of the protocol: all of them text, the empty text where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias
from urllib.parse import quote

from gateway.core.calendar import VIETNAM

_MOMENT = re.compile(r"[0-9]{14}", re.ASCII)
_MONEY = re.compile(r"([0-9]{1,15})(?:\.0{1,2})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
_LOCAL = re.compile(r"(\d\.\d{6})(?:\.000\.00\.00)?\.[A-Z]\d{2}", re.ASCII)
_DOSSIER = re.compile(r"(.{1,90}?)-\d{6}(?:\d{2})?-\d{4,7}", re.ASCII)
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))
_LAST_STATUS = 10
_LARGEST = 10**18


class Unread(ValueError):
    """The value is not what the field takes: ``code`` and what it takes."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected


#: From the text to what the model has, None where there is nothing to keep; raises Unread.
Read: TypeAlias = Callable[[str], object]


def plain(value: object) -> str:
    """Return a scalar as the protocol writes it: some clients send numbers and booleans bare. Raises Unread."""
    match value:
        case None:
            return ""
        case bool() | str():
            return str(value)
        case int() | float() if abs(value) < _LARGEST and value == int(value):
            return str(int(value))
        case _:
            raise Unread("type", "a single value")


def text(value: str) -> object:
    """Read a text as it stands."""
    return value


def code(value: str) -> object:
    """Read a dossier's code or a receipt's number: without the blanks round it."""
    return value


def moment(value: str) -> object:
    """Read ``yyyyMMddHHmmss``."""
    if not _MOMENT.fullmatch(value):
        raise Unread("pattern", "yyyyMMddHHmmss")
    try:
        found = datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)
    except ValueError:
        raise Unread("pattern", "yyyyMMddHHmmss") from None
    return found.isoformat()


def flag(value: str) -> object:
    """Read ``0``, ``1``, ``True`` or ``False``."""
    if value.lower() not in _FLAGS:
        raise Unread("enum", "0 or 1")
    return _FLAGS[value.lower()]


def money(value: str) -> object:
    """Read whole đồng; a point with one or two noughts behind it is let pass, thousands in groups are not."""
    found = _MONEY.fullmatch(value)
    if found is None:
        raise Unread("pattern", "whole đồng, 0 or more")
    return int(found[1])


def count(value: str) -> object:
    """Read a whole number."""
    if not _NUMBER.fullmatch(value):
        raise Unread("pattern", "whole number, 0 or more")
    return int(value)


def one_of(table: Mapping[str, str]) -> Read:
    """Return what reads a code of this closed table."""

    def read(value: str) -> object:
        if value not in table:
            raise Unread("enum", "one of: " + ", ".join(table))
        return table[value]

    return read


def status(value: str) -> object:
    """Read 1 to 10; any other code is foreign, and nothing of the national table."""
    return int(value) if is_national(value) else None


def is_national(value: str) -> bool:
    """Whether this is a status of the national table."""
    return value.isascii() and value.isdigit() and len(value) <= 2 and 1 <= int(value) <= _LAST_STATUS  # noqa: PLR2004 - digits of the last one


def address(value: str) -> object:
    """Read the address of a file; what no address may hold (spaces, Vietnamese) is percent-encoded."""
    return quote(value.strip(), safe=_PRINTABLE)


def national_procedure(value: str) -> object:
    """Read the national code out of MaTTHC, which may bear the province's ending."""
    found = _LOCAL.fullmatch(value)
    return found[1] if found else value


def local_procedure(value: str) -> object:
    """Read MaTTHC where it bears the province's ending."""
    return value if _LOCAL.fullmatch(value) else None


def unit_of(code: str) -> str:
    """Return the unit that a dossier's code begins with; nothing where it has another shape."""
    found = _DOSSIER.fullmatch(code)
    return found[1] if found else ""
