"""What a partner promises for the case that we do not know whether it has taken something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Doubt(StrEnum):
    """How an ambiguous attempt is resolved."""

    RESEND = "resend"  #: the partner deduplicates on our delivery id for ``dedup_window``
    LOOKUP = "lookup"  #: a negative answer is final once ``quiet`` has passed since our socket closed
    HOLD = "hold"  #: neither: a person decides. The default when nothing is declared.


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One system's promise for one kind of event."""

    doubt: Doubt = Doubt.HOLD
    dedup_window: timedelta | None = None  #: None: for ever
    quiet: timedelta = timedelta(0)
    after_window: Doubt = Doubt.HOLD  #: what RESEND becomes past its window: LOOKUP or HOLD

    @property
    def looks_up(self) -> bool:
        """Whether a look-up's final no is promised to be true."""
        return Doubt.LOOKUP in {self.doubt, self.after_window}


UNDECLARED = Declared()
_REMEMBERED = 256  #: kinds whose declaration is kept at hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """A system's promises by kind; ``*`` and ``dossier.*`` are patterns, the longest match wins."""

    by_kind: Mapping[str, Declared] = field(default_factory=dict[str, Declared])
    _found: dict[str, Declared] = field(default_factory=dict[str, Declared], repr=False, compare=False)  #: so far

    def of(self, kind: str) -> Declared:
        """Return what is declared for this kind; HOLD where nothing is."""
        found = self._found.get(kind)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[kind] = self._look(kind)
        return found

    def needs_people(self) -> bool:
        """Whether there is a kind whose doubt a person must end: one that is declared so, or not at all."""
        return "*" not in self.by_kind or any(one.doubt is Doubt.HOLD for one in self.by_kind.values())

    def _look(self, kind: str) -> Declared:
        if kind in self.by_kind:
            return self.by_kind[kind]
        parts = kind.split(".")
        families = (".".join([*parts[:count], "*"]) for count in range(len(parts) - 1, -1, -1))
        return next((self.by_kind[family] for family in families if family in self.by_kind), UNDECLARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldKinds:
    """The kinds whose doubt needs a person: every kind there is or will be, decided by its declaration."""

    declarations: Declarations
    all: bool = False  #: in shadow mode, where nothing leaves

    def __contains__(self, kind: object) -> bool:
        """Whether the claim of this kind does not count as begun."""
        return self.all or (isinstance(kind, str) and self.declarations.of(kind).doubt is Doubt.HOLD)
