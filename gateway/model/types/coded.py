"""A value of a catalogue, with the catalogue and its version."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Coded(Record, frozen=True, kw_only=True):
    """A coded value; ``name`` is what people read."""

    table: Code | None = None  #: the catalogue that the code is of
    table_version: Code | None = None  #: the version or date of that catalogue
    code: Code | None = None  #: the value's code in the catalogue
    name: Line = ""  #: the value in words
