"""From an object of the protocol to the event that it states."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

import msgspec

from gateway.core import kinds
from gateway.core.codes import BLANKS, LONGEST, PROVINCE
from gateway.core.message import Payload
from gateway.ingress.plug_in import cells
from gateway.ingress.plug_in.objects import DOSSIER, PROGRESS, STATUS, Column, Reading, Table, read
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.model.event import ReadEvent
from gateway.model.fault import Fault, Invalid
from gateway.model.places import Origin
from gateway.model.reading import read_dossier, read_event

_JSON = "application/json"
_STATUS_TABLE = "TrangThaiHoSo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One object of a call's ``data``."""

    value: object
    raw: bytes  #: as it came
    at: str  #: ``data[3]``
    unit: str  #: ``madonvi`` of the call

    @property
    def code(self) -> str:
        """Return the dossier's code as far as it can be shown."""
        value = cast("Table", self.value).get("MaHoSo") if isinstance(self.value, dict) else None
        value = value.strip(BLANKS) if isinstance(value, str) else ""
        return value if len(value) <= LONGEST and value.isprintable() else ""


State: TypeAlias = Callable[[Given], "Item | Faulty"]


def submission(given: Given) -> Item | Faulty:
    """Read a whole dossier as a new one."""
    return _dossier(given, kinds.SUBMITTED)


def amendment(given: Given) -> Item | Faulty:
    """Read a whole dossier as the next revision of a known one."""
    return _dossier(given, kinds.AMENDED)


def progress(given: Given) -> Item | Faulty:
    """Read a step of progress; a status that the national table does not know is stated as it came."""
    return _stated(given, PROGRESS, _progress)


def status(given: Given) -> Item | Faulty:
    """Read the status of a dossier that came from the national portal."""
    return _stated(given, STATUS, _status)


def _dossier(given: Given, kind: str) -> Item | Faulty:
    found = _read(given, DOSSIER)
    if isinstance(found, Faulty):
        return found
    _complete(found, given)
    try:
        event = read_dossier({"dossier": found.value}, kind=kind)
    except Invalid as error:
        return Faulty(found.named(error.faults, "dossier."))
    return _item(event, given, None, Origin(data_at="", named=found.place))


def _complete(found: Reading, given: Given) -> None:
    """Put in what the model asks for and the protocol leaves open, or says elsewhere."""
    dossier = found.value
    owner = cast("Table", dossier.setdefault("owner", {}))
    owner.setdefault("name", {"whole": ""})
    dossier.setdefault("procedure", {})
    identity = dossier.pop("identity", None)
    identities = cast("list[Table]", owner.get("identities", []))
    if identity is not None and all(item.get("number") != identity for item in identities):
        found.places[f"owner.identities[{len(identities)}]"] = "SoGiayToChuHoSo"
        owner["identities"] = [*identities, {"number": identity}]
    unit = cells.unit_of(str(dossier.get("code", ""))) or given.unit
    if unit:
        dossier["receiving_unit"] = {"code": unit}
        found.places["receiving_unit"] = "MaHoSo"


def _stated(given: Given, columns: tuple[Column, ...], finish: Callable[[Reading, str], str]) -> Item | Faulty:
    """Read an event; the same object said again is the same event, whatever was said in between."""
    found = _read(given, columns)
    if isinstance(found, Faulty):
        return found
    said = cells.plain(cast("Table", given.value).get("TrangThai"))
    found.value["kind"] = finish(found, said.strip(BLANKS))
    try:
        event = read_event(found.value)
    except Invalid as error:
        return Faulty(found.named(error.faults, ""))
    if event.event.occurred_at is None:
        return Faulty(found.named((Fault(path="occurred_at", code="required", expected="yyyyMMddHHmmss"),), ""))
    key = hashlib.sha256(msgspec.json.encode(event)).hexdigest()
    return _item(event, given, key, Origin(named=found.place))


def _progress(found: Reading, said: str) -> str:
    event = found.value
    data = cast("Table", event.setdefault("data", {}))
    if not said or cells.is_national(said):
        return "progress.recorded"
    event["text"] = data.get("text", "")
    event["data"] = {"source_status": {"table": _STATUS_TABLE, "code": said}}
    found.places["data.source_status"] = "TrangThai"
    return kinds.STATUS_CHANGED


def _status(found: Reading, said: str) -> str:
    """Name the codes by who gave them: such a dossier has its code from the national portal, and one of ours."""
    dossier = cast("Table", found.value.setdefault("dossier", {}))
    for reference in cast("list[Table]", dossier.get("references", [])):
        reference["scheme"] = PROVINCE
    if "code" in dossier:
        dossier["scheme"] = "national"
    data = cast("Table", found.value.setdefault("data", {}))
    if said and not cells.is_national(said):
        data["source_status"] = {"table": _STATUS_TABLE, "code": said}
        found.places["data.source_status"] = "TrangThai"
    return kinds.STATUS_CHANGED


def _read(given: Given, columns: tuple[Column, ...]) -> Reading | Faulty:
    if not isinstance(given.value, dict):
        return Faulty((Fault(path=given.at, code="type", expected="object"),))
    found = read(cast("Table", given.value), columns, given.at)
    return Faulty(tuple(dict.fromkeys(found.faults))) if found.faults else found


def _item(event: ReadEvent, given: Given, key: str | None, origin: Origin) -> Item:
    return Item(read=event, dedup_key=key, raw=Payload(body=given.raw, media_type=_JSON), origin=origin)
