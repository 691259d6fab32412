"""The shared statements as PostgreSQL wants them: numbered values, and its own names for a few functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.stores.sql.access import Many, Values

#: A quoted text is left alone; a value is ``?`` or ``:name``.
_TOKEN = re.compile(r"'[^']*'|\?|(?<!:):(?P<name>[a-z_]+)")
_OTHERWISE = (
    (re.compile(r"\bINDEXED BY \w+"), ""),
    (re.compile(r"\bifnull\("), "coalesce("),
    (re.compile(r"\bgroup_concat\(id, char\(10\)\)"), "string_agg(id, chr(10))"),
    (re.compile(r"\bjson_each\("), "json_array_elements_text("),
    (re.compile(r"\bCROSS JOIN\b"), "JOIN"),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in PostgreSQL's words; ``names`` are those of its values by number, empty where they are in order."""

    text: str
    names: tuple[str, ...]
    reads: bool

    def arrange(self, values: Values) -> tuple[object, ...]:
        """Return the values by number."""
        if isinstance(values, dict):
            return tuple(values[name] for name in self.names)
        return tuple(values)


@lru_cache(maxsize=4096)
def statement(shared: str) -> Statement:
    """Return a shared statement in PostgreSQL's words."""
    names: list[str] = []
    count = 0

    def number(token: re.Match[str]) -> str:
        nonlocal count
        name = token["name"]
        if token[0] == "?":
            count += 1
            return f"${count}"
        if name is None:
            return token[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = _TOKEN.sub(number, shared)
    for found, instead in _OTHERWISE:
        text = found.sub(instead, text)
    return Statement(text, tuple(names), text.lstrip().startswith("SELECT"))


@lru_cache(maxsize=256)
def one_row(many: Many) -> str:
    """Return the statement for one row. Outside of an INSERT no column says of what type a value is."""
    inserts = many.head.lstrip().startswith("INSERT")
    marks = (f"${place}" if inserts else f"${place}::{kind}" for place, kind in enumerate(value_types(many), start=1))
    return statement(f"{many.head} VALUES ({', '.join(marks)}) {many.tail}").text


def value_types(many: Many) -> list[str]:
    """Return the type of each value of what is no INSERT."""
    return ["bigint" if place in many.whole else "text" for place in range(1, many.width + 1)]
