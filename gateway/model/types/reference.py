"""The many codes of one dossier, each with the scheme that gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta

from gateway.model.types.shapes import Code, DossierCode, Record


class Reference(Record, frozen=True, kw_only=True):
    """One code of a dossier; ``scheme`` says who gave it. Unknown schemes are data."""

    scheme: Code  #: who gave the code, such as province, national, unit
    code: DossierCode  #: the code itself


References = Annotated[tuple[Reference, ...], Meta(max_length=50)]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A family of codes, and the names that partners give the field."""

    name: str
    national: tuple[str, ...]


_SCHEMES = (
    Scheme("province", ("MaHoSo",)),
    Scheme("national", ("MaHoSoQG",)),
    Scheme("unit", ("MaHoSoDonVi", "MaHoSoKhac")),
    Scheme("mcdt", ("maHoSoMCDT",)),
    Scheme("chain", ("maHoSoLT", "soHoSoLT")),
    Scheme("receipt", ("SoBienNhan",)),
    Scheme("igate", ("nationCode",)),
    Scheme("guid", ("idHoSo",)),
    Scheme("dvc", ("maDangKyDvc",)),
    Scheme("nsw", ("NSWFileCode",)),
    Scheme("document", ("DocumentId",)),
)
#: The schemes known to the gateway, by name.
SCHEMES: Mapping[str, Scheme] = MappingProxyType({scheme.name: scheme for scheme in _SCHEMES})
