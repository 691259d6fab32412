"""Reads an operator's tables piece by piece, so that every problem is named and not only the first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec

from gateway.core.errors import ConfigError, Problem

_T = TypeVar("_T")
_P = ParamSpec("_P")
_PLACE = re.compile(r"^(?P<text>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")


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

    def read(self, shape: type[_T], raw: object, key: str) -> _T | None:
        """Return the table as this shape, or None with its problem noted."""
        try:
            return msgspec.convert(raw, shape)
        except msgspec.ValidationError as error:
            self._note(shape, str(error), key)
            return None

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

    def _note(self, shape: type, message: str, key: str) -> None:
        match = _PLACE.match(message)
        text, path = (match["text"], match["path"] or "") if match else (message, "")
        unknown = _UNKNOWN.search(text)
        remedy = _nearest(unknown["name"], shape) if unknown else ""
        self.wrong(f"{key}{path}".removeprefix("."), text, remedy)


def _nearest(name: str, shape: type) -> str:
    known = [one.encode_name for one in msgspec.structs.fields(shape)] if issubclass(shape, msgspec.Struct) else []
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(sorted(known))}"
