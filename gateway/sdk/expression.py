"""JSONata (https://docs.jsonata.org, 2.x) for the cells that a table cannot say: bounded, and without clock or chance.

What it reads is known before it runs, so that only this is handed to it. It is run beside the event loop.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn, cast

import jlens
import msgspec

from gateway.sdk.budget import Exhausted
from gateway.sdk.cell import Scalar, Unfit
from gateway.sdk.functions import FUNCTIONS, coded
from gateway.sdk.source import Source

LONGEST = 4000  #: characters of an expression
#: More than any cell needs; an expression that makes lists of lists with all of it took 58 MiB.
_STEPS, _DEPTH, _TEXT, _ITEMS = 20_000, 100, 64 * 1024, 1_000

_CONTENTS = frozenset({"base64", "content", "stream"})  #: of a file
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|/\*.*?\*/', re.DOTALL)
_IMPURE = re.compile(r"\$(?:now|millis|random|shuffle|uuid|eval)\b")
_RANGE = re.compile(r"\.\.")
#: Codes of what would not end, or grows too large; those that begin with U are of this engine.
_LIMITS = frozenset({"D1011", "D1012", "D2014", "D2015", "D2016"})


class Failed(Exception):
    """An evaluation gave nothing usable; the text never repeats a value."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression."""

    text: str
    roots: frozenset[str]  #: what it reads of a source
    links: bool  #: whether it reads links to files
    _compiled: jlens.Expression = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, roots: Collection[str], tables: Mapping[str, Mapping[str, Scalar]]) -> Expression:
        """Compile; raises ValueError, naming what is allowed."""
        if len(text) > LONGEST:
            raise ValueError(f"an expression has at most {LONGEST} characters")
        _check(_STRINGS.sub('""', text))
        try:
            compiled = jlens.Expression(text)
        except jlens.JlensError as error:
            raise ValueError(f"not JSONata: {error}") from None
        for name, function in FUNCTIONS.items():
            compiled.register_function(name, function)
        compiled.register_function("code", partial(coded, tables))
        read = compiled.reads().get("input", {})
        fields = dict.fromkeys(roots, True) if read is True else cast("dict[str, object]", read)
        if unknown := set(fields) - set(roots):
            raise ValueError(f"`{min(unknown)}` is nothing known here; known are {', '.join(sorted(roots))}")
        of_files = _fields_of_files(fields)
        if contents := _CONTENTS & of_files:
            raise ValueError(f"an expression cannot read a file's {min(contents)}: give it a row with `from`")
        return cls(text, frozenset(fields), "link" in of_files, compiled)

    def find(self, source: Source) -> object:
        """Return what it makes of a source, or None; raises Failed."""
        started = time.monotonic()
        try:
            given = {root: _shown(root, source.document(root)) for root in self.roots}
            made = self._made(msgspec.json.encode(given, enc_hook=_refuse).decode(), source.budget.take())
        except Exhausted:
            raise Failed("the expressions of this document take too long") from None
        except jlens.JlensError as error:
            raise Failed(_told(error)) from None
        except Unfit as error:
            raise Failed(str(error)) from None
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Failed(f"the expression meets a value that it cannot take ({type(error).__name__})") from None
        finally:
            source.budget.left -= time.monotonic() - started
        return None if made is None else msgspec.json.decode(made)

    def _made(self, given: str, limit: float) -> str | None:
        return self._compiled.evaluate_json(
            given,
            timeout=limit,
            max_depth=_DEPTH,
            max_steps=_STEPS,
            max_string_length=_TEXT,
            max_array_length=_ITEMS,
            max_result_size=_TEXT,
        )


def _check(bare: str) -> None:
    """Raise ValueError for what makes another document each time, or makes much of nothing."""
    if impure := _IMPURE.search(bare):
        raise ValueError(f"{impure[0]} has no place in a mapping: the same dossier must make the same document")
    if _RANGE.search(bare):
        raise ValueError("ranges (`..`) have no place in a mapping: go over what is there")


def _fields_of_files(read: Mapping[str, object]) -> set[str]:
    found: set[str] = set()
    for root in ("files", "item", "parent"):
        below = read.get(root)
        found |= set(cast("dict[str, object]", below)) if isinstance(below, dict) else set()
    return found


def _shown(root: str, document: object) -> object:
    """Return a document as an expression sees it: files without their contents."""
    if root == "files" and isinstance(document, list):
        return [_bare(one) for one in cast("list[object]", document)]
    return _bare(document) if root in ("item", "parent") else document


def _bare(document: object) -> object:
    if not isinstance(document, dict):
        return document
    table = cast("dict[str, object]", document)
    return {name: value for name, value in table.items() if name not in _CONTENTS}


def _refuse(value: object) -> NoReturn:
    raise Failed(f"an expression cannot read a value of the type {type(value).__name__}")


def _told(error: jlens.JlensError) -> str:
    code = cast("str", getattr(error, "code", "")) or "?"
    is_limit = code in _LIMITS or code.startswith("U")
    return "the expression takes too long or too much" if is_limit else f"the expression fails ({code})"
