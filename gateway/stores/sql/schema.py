"""The steps of a schema, and whose code may work on what they leave.

A step adds: code that knows nothing of it goes on beside it. One that takes something away, or gives it another
meaning, says in a line of its own ``-- Contracts: schema N or later``: only code that knows N steps may go on.

A step that would keep a server's writers waiting for long says ``-- Outside of a transaction``: it is taken one
statement after the other while they write, and from its first one again where it did not come to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gateway.core.errors import Unusable

_FILE = re.compile(r"\d{4}\.sql")
_OUTSIDE = re.compile(r"^-- Outside of a transaction\b", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_CONTRACTS = re.compile(r"^-- Contracts: schema (\d+) or later\b", re.MULTILINE)
# The lowest number of steps that code must know to work here; where there is none, any may.
OLDEST = "SELECT max(value) FROM meta WHERE name = 'oldest'"
_KEEP_OLDEST = """
INSERT INTO meta (name, value) VALUES ('oldest', '{oldest}')
ON CONFLICT (name) DO UPDATE SET value = CASE
    WHEN CAST(meta.value AS bigint) < CAST(excluded.value AS bigint) THEN excluded.value ELSE meta.value
END;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The numbers of steps that an opened database had, and that this code knows."""

    found: int
    known: int

    @property
    def is_newer(self) -> bool:
        """Whether a newer gateway made the schema."""
        return self.found > self.known

    @property
    def is_raised(self) -> bool:
        """Whether this opening brought the schema of an older gateway up to date."""
        return 0 < self.found < self.known


@dataclass(frozen=True, slots=True)
class Schema:
    """The steps that a gateway knows, in SQL, the first one first; its number is how many they are."""

    steps: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many steps it has."""
        return len(self.steps)

    def together(self, found: int) -> int:
        """Return up to which number the steps from ``found`` on are taken in one transaction."""
        after = range(found, self.number)
        return next((number for number in after if is_outside(self.steps[number])), self.number)

    def then(self, step: str) -> Schema:
        """Return the schema with one more step."""
        return Schema((*self.steps, step))

    def scripts_after(self, found: int, until: int | None = None) -> Iterator[tuple[int, str]]:
        """Yield the number of each step to come, or of those up to one, and what to run with it in one transaction."""
        for number, step in enumerate(self.steps[found:until], start=found + 1):
            oldest = oldest_of(step)
            yield number, f"{step}\n{_KEEP_OLDEST.format(oldest=oldest)}" if oldest else step

    def oldest(self, found: int, until: int) -> int:
        """Return the lowest number that code must know after the steps between two; 0 where they only add."""
        return max(map(oldest_of, self.steps[found:until]), default=0)

    def allow(self, oldest: str | None) -> None:
        """Raise Unusable where a newer gateway took away what this code needs, by what the database says."""
        if int(oldest or 0) > self.number:
            raise Unusable(
                f"the database is for gateways that know schema {oldest} or later, this one knows {self.number}: start"
                " a later version, or go back to a copy made before the update"
            )


def oldest_of(step: str) -> int:
    """Return the lowest number of steps that code must know to go on after this one; 0 where it only adds."""
    says = _CONTRACTS.search(step)
    return int(says[1]) if says else 0


def is_outside(step: str) -> bool:
    """Whether a step is taken outside of a transaction; SQLite, whose file is one gateway's, has none such."""
    return _OUTSIDE.search(step) is not None


def statements(step: str) -> tuple[str, ...]:
    """Return the statements of a step that is taken one by one; no text in them holds a semicolon."""
    return tuple(text for part in _COMMENT.sub("", step).split(";") if (text := part.strip()))


@cache
def shipped(package: str) -> Schema:
    """Return the schema whose steps lie in a package's folder ``schema``, one ``NNNN.sql`` each."""
    folder = resources.files(package) / "schema"
    found = {file.name: file for file in folder.iterdir() if _FILE.fullmatch(file.name)}
    return Schema(tuple(found[name].read_text("utf-8") for name in sorted(found)))
