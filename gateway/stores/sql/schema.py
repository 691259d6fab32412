"""The steps of a schema, and whose code may work on what they leave.

A step adds: code that knows nothing of it goes on beside it. One that takes something away, or gives it another
meaning, says in a line of its own ``-- Contracts: schema N or later``: only code that knows N steps may go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gateway.core.errors import StoreUnavailable

_FILE = re.compile(r"\d{4}\.sql")
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

    def then(self, step: str) -> Schema:
        """Return the schema with one more step."""
        return Schema((*self.steps, step))

    def scripts_after(self, found: int) -> Iterator[tuple[int, str]]:
        """Yield the number of each step to come, and what to run with it in one transaction."""
        for number, step in enumerate(self.steps[found:], start=found + 1):
            oldest = oldest_of(step)
            yield number, f"{step}\n{_KEEP_OLDEST.format(oldest=oldest)}" if oldest else step

    def oldest(self, found: int) -> int:
        """Return the lowest number that code must know after the steps from ``found`` on; 0 where they only add."""
        return max(map(oldest_of, self.steps[found:]), default=0)

    def allow(self, oldest: str | None) -> None:
        """Raise StoreUnavailable where a newer gateway took away what this code needs, by what the database says."""
        if int(oldest or 0) > self.number:
            raise StoreUnavailable(
                f"the database is for gateways that know schema {oldest} or later, this one knows {self.number}: start"
                " a later version, or go back to a copy made before the update"
            )


def oldest_of(step: str) -> int:
    """Return the lowest number of steps that code must know to go on after this one; 0 where it only adds."""
    says = _CONTRACTS.search(step)
    return int(says[1]) if says else 0


@cache
def shipped(package: str) -> Schema:
    """Return the schema whose steps lie in a package's folder ``schema``, one ``NNNN.sql`` each."""
    folder = resources.files(package) / "schema"
    found = {file.name: file for file in folder.iterdir() if _FILE.fullmatch(file.name)}
    return Schema(tuple(found[name].read_text("utf-8") for name in sorted(found)))
