"""What expressions of mapping tables may call beside JSONata's own functions: dates, code tables, Vietnamese letters.

Each returns nothing for nothing, and raises Unfit for what it cannot say; the text never repeats a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from gateway.core.composing import composed
from gateway.sdk.cell import Scalar, Unfit
from gateway.sdk.formats import DateFormat
from gateway.sdk.words import as_text, unaccented

T = TypeVar("T")


def date(value: object = None, letters: object = None) -> str | int | None:
    """``$date(dossier.submitted_at, 'dd/MM/yyyy')``: our moment or day as a partner writes it, in Việt Nam's time."""
    return None if value in (None, "") else _dated(_format(letters).render, value)


def moment(value: object = None, letters: object = None) -> str | None:
    """``$moment(body.ngay, 'dd/MM/yyyy HH:mm:ss')``: a partner's date as ours, RFC 3339 or YYYY-MM-DD."""
    return None if value in (None, "") else _dated(_format(letters).read, value)


def nfc(value: object = None) -> str | None:
    """``$nfc(text)``: Vietnamese letters composed, as everybody expects them."""
    text = as_text(value)
    return None if text is None else composed(text)


def plain(value: object = None) -> str | None:
    """``$unaccented(text)``: «Lò Thị Đào» as «Lo Thi Dao», for systems that know no marks."""
    text = as_text(value)
    return None if text is None else unaccented(text)


def coded(
    tables: Mapping[str, Mapping[str, Scalar]], table: object, value: object = None, *otherwise: object
) -> object:
    """``$code('gioi_tinh', value)``, ``$code('gioi_tinh', value, 'khac')``: what a code table of the file says."""
    name, text = as_text(table) or "", as_text(value)
    if name not in tables:
        raise Unfit("no such code table in this file")
    if not text:
        return None
    if text in tables[name]:
        return tables[name][text]
    if not otherwise:
        raise Unfit("not in the code table")
    return otherwise[0]


@lru_cache(maxsize=64)
def _parsed(letters: str) -> DateFormat:
    return DateFormat.parse(letters)


def _format(letters: object) -> DateFormat:
    try:
        return _parsed(as_text(letters) or "")
    except ValueError:
        raise Unfit("no date format") from None


def _dated(dates: Callable[[object], T], value: object) -> T:
    try:
        return dates(value)
    except (ValueError, OverflowError, OSError):
        raise Unfit("not a date that can be written or read so") from None


FUNCTIONS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {"date": date, "moment": moment, "nfc": nfc, "unaccented": plain}
)
