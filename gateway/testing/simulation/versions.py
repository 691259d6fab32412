"""Under which version of the configuration each lease was given, and what that one lets be sent: to whom, how often."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.ids import SystemId
from gateway.core.routing import Mode, RouteBook
from gateway.stores.rows import DeliveryRow


@dataclass(slots=True)
class Versions:
    """One seed's. What is asked of a version that nobody has told of is answered with no."""

    _books: dict[str, RouteBook] = field(default_factory=dict[str, RouteBook])
    _attempts: dict[str, int] = field(default_factory=dict[str, int])
    _given: dict[str, str] = field(default_factory=dict[str, str])  #: versions, by lease

    def keep(self, version: str, book: RouteBook, max_attempts: int) -> None:
        """Hear of a version that is about to be in force."""
        self._books[version] = book
        self._attempts[version] = max_attempts

    def leased(self, token: str, version: str) -> None:
        """Hear under which version a lease was given."""
        self._given[token] = version

    def of(self, token: str | None) -> str:
        """Return under which version a lease was given."""
        return self._given.get(token or "", "")

    def is_off(self, version: str | None, system: SystemId) -> bool:
        """Whether a version calls this system no more."""
        book = self._books.get(version or "")
        return book is not None and book.systems[system].mode is Mode.OFF

    def was_ever_off(self, system: SystemId) -> bool:
        """Whether there was a version that did not call this system."""
        return any(self.is_off(version, system) for version in self._books)

    def is_spent(self, version: str, row: DeliveryRow) -> bool:
        """Whether a delivery has had all the tries that a version allows it."""
        return version in self._attempts and row.attempts >= self._attempts[version]

    def rehearses(self, version: str | None, row: DeliveryRow) -> bool:
        """Whether nothing of a delivery may leave by a version: its system or its route is in shadow mode."""
        book = self._books.get(version or "")
        if book is None:
            return False
        is_dark = book.systems[row.destination].mode is Mode.SHADOW
        return is_dark or any(route.shadow for route in book.routes if route.id == row.route)
