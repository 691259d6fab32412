r"""The shapes that fields are made of: codes, lines, texts, dates, money.

Every pattern is anchored (``^…$(?!\n)``: ``$`` alone lets a last line break pass); its bare form, in the subset that
XML Schema shares, is ``extra["pattern"]``. ``extra["code"]`` marks what is normalised to NFC on the way in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from gateway.core.codes import BLANK, UNSEEN


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every struct of the model is: immutable, by keyword, without unknown keys, defaults left out."""

    one_of: ClassVar[tuple[str, ...]] = ()  #: of these fields at least one must say something


class Choice(Record, frozen=True, kw_only=True):
    """A record that says nothing unless one of certain fields is given."""

    def __post_init__(self) -> None:
        """Hold to ``one_of``; raises ValueError, which msgspec turns into a ValidationError."""
        if not any(getattr(self, field) not in (None, "", ()) for field in self.one_of):
            raise ValueError("one of " + ", ".join(self.one_of))


def _whole(pattern: str) -> str:
    return f"^({pattern})$(?!\\n)"


_COMMON_YEAR = "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
_LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = f"{_COMMON_YEAR}|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29"
_PARTIAL_DATE = f"[0-9]{{4}}|[0-9]{{4}}-(0[1-9]|1[0-2])|{_DAY}"
_WARD = "[0-9]{2,5}"
_SHA256 = "[0-9a-f]{64}"
_URL = "https?://[!-~]+|/v1/files/[A-Za-z0-9._~-]+"
#: Each semicolon begins a parameter: if it could be within one, too, many were tried in more ways than time is long.
_MEDIA_TYPE = "[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( ?;( ?[!-:<-~]+)?)*"

#: A code of any catalogue or partner: data, held to one hard rule.
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern="^[^\\x00-\\x1f\\x7f-\\x9f]*$(?!\\n)",
        description="code, at most 100 characters",
        extra={"code": True},
    ),
]
#: A code by which a dossier is found: with a blank round it, or a letter in it that nobody sees, it is another one.
DossierCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        # nearly all are of plain signs, which is seen at once
        pattern=f"^([!-~]+|(?![{BLANK}])[^\\x00-\\x1f\\x7f-\\x9f{UNSEEN}]*(?<![{BLANK}]))$(?!\\n)",
        description="code, at most 100 characters",
        extra={"code": True},
    ),
]
#: An id that a sender made for its own event, or that the gateway made.
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern="^[^\\x00-\\x1f\\x7f-\\x9f]*$(?!\\n)",
        description="id, at most 200 characters",
        extra={"code": True},
    ),
]
Line = Annotated[str, Meta(max_length=500, description="text, at most 500 characters")]
#: The short description of a dossier.
Summary = Annotated[str, Meta(max_length=1000, description="text, at most 1,000 characters")]
Note = Annotated[str, Meta(max_length=2000, description="text, at most 2,000 characters")]
Text = Annotated[str, Meta(max_length=4000, description="text, at most 4,000 characters")]
#: A day as well as it is known: many citizens' papers state only the year.
PartialDate = Annotated[
    str,
    Meta(
        pattern=_whole(_PARTIAL_DATE),
        max_length=10,
        description="date: 1958, 1958-03 or 1958-03-07",
        extra={"pattern": _PARTIAL_DATE},
    ),
]
Moment = Annotated[datetime, Meta(tz=True, description="time with zone, RFC 3339")]
#: Whole đồng.
Money = Annotated[int, Meta(ge=0, le=10**15, description="whole đồng, 0 or more")]
Count = Annotated[int, Meta(ge=0, le=1_000_000, description="whole number, 0 or more")]
WardCode = Annotated[str, Meta(pattern=_whole(_WARD), description="2 to 5 digits", extra={"pattern": _WARD})]
Sha256 = Annotated[
    str, Meta(pattern=_whole(_SHA256), description="SHA-256, lower-case hex", extra={"pattern": _SHA256})
]
Url = Annotated[
    str,
    Meta(
        pattern=_whole(_URL),
        max_length=2000,
        description="address: https://… or /v1/files/{id}",
        extra={"pattern": _URL},
    ),
]
MediaType = Annotated[
    str,
    Meta(pattern=_whole(_MEDIA_TYPE), max_length=200, description="media type", extra={"pattern": _MEDIA_TYPE}),
]
