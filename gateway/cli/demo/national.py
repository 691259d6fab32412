"""The national demo: a portal that syncs by its own timer through the plug-in door, and the national portal.

Neither knows the gateway's ids. Both name the same thing by the same words: a dossier by its code and status, a step by
its code, time and status. These are the business keys by which their journals are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.cli.demo.cast import Cast, Player
from gateway.cli.demo.tally import PORTAL, Line

NATIONAL_PORTAL = "national_portal"
_FAULTS = ("--down-for", "3", "--drop", "0.05", "--unavailable", "0.02", "--html", "0.01", "--session-calls", "100")
_TIMER = ("--count", "{count}", "--per-turn", "{per_turn}", "--every", "0.5", "--drop", "0.03")


def read(system: str, line: Line) -> Iterable[Line]:
    """Return what a line of either journal means to the tally."""
    what = line["what"]
    if system == PORTAL and what == "synced":
        yield {"what": "sent", "dossier": line["MaHoSo"], "systems": [NATIONAL_PORTAL], "message": "", **_stated(line)}
    elif system == PORTAL and what == "effect":
        yield {**line, "event": line["dossier"]}
    elif system == NATIONAL_PORTAL and what == "effect":
        yield {**line, **_key(line["service"], line.get("time"), line["status"])}
        yield {"what": "finished", "dossier": line["dossier"]}
    elif system == NATIONAL_PORTAL and what != "issued":
        yield {**line, "delivery": f"{line.get('dossier')} {line.get('service')}"}
    else:
        yield line


def _stated(line: Line) -> Mapping[str, object]:
    return _key(line["service"], line.get("ThoiDiemXuLy"), line.get("TrangThai", line.get("TrangThaiHoSo")))


def _key(service: object, time: object, status: object) -> Mapping[str, object]:
    return {"kind": service, "event": " ".join(str(part) for part in (service, time, status) if part)}


#: A repeated note does no harm to this portal, so that no person has to decide what is in doubt.
NATIONAL = Cast(
    players=(
        Player(
            system=NATIONAL_PORTAL, simulator="national_portal", options=("--notes-once", "--push", "{push}", *_FAULTS)
        ),
        Player(system=PORTAL, simulator="plug_in_portal", options=_TIMER),
    ),
    routes="national_routes.toml",
    settings=(
        "server.public_url={url}",
        f'systems.{NATIONAL_PORTAL}.doubt."dossier.submitted".quiet=2s',
        f'systems.{NATIONAL_PORTAL}.doubt."*".doubt=resend',
    ),
    reading=read,
    quiet=3.0,
)
