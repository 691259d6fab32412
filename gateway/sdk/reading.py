"""Reads an operator's tables piece by piece, so that every problem is named and not only the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

import msgspec

from gateway.config.tables import faults
from gateway.core.errors import ConfigError, Problem

_T = TypeVar("_T")
_Shape = TypeVar("_Shape", bound=msgspec.Struct)
_P = ParamSpec("_P")


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a TOML file: unknown keys are errors."""


class Reader:
    """Notes what is wrong in one file, and goes on."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, key: str, text: str, remedy: str = "") -> None:
        """Note one problem at a dotted key of this file."""
        self.problems.append(Problem(file=self.file, key=key, text=text, remedy=remedy))

    def read(self, shape: type[_Shape], raw: object, key: str) -> _Shape | None:
        """Return the table as this shape, or None with its problems noted."""
        found = list(faults(raw, shape, key))
        self.problems += [replace(fault, file=self.file) for fault in found]
        return None if found else msgspec.convert(raw, shape)

    def made(self, key: str, make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        """Return what ``make`` returns, or None with its ValueError noted."""
        try:
            return make(*args, **kwargs)
        except ValueError as error:
            self.wrong(key, str(error))
            return None

    def adopt(self, error: ConfigError) -> None:
        """Take over the problems of another error."""
        self.problems.extend(error.problems)

    def check(self) -> None:
        """Raise ConfigError with everything noted so far, if there is anything."""
        if self.problems:
            raise ConfigError(*self.problems)
