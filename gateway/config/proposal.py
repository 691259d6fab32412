"""A year's holidays as the ``holidays`` library computes them: a proposal for people, never read by the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from holidays import country_holidays

_SHORT = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_HEAD = """\
[year.{year}]
# Proposed by the library `holidays`: compare it with the official decision, correct it, and name the decision.
decision = ""
"""


def propose(year: int) -> str:
    """Return the table of one year for ``calendar.toml``, each day with its name."""
    found = country_holidays("VN", years=year, language="vi")
    holidays = [(day, name) for day, name in sorted(found.items()) if day.year == year]
    moved = [(day, "làm bù") for day in sorted(found.weekend_workdays) if day.year == year]
    return _HEAD.format(year=year) + _listed("holidays", holidays) + _listed("moved", moved)


def _listed(key: str, days: Sequence[tuple[date, str]]) -> str:
    lines = "".join(f"  {day},  # {_SHORT[day.weekday()]}, {name}\n" for day, name in days)
    return f"{key} = [\n{lines}]\n"
