"""Nothing personal and nothing secret leaves in a log line (guarantee G9).

Keys that name content or secrets are dropped, values that are not plain scalars become their type's name, and text is
searched for what looks like a citizen's number, a telephone number, an e-mail address or a key. Dossier codes stay, but
a caller may write anything where a code belongs: what is not shaped like one does not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, MutableMapping
from enum import Enum
from types import TracebackType
from typing import TypeAlias, cast

Event: TypeAlias = MutableMapping[str, object]

MASK = "***"

#: What these hold is content or secret, whatever it looks like.
FORBIDDEN = frozenset(
    {
        *("authorization", "api_key", "key", "secret", "secrets", "password", "token", "session", "cookie"),
        *("signature", "document", "body", "payload", "raw", "detail", "text", "content", "data", "form", "headers"),
        *("query", "reply", "applicant", "name", "full_name", "address", "phone", "email", "citizen_id", "identity"),
        *("birth_date",),
    }
)
#: What these hold is made by us: never masked.
TRUSTED = frozenset(
    {
        *("message_id", "message_ids", "delivery", "delivery_id", "dossier_id", "trace_id", "trace", "config"),
        *("timestamp", "level", "digest", "sha256", "file_id", "key_id", "query_id", "node", "message", "version"),
        *("before", "after", "wanted", "holds", "found"),  # versions too: one may be nothing but digits
    }
)

_NUMBER = r"(?P<number>(?<![\w.-])\+?\d{9,12}(?![\w-]))|"
_TELLING = (
    r"(?P<email>[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]+)"  # no longer than RFC 5321 lets them be: else a long text takes ages
    r"|(?P<bearer>(?i:bearer|basic)\s+\S+)"
    r"|(?P<key>\b(?:whsec|whsk|gw)_[A-Za-z0-9+/=_-]{8,})"
    r"|(?P<random>(?<![\w/+-])(?=[A-Za-z0-9_+/-]*\d)(?=[A-Za-z0-9_+/-]*[A-Z])(?=[A-Za-z0-9_+/-]*[a-z])[A-Za-z0-9_+/-]{32,}=*)"
)
_PERSONAL = re.compile(_NUMBER + _TELLING)
#: A dossier's code may be nothing but digits, as a citizen's number is; that it is one is known by its key (G9).
_IN_A_CODE = re.compile(_TELLING)
#: Our own words (``dossier.submitted``), and what has no run of nine digits and no sign that the pattern needs
#: (``@``, ``_``, a space), need no closer look, nor does what is shorter than a telephone number.
_HARMLESS = re.compile(r"[a-z_.]{,31}").fullmatch
_PLAIN = re.compile(r"[A-Za-z.:/,-]*+(?:\d{1,8}+[A-Za-z.:/,-]++)*\d{0,8}+", re.ASCII).fullmatch
_SHORTEST, _PLAIN_UP_TO = 9, 31
_LONG = 32
_CODE = re.compile(r"[\w./,:-]*").fullmatch
_SMALLEST_NUMBER, _LARGEST_NUMBER = 10**10, 10**12
_TELLS_NOTHING = frozenset({type(None), bool, float})
_FRAMES = 6


def redact(_logger: object, _method: str, event: Event) -> Event:
    """Return the event with only what may be read by anybody (a structlog processor)."""
    return {
        key: value if type(value) in _TELLS_NOTHING else _shown(key, value)
        for key, value in event.items()
        if key not in FORBIDDEN
    }


def _shown(key: str, value: object) -> object:
    if type(value) is not str:
        return plain(value)
    if key in TRUSTED:
        return value
    if key == "dossier":
        return _code(value)
    return value if len(value) < _SHORTEST else masked(value)


def _code(value: str) -> str:
    """Return a dossier's code; what cannot be one is masked."""
    if not _CODE(value):
        return MASK
    # without a blank and a sign, what tells must be long, or a key that begins with letters and an underscore
    return value if len(value) < _LONG and "_" not in value else _IN_A_CODE.sub(MASK, value)


def plain(value: object) -> object:
    """Return a scalar that is safe to print."""
    if isinstance(value, int):
        return MASK if _SMALLEST_NUMBER <= abs(value) < _LARGEST_NUMBER else value
    if isinstance(value, Enum):
        value = cast("object", value.value)
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(item) for item in cast("Iterable[object]", value)]
    return f"<{type(value).__name__}>"


def masked(text: str) -> str:
    """Return the text with what looks personal or secret replaced."""
    if len(text) <= _PLAIN_UP_TO and (_HARMLESS(text) or _PLAIN(text)):
        return text
    return _PERSONAL.sub(MASK, text)


def describe_exception(_logger: object, _method: str, event: Event) -> Event:
    """Replace an exception by its class and where it came from: its message may quote what somebody sent."""
    problem = _problem(event.pop("exc_info", None))
    if problem is not None:
        event["error"] = _class_of(problem)
        event["at"] = _frames(problem.__traceback__)
    return event


def _problem(given: object) -> BaseException | None:
    """Return the exception that ``exc_info`` names in one of its three ways."""
    if given is True:
        return sys.exc_info()[1]
    if isinstance(given, tuple):
        given = cast("tuple[object, ...]", given)[1]
    return given if isinstance(given, BaseException) else None


def _class_of(problem: BaseException) -> str:
    name = type(problem).__name__
    if isinstance(problem, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", problem).exceptions
        return f"{name}({', '.join(map(_class_of, inner))})"
    cause = problem.__cause__
    return name + (f" from {type(cause).__name__}" if cause else "")


def _frames(traceback: TracebackType | None) -> list[str]:
    places: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-_FRAMES:]
