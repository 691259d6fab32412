"""The protocol's objects as the model has them: the one table of this door.

A field that the national table (``model.national``) names the same is named by its field; only what the protocol names
or nests otherwise is spelled out. What stands in no row is kept in the sender's own document only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from gateway.core.codes import BLANKS
from gateway.ingress.plug_in import cells
from gateway.ingress.plug_in.cells import Read, Unread
from gateway.model.fault import Fault
from gateway.model.national import NATIONAL
from gateway.model.types import Component, Dossier, Fee, Person, Procedure, Progress, Result, Supplement
from gateway.model.types.shapes import Record

Table: TypeAlias = dict[str, object]
_Way: TypeAlias = tuple[str, ...]
_ITEMS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One field, and where the model has it; a step that ends in ``[0]`` is the first of a list."""

    name: str
    way: _Way
    read: Read = cells.text


def _as_it_is(item: Table) -> object:
    return item


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects."""

    name: str
    way: _Way
    columns: tuple[Column, ...]
    finish: Callable[[Table], object] = _as_it_is  #: None drops the object


Column: TypeAlias = Cell | Rows


def _same(type_: type[Record], fields: str, *, under: _Way = (), read: Read = cells.text) -> tuple[Cell, ...]:
    """Return the fields that the national table names as the protocol does."""
    return tuple(Cell(NATIONAL[type_][name], (*under, name), read) for name in fields.split())


def _file(item: Table) -> object:
    """Return a paper; a removed file is named and never fetched, one without name or address is none."""
    found = cast("list[Table]", item.get("files", []))
    for file in found:
        if file.get("removed"):
            file.pop("url", None)
    files = [file for file in found if file.get("url") or file.get("name")]
    return {**item, "files": files} if files else {name: value for name, value in item.items() if name != "files"}


def _named(item: Table) -> object:
    return item or None


def _code(item: Table) -> object:
    return item.get("code")


_PAPER: tuple[Column, ...] = (
    *_same(Component, "digitised from_store", read=cells.flag),
    *_same(Component, "code reused substitutes_result"),
    Cell("TenTepDinhKem", ("name",)),
    Cell("TenTepDinhKem", ("files[0]", "name")),
    Cell("DuongDanTaiTepTin", ("files[0]", "url"), cells.address),
    Cell("IsDeleted", ("files[0]", "removed"), cells.flag),
)
_OTHER_PAPER: tuple[Column, ...] = (Cell("TenGiayTo", ("name",)), Cell("SoLuong", ("copies",), cells.count))
_FEE: tuple[Column, ...] = (
    *_same(Fee, "code name kind collect_at"),
    *_same(Fee, "amount", read=cells.money),
)
_SUPPLEMENT: tuple[Column, ...] = (
    *_same(Supplement, "id content"),
    *_same(Supplement, "requested_at received_at due_before due_after", read=cells.moment),
    Cell("NguoiYeuCauBoSung", ("requested_by", "name")),
    Cell("NguoiTiepNhanBoSung", ("received_by", "name")),
    Rows("DanhSachGiayToBoSung", ("papers",), _OTHER_PAPER, _named),
    Rows("DanhSachLePhiBoSung", ("fees",), _FEE),
)
_RESULT: tuple[Column, ...] = (
    *_same(Result, "id code name"),
    Cell("DuongDanTepTinKetQua", ("files[0]", "url"), cells.address),
)
_IDENTITY: tuple[Column, ...] = (Cell("LoaiDinhDanh", ("type",)), Cell("SoDinhDanh", ("number",)))
_PARTIES = {"1": "citizen", "2": "enterprise", "3": "state_body", "4": "organisation"}
_CHANNELS = {"1": "counter", "2": "online", "3": "postal"}
_PAYMENTS = {"0": "none", "1": "online", "3": "other"}

#: Hồ sơ: ``DongBoHoSoMC.data[]``.
DOSSIER: tuple[Column, ...] = (
    *_same(Dossier, "code receipt_number", read=cells.code),
    *_same(Dossier, "submitted_via summary note other_info return_note return_method"),
    *_same(Dossier, "submitted_at received_at due_at processed_at returned_at refused_at", read=cells.moment),
    *_same(Dossier, "status", read=cells.status),
    *_same(Dossier, "digitised", read=cells.flag),
    *_same(Dossier, "channel", read=cells.one_of(_CHANNELS)),
    *_same(Dossier, "online_payment", read=cells.one_of(_PAYMENTS)),
    *_same(Procedure, "name field_code field_name", under=("procedure",)),
    *_same(Procedure, "code", under=("procedure",), read=cells.national_procedure),
    Cell("MaTTHC", ("procedure", "local_code"), cells.local_procedure),
    *_same(Person, "account_id phone email fax", under=("owner",)),
    *_same(Person, "type", under=("owner",), read=cells.one_of(_PARTIES)),
    *_same(Person, "vneid_verified", under=("owner",), read=cells.flag),
    Cell("ChuHoSo", ("owner", "name", "whole")),
    Cell("SoGiayToChuHoSo", ("identity",)),
    Rows("DinhDanhCHS", ("owner", "identities"), _IDENTITY),
    Cell("DonViXuLy", ("processing_unit", "name")),
    Rows("DSKetNoiCSDL", ("databases_used",), (Cell("MaCSDL", ("code",)),), _code),
    Rows("TaiLieuNop", ("components",), _PAPER, _file),
    Rows("DanhSachTepDinhKemKhac", ("other_papers",), _OTHER_PAPER, _named),
    Rows("DanhSachLePhi", ("fees",), _FEE),
    Rows("DanhSachHoSoBoSung", ("supplements",), _SUPPLEMENT),
    Rows("DanhSachGiayToKetQua", ("results",), _RESULT, _file),
)
_OFFICER = {"NguoiXuLy": "name", "ChucDanh": "position", "PhongBanXuLy": "unit"}
#: Tiến độ: ``CapNhatTienDoHoSoMC.data[]``, as an event.
PROGRESS: tuple[Column, ...] = (
    Cell("MaHoSo", ("dossier", "code"), cells.code),
    *_same(Progress, "occurred_at", read=cells.moment),
    *_same(Progress, "text", under=("data",)),
    *_same(Progress, "occurred_at started_at regulated_end", under=("data",), read=cells.moment),
    *_same(Progress, "status", under=("data",), read=cells.status),
    *(Cell(name, ("actor", to)) for name, to in _OFFICER.items()),
    *(Cell(name, ("data", "actor", to)) for name, to in _OFFICER.items()),
)
#: Trạng thái of a dossier that came from the national portal: ``DongBoTrangThaiHoSo.data``, as an event.
STATUS: tuple[Column, ...] = (
    Cell("MaHoSo", ("dossier", "code"), cells.code),
    Cell("MaHoSoDonVi", ("dossier", "references[0]", "code"), cells.code),
    Cell("NoiDung", ("data", "reason")),
    Cell("NgayXuLy", ("occurred_at",), cells.moment),
    Cell("TrangThai", ("data", "status"), cells.status),
    Rows(
        "TaiLieuXuLy",
        ("files",),
        (Cell("TenTepDinhKem", ("name",)), Cell("DuongDanTaiTepTin", ("url",), cells.address)),
        _named,
    ),
)


@dataclass(slots=True)
class Reading:
    """One object, read: the model's builtins, the sender's name of each place in them, and what is wrong."""

    at: str  #: path of the object in the call: ``data[3]``
    value: Table = field(default_factory=dict[str, object])
    places: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[Fault] = field(default_factory=list[Fault])

    def named(self, faults: Iterable[Fault], prefix: str) -> tuple[Fault, ...]:
        """Return the model's faults under the sender's own names; ``prefix`` is where the model has the object."""
        return tuple(
            Fault(path=self.place(item.path.removeprefix(prefix)), code=item.code, expected=item.expected)
            for item in faults
        )

    def place(self, path: str) -> str:
        """Return the sender's name for a place in the model's object, or for the nearest place above it."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return join(self.at, self.places.get(path, ""))


