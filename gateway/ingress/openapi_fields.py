"""What the fields mean that ``/openapi.json`` names: the ``#:`` comment behind a field of a struct, or above it.

Read from the sources when the description is first asked for, so that nothing of it is carried by what reads and writes
messages.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import get_args, get_type_hints

from msgspec import Struct

_CLASS = re.compile(r"class (\w+)\(")
_ABOVE = re.compile(r"    #: (.+)")
_FIELD = re.compile(r"    (\w+): .*?(?:  #: (.+))?")
#: Struct to field to meaning.
Meanings = Mapping[type[Struct], Mapping[str, str]]
#: Class to field to meaning, of one module.
_Told = Mapping[str, Mapping[str, str]]


def reached(structs: Iterable[type[Struct]]) -> tuple[type[Struct], ...]:
    """Return these structs and all that their fields consist of."""
    found: dict[type[Struct], None] = {}
    ahead = list(structs)
    while ahead:
        struct = ahead.pop()
        if struct not in found:
            found[struct] = None
            ahead += [part for hint in get_type_hints(struct).values() for part in _structs_in(hint)]
    return tuple(found)


def meanings(structs: Iterable[type[Struct]]) -> Meanings:
    """Return what the fields of each struct mean, those among them that it inherits; raises OSError without sources."""
    lines = {struct: [base for base in reversed(struct.__mro__) if issubclass(base, Struct)] for struct in structs}
    modules = {base.__module__ for bases in lines.values() for base in bases} - {Struct.__module__}
    told = {module: _told(inspect.getsource(sys.modules[module])) for module in modules}
    return {
        struct: {
            field: meaning
            for base in bases
            for field, meaning in told.get(base.__module__, {}).get(base.__name__, {}).items()
        }
        for struct, bases in lines.items()
    }


def _structs_in(hint: object) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for part in get_args(hint):
        yield from _structs_in(part)


def _told(source: str) -> _Told:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    name = above = ""
    for line in source.splitlines():
        if begins := _CLASS.match(line):
            name = begins[1]
        elif field := _FIELD.fullmatch(line):
            found[name][field[1]] = field[2] or above
        above = said[1] if (said := _ABOVE.fullmatch(line)) else ""
    return found
