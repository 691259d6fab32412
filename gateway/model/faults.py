"""Reading what came from outside: either a value, or every fault at once in the sender's own names."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from itertools import islice
from math import isinf
from typing import TypeVar, cast

import msgspec

from gateway.core.composing import is_composed
from gateway.core.crowd import CROWD, signs_in
from gateway.model.fault import FAULTS_LIMIT, Fault, Invalid
from gateway.model.inspection import Inspection
from gateway.model.names import Vocabulary, from_national
from gateway.model.normal import normalised
from gateway.model.texts import CATALOGUE, said, text
from gateway.model.types.shapes import Record

DEPTH_LIMIT = 32
_R = TypeVar("_R", bound=Record)
_CONTAINERS = (dict, list)
_POSITION = re.compile(r"\(byte (\d+)\)")
#: Bytes of encoded JSON that a control character or an unfit character leaves, and one byte of each: most documents
#: have none of these, and looking for a byte costs a tenth of looking for the pattern.
_UNFIT = re.compile(rb"\\u00|\\b|\\f|\x7f|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")
_SIGNS = (b"\\", b"\x7f", b"\xc2", b"\xef")
#: A time outside the calendar.
_NO_TIME = re.compile(rb'"(?:0[0-9]{3}|9999)-[01][0-9]-[0-3][0-9][Tt ]')


class Crowded(msgspec.DecodeError):
    """A document holds more values than are read."""


def decode_json(body: bytes) -> object:
    """Return the builtins of a JSON document; raises Invalid with code ``json`` (where), ``depth`` or ``crowd``."""
    try:
        value = builtins_of(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(body, error) from None
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT and _depth_exceeds(value, DEPTH_LIMIT):
        raise Invalid(_too_deep())
    return value


def unreadable(body: bytes, error: Exception) -> Invalid:
    """Return what to tell of JSON that its decoder could not read."""
    if isinstance(error, Crowded):
        most = f"at most {CROWD} opening brackets, commas and colons"
        return Invalid(Fault(path="", code="crowd", expected=most))
    if isinstance(error, RecursionError):
        return Invalid(_too_deep())
    return Invalid(Fault(path="", code="json", expected=_place(body, str(error))))


def builtins_of(document: bytes) -> object:
    """Return the builtins of JSON that came from outside, whoever sent it: no more of them than are read at once.

    Raises msgspec.DecodeError, Crowded among them, UnicodeDecodeError, RecursionError.
    """
    if signs_in(document) > CROWD:
        raise Crowded
    return _DECODER.decode(document)


def builtins_of_kept(document: bytes) -> object:
    """Return the builtins of JSON that was accepted, which holds what it held then; its numbers are read as quickly."""
    return _DECODER.decode(document)


def as_number(text: str) -> float:
    """Read a number as Python does: msgspec takes ten microseconds for each one that it finds hard to round."""
    number = float(text)
    if isinf(number):
        raise ValueError("out of range")
    return number


_DECODER = msgspec.json.Decoder(float_hook=as_number)


def _place(body: bytes, error: str) -> str:
    """Return where a document cannot be read: its mark, the first byte that is not UTF-8, or the parser's place."""
    if body.startswith(BOM_UTF8):
        return "a byte order mark at its beginning"
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"the first byte that is not UTF-8: {wrong.start}"
    found = _POSITION.search(error)
    return f"byte {found[1]}" if found else f"byte {len(body)}"


def _too_deep() -> Fault:
    return Fault(path="", code="depth", expected=f"nested at most {DEPTH_LIMIT} deep")


def _depth_exceeds(value: object, limit: int) -> bool:
    """Whether containers are nested deeper; goes level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(limit):
        level = [child for item in level for child in _children(item) if type(child) in _CONTAINERS]
        if not level:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    """Return what is inside a container; a scalar has nothing."""
    if type(value) is dict:
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if type(value) is list else ()


def validate(
    raw: object,
    type_: type[_R],
    *,
    names: Vocabulary = Vocabulary.ENGLISH,
    body: bytes | None = None,
) -> _R:
    """Return the struct of decoded JSON; raises Invalid with every fault.

    ``body`` is what it was decoded from, where that is at hand.
    """
    english = to_english(raw, type_, names)
    found = Inspection(names).struct(raw, type_)
    try:
        value = msgspec.convert(english, type_)
    except msgspec.ValidationError:
        raise refusal(found) from None
    look = tidy(english, body)
    if look.is_suspicious:
        raise_any(found)
    return value if look.is_normal else normalised(value)


def to_english(raw: object, type_: type[Record], names: Vocabulary) -> object:
    """Return decoded JSON under English names."""
    return from_national(type_, raw) if names is Vocabulary.NATIONAL else raw


class Tidiness(msgspec.Struct, frozen=True):
    """What one look over the whole text says of it."""

    is_suspicious: bool
    is_normal: bool


def tidy(value: object, body: bytes | None = None) -> Tidiness:
    """Look over all text of decoded JSON at once: control characters, and whether it is composed (NFC).

    ``body``, which it was decoded from, says the same, unless something in it is escaped.
    """
    try:
        encoded = msgspec.json.encode(value) if body is None or b"\\" in body else body
    except (UnicodeEncodeError, TypeError):
        return Tidiness(is_suspicious=True, is_normal=False)
    return Tidiness(
        is_suspicious=_is_suspicious(encoded),
        is_normal=encoded.isascii() or is_composed(encoded.decode()),
    )


def _is_suspicious(encoded: bytes) -> bool:
    odd = any(sign in encoded for sign in _SIGNS) and _UNFIT.search(encoded) is not None
    return odd or _NO_TIME.search(encoded) is not None


def refusal(faults: Iterable[Fault], *, at: str = "") -> Invalid:
    """Return the error for a document that cannot be read, even where no fault of it can be named."""
    return Invalid(*(tuple(islice(faults, FAULTS_LIMIT)) or (Fault(path=at, code="invalid"),)))


def raise_any(faults: Iterable[Fault]) -> None:
    """Raise Invalid for these faults, if there are any."""
    found = tuple(islice(faults, FAULTS_LIMIT))
    if found:
        raise Invalid(*found)


def message(fault: Fault, language: str) -> str:
    """Return one sentence for people: what is wrong and what is expected."""
    sentence = text(f"fault.{fault.code}", language, expected=_expected(fault.expected, language))
    hint = text("fault.suggestion", language, suggestion=fault.suggestion) if fault.suggestion else ""
    return f"{sentence} {hint}".strip()


def _expected(expected: str, language: str) -> str:
    for opening in ("one of:", "list of"):
        if expected.startswith(opening):
            return text(f"shape.{opening}", language) + expected.removeprefix(opening)
    shape = f"shape.{expected}"
    return text(shape, language) if shape in CATALOGUE else said(expected, language)
