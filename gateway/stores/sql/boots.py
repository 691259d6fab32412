"""When the machine started, as the last transaction saw it, in SQL."""

from __future__ import annotations

from gateway.core.boot import Boot
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access

# The start that was seen last.
LAST = "SELECT id, at FROM boot"
# Keep it in the place of the one before.
KEEP = c.replace_one("boot", '"only", id, at', key='"only"')


class SqlBoots:
    """``register_tables.BootTable`` over one connection; asked once and then known, until something is undone."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._known: Boot | None = None

    def last(self) -> Boot | None:
        if self._known is None:
            row = self._access.look(LAST).fetchone()
            self._known = None if row is None else Boot(id=row[0], at=c.moment(row[1]))
        return self._known

    def keep(self, boot: Boot) -> None:
        self._access.run(KEEP, (1, boot.id, c.micros(boot.at)))
        self._known = boot

    def forget(self) -> None:
        """Know nothing: something was undone."""
        self._known = None
