"""The national demo: a portal that syncs by its own timer through the plug-in door, and whom it reaches.

Nobody knows the gateway's ids. All name the same thing by the same words, and by these their journals are compared: a
dossier at the national portal by its code and status, a step by its code, time and status; at the other systems, what
was stated of a dossier by its code and kind; a question by the number that was asked about.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.cli.demo.cast import Cast, Player
from gateway.cli.demo.tally import PORTAL, Line

NATIONAL_PORTAL, CIVIL_STATUS, REGISTRY = "national_portal", "civil_status", "enterprise_registry"
STEPS = ("residence", "health_insurance")  #: systems of a chained procedure's steps, and its routes' names

_JOINT = "2.002621"  #: birth, residence and insurance card in one
_CIVIL = ("1.001193", "1.000894", "2.000635", _JOINT)
_OTHERS = ("1.002809", "2.000488", "2.001583", "2.001610")
_MODULE = "LTKS"  #: the register's name for the joint procedure
_FAULTS = ("--down-for", "3", "--drop", "0.05", "--unavailable", "0.02", "--html", "0.01", "--session-calls", "100")
_REGISTER = ("--down-for", "2", "--drop", "0.05", "--page", "0.02", "--busy", "0.02", "--calls", "100")
_TIMER = ("--style", "both", "--asks", "--count", "{count}", "--per-turn", "{per_turn}", "--every", "0.5")
_PROCEDURES = tuple(word for code in (*_OTHERS, *_CIVIL) for word in ("--procedure", code))  # the joint one last


def read(system: str, line: Line) -> Iterable[Line]:
    """Return what a line of a journal means to the tally."""
    match system:
        case "portal":
            return _of_portal(line)
        case "national_portal":
            return _of_national_portal(line)
        case "civil_status":
            return _of_civil_status(line)
        case "enterprise_registry":
            return _of_registry(line)
        case _:
            return (line,)


def _of_portal(line: Line) -> Iterable[Line]:
    match line["what"]:
        case "synced":
            kind = "progress.recorded" if "ThoiDiemXuLy" in line else "dossier.submitted"
            yield _sent(line, line["MaHoSo"], NATIONAL_PORTAL, event=_stated(line), kind=kind)
            if str(line.get("MaTTHC", "")).startswith(_CIVIL):
                yield _sent(line, line["MaHoSo"], CIVIL_STATUS, event="dossier.submitted")
        case "answered":
            yield _sent(line, line["dossier"], str(line["to"]), event=line["kind"])
        case "asked":
            yield _sent(line, line["number"], REGISTRY, event="asked")
        case "effect" if line["source"] == NATIONAL_PORTAL:
            yield {**line, "event": line["dossier"]}
        case "effect" if line["source"] == CIVIL_STATUS:
            beginning, _, kind = str(line["event"]).rsplit("/", 2)
            yield {**line, "event": _news(f"{beginning}/", kind)}
        case _:
            yield line


def _of_national_portal(line: Line) -> Iterable[Line]:
    match line["what"]:
        case "effect":
            yield {**line, "event": _key(line["service"], line.get("time"), line["status"])}
            yield {"what": "finished", "dossier": line["dossier"]}
        case "issued":
            yield line
        case _:
            yield {**line, "delivery": f"{line.get('dossier')} {line.get('service')}"}


def _of_civil_status(line: Line) -> Iterable[Line]:
    if line["what"] != "issued":
        yield line
        return
    yield {**line, "event": _news(str(line["event"]), str(line["kind"]))}
    if line["kind"] == "result.issued" and line["module"] == _MODULE:
        for step in STEPS:
            yield _sent(line, f"{line['dossier']}/{step}", step, event="dossier.submitted")


def _of_registry(line: Line) -> Iterable[Line]:
    known = {"dossier": line.get("number"), "delivery": line.get("number")}
    match line["what"]:
        case "asked":
            yield {"what": "request", **known}
        case "told":
            yield {"what": "effect", "event": "asked", "kind": "asked", **known}
            yield {"what": "finished", **known}
            yield {"what": "replied", **known}
        case "repeated" | "dropped":
            yield {"what": "replied", **known}
        case _:
            yield line


def _sent(line: Line, dossier: object, system: str, *, event: object, kind: str = "") -> Line:
    """Return what a line says must reach a system, and when that was stated."""
    known = {"dossier": dossier, "event": event, "kind": kind or event}
    return {"what": "sent", "at": line.get("at", 0.0), "message": "", "systems": [system], **known}


def _news(beginning: str, kind: str) -> str:
    """Return the key of what the register states: without slashes, so that the order of all of it counts."""
    return (beginning + kind).replace("/", "-")


def _stated(line: Line) -> str:
    return _key(line["service"], line.get("ThoiDiemXuLy"), line.get("TrangThai", line.get("TrangThaiHoSo")))


def _key(service: object, time: object, status: object) -> str:
    return " ".join(str(part) for part in (service, time, status) if part)


#: A repeated note does no harm to these partners, so that no person has to decide what is in doubt.
NATIONAL = Cast(
    players=(
        Player(
            system=NATIONAL_PORTAL, simulator="national_portal", options=("--notes-once", "--push", "{push}", *_FAULTS)
        ),
        Player(system=CIVIL_STATUS, simulator="civil_status", options=_REGISTER),
        *(Player(system=step, simulator=step, options=("--down-for", "2", "--drop", "0.05")) for step in STEPS),
        Player(system=REGISTRY, simulator="enterprise_registry", options=("--down-for", "2", "--drop", "0.05")),
        Player(system=PORTAL, simulator="plug_in_portal", options=(*_TIMER, "--drop", "0.03", *_PROCEDURES)),
    ),
    routes="national_routes.toml",
    settings=(
        "server.public_url={url}",
        f'systems.{NATIONAL_PORTAL}.doubt."dossier.submitted".quiet=2s',
        f'systems.{NATIONAL_PORTAL}.doubt."*".doubt=resend',
        f'systems.{CIVIL_STATUS}.doubt."supplement.submitted".doubt=resend',
        f"systems.{CIVIL_STATUS}.poll.every=1s",
        f"systems.{REGISTRY}.queries.rate=50/s",
        *(f"systems.{system}.breaker.first_open=2s" for system in (NATIONAL_PORTAL, CIVIL_STATUS, *STEPS)),
        *(f"systems.{system}.retry.first_wait=500ms" for system in (CIVIL_STATUS, *STEPS)),
    ),
    reading=read,
    quiet=3.0,
)
