"""What is answered from our own books: a dossier by its code, and whether what is said of one is new."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from gateway.core.calendar import VIETNAM
from gateway.core.codes import PROVINCE
from gateway.core.message import Code
from gateway.core.record import Shown
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.lookup import find, viewed
from gateway.ingress.plug_in import verdicts
from gateway.ingress.plug_in.calls import Call
from gateway.ingress.problems import Problem
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.model.drafts import codes_of
from gateway.model.types import Dossier
from gateway.model.types.shapes import Moment
from gateway.ports.store import DossierView, StatusView

_EMPTY = ""


async def find_dossier(request: web.Request, call: Call) -> web.Response:
    """``TraCuuHoSo``: the dossiers with this code that the caller may see; a refusal where there is none."""
    code = call.text("mahoso") or call.text("MaHoSo")
    if not code:
        raise Problem("parameter.invalid", name="mahoso", expected="1-100")
    views = await find(request, code)
    if not views:
        raise Problem("dossier.not_found")
    await viewed(request, Shown.DOSSIER, (view.id for view in views))
    own = caller_of(request).system
    return verdicts.done(request, "found", result=[_shown(view, own) for view in views])


async def said_already(request: web.Request, items: Sequence[Item | Faulty]) -> list[bool]:
    """Say of each dossier whether it is, word for word, what its current revision says.

    Only the first of a code in this call is looked at: what follows it comes after what is not accepted yet.
    """
    found: list[bool] = []
    seen: set[Code] = set()
    for item in items:
        codes = () if isinstance(item, Faulty) else codes_of(item.read)[:1]
        found.append([await _is_current(request, item, code) for code in codes if code not in seen] == [True])
        seen.update(codes)
    return found


async def _is_current(request: web.Request, item: Item | Faulty, code: Code) -> bool:
    views = await doors_of(request).ledger.dossiers(code.value, scheme=code.scheme)
    said = b"" if isinstance(item, Faulty) else msgspec.json.encode(item.read.data)
    owner = caller_of(request).system
    return any(view.source == owner and view.document == said for view in views)


def _shown(view: DossierView, own: str | None) -> dict[str, object]:
    """Return a dossier in the protocol's names, without personal data."""
    dossier = msgspec.json.decode(view.document, type=Dossier) if view.document else None
    return {
        "MaHoSo": next((code.value for code in view.codes if code.scheme == PROVINCE), _EMPTY),
        "MaTTHC": view.procedure,
        "TenTTHC": dossier.procedure.name if dossier else _EMPTY,
        "NgayTiepNhan": _moment(dossier.received_at if dossier else None),
        "NgayHenTra": _moment(view.term.due_at),
        "TrangThaiHoSo": _status(view, dossier, own),
        "DanhSachTrangThai": [_stated(item) for item in view.statuses],
    }


def _status(view: DossierView, dossier: Dossier | None, own: str | None) -> str:
    """Return the status that the caller itself has stated last."""
    stated = next((item.status.status for item in view.statuses if item.system == own), None)
    status = stated or (dossier.status if dossier else None)
    return str(status) if status else _EMPTY


def _stated(item: StatusView) -> dict[str, str]:
    status = item.status
    return {
        "HeThong": item.system,
        "TrangThai": str(status.status or status.code),
        "NoiDung": status.text,
        "ThoiDiem": _moment(item.occurred_at or item.accepted_at),
    }


def _moment(value: Moment | None) -> str:
    return value.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S") if value else _EMPTY