def read(given: Mapping[str, object], columns: tuple[Column, ...], at: str) -> Reading:
    """Return an object of the protocol as the model has it."""
    found = Reading(at)
    _fill(found, _Spot(found.value, "", ""), given, columns)
    return found


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where is being written: a table of the model, its path in the model, and its path in the object."""

    table: Table
    path: str
    name: str


def _fill(found: Reading, spot: _Spot, given: Mapping[str, object], columns: tuple[Column, ...]) -> None:
    for column in columns:
        name, path = join(spot.name, column.name), join(spot.path, ".".join(column.way))
        found.places[path] = name
        try:
            value = (
                _cell(column, given.get(column.name))
                if isinstance(column, Cell)
                else _list(found, column, given.get(column.name), _Spot({}, path, name))
            )
        except Unread as wrong:
            found.faults.append(Fault(path=join(found.at, name), code=wrong.code, expected=wrong.expected))
            continue
        if value is not None:
            _put(spot.table, column.way, value)


def _cell(column: Cell, given: object) -> object:
    said = cells.plain(given)
    bare = said.strip(BLANKS)  # a portal's columns may be padded; what people wrote stays as it stands
    if not bare:
        return None
    return column.read(said if column.read is cells.text else bare)


def _list(found: Reading, rows: Rows, given: object, spot: _Spot) -> object:
    if given is None or given == "":
        return None
    if not isinstance(given, list):
        raise Unread("type", "list")
    items = cast("list[object]", given)
    if len(items) > _ITEMS:
        raise Unread("length", f"list of 0..{_ITEMS}")
    kept = [
        _item(found, rows, item, _Spot({}, f"{spot.path}[{n}]", f"{spot.name}[{n}]")) for n, item in enumerate(items)
    ]
    return [item for item in kept if item is not None] or None


def _item(found: Reading, rows: Rows, given: object, spot: _Spot) -> object:
    found.places[spot.path] = spot.name
    if not isinstance(given, dict):
        found.faults.append(Fault(path=join(found.at, spot.name), code="type", expected="object"))
        return None
    _fill(found, spot, cast("dict[str, object]", given), rows.columns)
    return rows.finish(spot.table)


def _put(table: Table, way: _Way, value: object) -> None:
    """Write a value where the model has it, with what is above it."""
    for step in way[:-1]:
        name = step.removesuffix("[0]")
        if name == step:
            table = cast("Table", table.setdefault(name, Table()))
        else:
            table = cast("list[Table]", table.setdefault(name, [Table()]))[0]
    table[way[-1]] = value


def join(at: str, name: str) -> str:
    """Return the path of a name inside ``at``."""
    return f"{at}.{name}" if at and name else at or name
