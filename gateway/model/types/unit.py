"""Agencies and territory."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.shapes import Code, Line, Record, WardCode

Tier = Literal["ministry", "province", "district", "commune"]


class Unit(Record, frozen=True, kw_only=True):
    """An agency by its identification code."""

    code: Code | None = None
    name: Line = ""
    tier: Tier | None = None


class Territory(Record, frozen=True, kw_only=True):
    """The administrative territory that a dossier belongs to."""

    province: Code | None = None
    district: Code | None = None
    ward: WardCode | None = None
