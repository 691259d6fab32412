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


UNDECLARED = Declared()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """A system's promises by kind; ``*`` and ``dossier.*`` are patterns, the longest match wins."""

    by_kind: Mapping[str, Declared] = field(default_factory=dict[str, Declared])

    def of(self, kind: str) -> Declared:
        """Return what is declared for this kind; HOLD where nothing is."""
        if kind in self.by_kind:
            return self.by_kind[kind]
        family = kind.rsplit(".", 1)[0] + ".*"
        return self.by_kind.get(family) or self.by_kind.get("*") or UNDECLARED
