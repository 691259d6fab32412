"""Secrets by reference: configuration names where they are, never what they are."""

from __future__ import annotations

from typing import Protocol


class Secret:
    """A secret value that cannot print itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; call it only where it is put on the wire."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


class Withheld(Secret):
    """Stands in for a secret where nothing is sent and nobody may know it: only that there is one can be checked."""

    __slots__ = ()


class Secrets(Protocol):
    """Looks secrets up."""

    def get(self, reference: str) -> Secret:
        """Return the secret behind ``env:NAME`` or ``file:/path``; raises ConfigError with the remedy."""
        ...
