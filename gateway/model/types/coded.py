"""A value of a catalogue, with the catalogue and its version."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Coded(Record, frozen=True, kw_only=True):
    """A coded value; ``name`` is what people read."""

    table: Code | None = None
    table_version: Code | None = None
    code: Code | None = None
    name: Line = ""
