"""The form inside a registration: a text of JSON or of XML, with names and dates whole or in their parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast
from xml.sax.saxutils import escape

import msgspec

from gateway.sdk import CannotRender, Gap, as_text

Fields = dict[str, object]
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_DATE = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2}))?)?(T.*)?", re.ASCII)


def name_parts(whole: str) -> Mapping[str, str]:
    """Return {Ho, ChuDem, Ten} of a name: the first word, what is between, the last; one word alone is the last."""
    words = whole.split()
    if len(words) < 2:  # noqa: PLR2004 - a first and a last
        return {"Ho": "", "ChuDem": "", "Ten": whole.strip()}
    return {"Ho": words[0], "ChuDem": " ".join(words[1:-1]), "Ten": words[-1]}


def date_parts(date: str) -> Mapping[str, str]:
    """Return {ngaySinh, thangSinh, namSinh} of a canonical date, known as well as it may be; raises ValueError."""
    match = _DATE.fullmatch(date)
    if match is None:
        raise ValueError("not a date")
    return {"ngaySinh": match["day"] or "", "thangSinh": match["month"] or "", "namSinh": match["year"]}


def split(fields: Fields, names: Sequence[str], dates: Sequence[str]) -> Fields:
    """Return the fields with these names and dates in their parts; raises CannotRender."""
    parted = _parted(fields, names, name_parts)
    return _parted(parted, dates, date_parts)


def _parted(fields: Fields, keys: Sequence[str], parts: Callable[[str], Mapping[str, str]]) -> Fields:
    found = {key: text for key in keys if (text := as_text(fields.get(key)))}
    try:
        return {**fields, **{key: parts(text) for key, text in found.items()}}
    except ValueError as error:
        raise CannotRender([Gap(f"data.{key}", f"form.{key}", str(error)) for key in found]) from None


def as_json(fields: Fields) -> str:
    """Return a form as the text of a JSON object."""
    return msgspec.json.encode(fields).decode()


def as_xml(fields: Fields) -> str:
    """Return a form as ``<hotich><hoso>…``, its fields in the order of the mapping."""
    return f"<hotich>{_element('hoso', fields)}</hotich>"


def _element(name: str, value: object) -> str:
    if not _ELEMENT.fullmatch(name):
        raise CannotRender([Gap(f"data.{name}", "mapping", "not a name of an XML element")])
    if isinstance(value, list):
        return "".join(_element(name, item) for item in cast("list[object]", value))
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(name, item) for name, item in cast("Mapping[str, object]", value).items())
    return escape(as_text(value) or "")
