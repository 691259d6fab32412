"""Agencies and territory."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.shapes import Code, Line, Record, WardCode

Tier = Literal["ministry", "province", "district", "commune"]


class Unit(Record, frozen=True, kw_only=True):
    """An agency by its identification code."""

    code: Code | None = None  #: identification code, such as H52.12 or 000.00.12.H52
    name: Line = ""  #: what the agency is called
    tier: Tier | None = None  #: which tier of government it is of


class Territory(Record, frozen=True, kw_only=True):
    """The administrative territory that a dossier belongs to."""

    province: Code | None = None  #: province code of the General Statistics Office
    district: Code | None = None  #: code of the former district
    ward: WardCode | None = None  #: code of the commune or ward
