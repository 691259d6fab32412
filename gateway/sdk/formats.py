"""Dates by letters (``yyyyMMddHHmmss``), in the time of Việt Nam."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

VIETNAM = "Asia/Ho_Chi_Minh"
_LETTERS = {
    "yyyy": "year",
    "MM": "month",
    "dd": "day",
    "HH": "hour",
    "mm": "minute",
    "ss": "second",
    "fff": "thousandth",
}
_TOKEN = re.compile(r"yyyy|MM|dd|HH|mm|ss|fff|'[^']*'|.", re.DOTALL)
#: Letters of other languages' formats (hh, tt, zzz): they would leave as they stand.
_STRANGE = re.compile("[A-SU-Za-z']")
_THOUSANDTHS = "fff"
_DAY = frozenset({"year", "month", "day"})
_PER_SECOND = {"epoch": 1, "epoch_ms": 1000}


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """One way to write a moment or a day."""

    tokens: tuple[str, ...]
    pattern: re.Pattern[str]
    zone: ZoneInfo
    per_second: int = 0  #: where it counts from 1970; 0 where it is written by letters

    @classmethod
    def parse(cls, letters: str) -> DateFormat:
        """Compile a format of yyyy MM dd HH mm ss fff and signs between them, or ``epoch``, ``epoch_ms``; ValueError.

        A letter that is to stand there is ``T``, or in quotes: ``'ngày' dd``.
        """
        zone = ZoneInfo(VIETNAM)
        if letters in _PER_SECOND:
            pattern = re.compile(r"\d{1,15}", re.ASCII)
            return cls(tokens=(), pattern=pattern, zone=zone, per_second=_PER_SECOND[letters])
        tokens = cast("list[str]", _TOKEN.findall(letters))
        names = [_LETTERS[token] for token in tokens if token in _LETTERS]
        if any(map(_is_strange, tokens)) or len({*names}) != len(names) or not {*names} >= _DAY:
            raise ValueError(
                f"{letters!r} is no date format: use yyyy, MM, dd, HH, mm, ss, fff once each, signs between"
            )
        pattern = re.compile("".join(map(_expression, tokens)), re.ASCII)
        return cls(tokens=tuple(tokens), pattern=pattern, zone=zone)

    def render(self, value: object) -> str | int:
        """Return a canonical moment or whole day in this format; raises ValueError for a date known in part only."""
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        local = moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment.astimezone(self.zone)
        if self.per_second:
            return int(local.timestamp() * self.per_second)
        return "".join(_written(token, local) for token in self.tokens)

    def read(self, value: object) -> str:
        """Return the canonical form: RFC 3339, or YYYY-MM-DD where the format has no hour; raises ValueError."""
        match = self.pattern.fullmatch(str(value).strip())
        if match is None:
            raise ValueError("not in the declared date format")
        if self.per_second:
            return datetime.fromtimestamp(int(match[0]) / self.per_second, self.zone).isoformat()
        part = {name: int(text) for name, text in match.groupdict().items()}
        fraction = match.groupdict().get("thousandth", "")
        time = part.get("hour", 0), part.get("minute", 0), part.get("second", 0), int(fraction[:6].ljust(6, "0"))
        moment = datetime(part["year"], part["month"], part["day"], *time, tzinfo=self.zone)
        return moment.isoformat() if "hour" in part else moment.date().isoformat()


def _is_strange(token: str) -> bool:
    return token not in _LETTERS and _STRANGE.fullmatch(token) is not None


def _expression(token: str) -> str:
    if token == _THOUSANDTHS:  # as many digits as its writer has
        return rf"(?P<{_LETTERS[token]}>\d{{1,9}})"
    return rf"(?P<{_LETTERS[token]}>\d{{{len(token)}}})" if token in _LETTERS else re.escape(_literal(token))


def _written(token: str, moment: datetime) -> str:
    if token == _THOUSANDTHS:
        return f"{moment.microsecond // 1000:03}"
    return f"{getattr(moment, _LETTERS[token]):0{len(token)}}" if token in _LETTERS else _literal(token)


def _literal(token: str) -> str:
    """Return a sign, or what stands in quotes."""
    return token[1:-1] if len(token) > 1 else token
