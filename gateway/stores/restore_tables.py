"""What a driver offers for a database that was put back; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gateway.core.ids import SystemId


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """What is not known of a system: what it was sent after the copy was made, and before it was put back."""

    since: datetime
    until: datetime


class RestoreTable(Protocol):
    """The store's epoch, and the systems that nobody has let be called since it was put back."""

    def epoch(self) -> str:
        """Return the epoch that the feeds' cursors name."""
        ...

    def renew(self, epoch: str) -> None:
        """Begin another epoch: no cursor of before is valid any more."""
        ...

    def keep(self, system: SystemId, gap: Gap) -> None:
        """Keep a system's gap, in place of an earlier one."""
        ...

    def gap(self, system: SystemId) -> Gap | None:
        """Return it; None where there is none."""
        ...

    def gaps(self) -> Sequence[SystemId]:
        """Return the systems that have one."""
        ...

    def close(self, system: SystemId) -> None:
        """Forget it."""
        ...
