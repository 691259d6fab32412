"""Values that are made for every dossier: frozen for whoever reads and checks the code, cheap while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def hot_value(cls: type[T]) -> type[T]:
    """Make a class a slotted dataclass that no checked code changes.

    What ``frozen=True`` adds at run time, a guard on every assignment, stands in the way of ``__init__`` too, and makes
    it three times as slow.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
