"""Whom a question is about: fewer after an answer that is too large or refused, and not those it is refused for.

The ministry refuses a question as a whole, and one code that it does not know is enough. So the question is halved
until the one is found that is refused alone; that dossier is put aside for a while, and told to a person once another
one is answered: until then it may be the ministry that refuses everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.sdk import OpenDossier

_ASIDE = timedelta(hours=1)
_MANY = 10  #: refused one after the other with no answer between: nobody is told of each, the ministry has a bad day


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its dossiers' codes, and behind which dossier the next one goes on; empty at the end of a round."""

    codes: Sequence[str]
    after: str


@dataclass(slots=True)
class Asking:
    """The questions of one module."""

    most: int
    size: int = 0
    _aside: dict[str, datetime] = field(default_factory=dict[str, datetime])  #: until when, by code
    _refused: dict[str, str] = field(default_factory=dict[str, str])  #: the ministry's words, since the last answer

    def __post_init__(self) -> None:
        """Begin with the largest question."""
        self.size = self.most

    @property
    def limit(self) -> int:
        """How many open dossiers are wanted for the next question: those that are put aside may be among them."""
        return self.size + len(self._aside)

    def about(self, dossiers: Sequence[OpenDossier], scheme: str, now: datetime) -> Asked:
        """Return the question about these open dossiers, of which ``limit`` were wanted."""
        is_last = len(dossiers) < self.limit
        self._aside = {code: until for code, until in self._aside.items() if until > now}
        known = [(one, code) for one in dossiers if (code := one.codes.get(scheme)) and code not in self._aside]
        asked = known[: self.size]
        if len(asked) < len(known):
            return Asked([code for _, code in asked], asked[-1][0].id)
        return Asked([code for _, code in asked], "" if is_last else dossiers[-1].id)

    def answered(self) -> Mapping[str, str]:
        """Ask about more next time; return the codes that are refused alone, with the ministry's words."""
        self.size = min(self.size * 2, self.most)
        refused, self._refused = self._refused, {}
        if len(refused) <= _MANY:
            return refused
        self._aside = {code: until for code, until in self._aside.items() if code not in refused}
        return {}

    def halve(self, asked: int) -> None:
        """Ask about half as many next time."""
        self.size = max(asked // 2, 1)

    def put_aside(self, code: str, words: str, now: datetime) -> None:
        """Leave a dossier out for a while that is refused alone."""
        self._refused[code] = words
        self._aside[code] = now + _ASIDE
