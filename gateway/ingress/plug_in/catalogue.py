"""Catalogue services, answered from the province's own catalogue (``services.toml``): what it knows, and no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from gateway.config.catalogue import in_force
from gateway.config.settings import ServiceConfig
from gateway.core.routing import day_in_vietnam
from gateway.ingress.doors import doors_of
from gateway.ingress.plug_in import cells, verdicts
from gateway.ingress.plug_in.calls import Call
from gateway.ingress.problems import Problem

_PUBLIC = "1"


async def _procedure(request: web.Request, call: Call) -> web.Response:
    """``LayThuTuc``: one procedure by its code, with or without the province's ending."""
    code = call.text("maTTHC") or call.text("MaTTHC")
    national = cells.national_procedure(code)
    found = [item for item in _services(request) if national in (item.code, cells.national_procedure(item.code))]
    if not found:
        raise Problem("service.no_procedure")
    return verdicts.done(request, "found", result=[_whole(item) for item in found])


async def _procedures(request: web.Request, _call: Call) -> web.Response:
    """``LayDanhSachTTHC``."""
    rows = [{"MATTHC": item.code, "TENTTHC": item.name} for item in _services(request)]
    return verdicts.done(request, "found", result=rows)


async def _fields(request: web.Request, _call: Call) -> web.Response:
    """``LayDanhMucLinhVuc``."""
    names = dict.fromkeys(item.field for item in _services(request) if item.field)
    return verdicts.done(request, "found", result=[{"MALINHVUC": "", "TENLINHVUC": name} for name in names])


async def _agencies(request: web.Request, _call: Call) -> web.Response:
    """``LayDanhMucCoQuan``."""
    codes = dict.fromkeys(item.agency for item in _services(request) if item.agency)
    return verdicts.done(request, "found", result=[{"MADONVI": code, "TENDONVI": ""} for code in codes])


#: Service to what answers it.
CATALOGUES: Mapping[str, Callable[[web.Request, Call], Awaitable[web.Response]]] = MappingProxyType(
    {
        "LayThuTuc": _procedure,
        "LayDanhSachTTHC": _procedures,
        "LayDanhMucLinhVuc": _fields,
        "LayDanhMucCoQuan": _agencies,
    }
)


def _services(request: web.Request) -> tuple[ServiceConfig, ...]:
    doors = doors_of(request)
    return in_force(doors.plug_in.services, day_in_vietnam(doors.clock.now()))


def _whole(item: ServiceConfig) -> dict[str, object]:
    """Return a procedure under the keys that clients read, often the first row unasked; what we lack is empty."""
    return {
        "MATTHC": item.code,
        "TENTTHC": item.name,
        "MACOQUANCONGBO": "",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "", "TENLINHVUC": item.field}],
        "COQUANTHUCHIEN": [{"MADONVI": item.agency, "TENDONVI": ""}],
        "TRINHTUTHUCHIEN": [],
        "CACHTHUCTHUCHIEN": [],
        "DOITUONGTHUCHIEN": [],
        "KETQUATHUCHIEN": [],
        "CANCUPHAPLY": [],
        "YEUCAU": "",
        "TRANGTHAI": _PUBLIC,
    }
