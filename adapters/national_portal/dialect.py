"""The dialect as working clients speak it: services, envelope, session, and what a reply means.

Everything is written as options of the sdk's REST adapter, so that the parts of a request are compiled and checked
as those of any other system.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from gateway.sdk import Table

SUBMITTED = "dossier.submitted"
AMENDED = "dossier.amended"
PROGRESS = "progress.recorded"
STATUS = "status.changed"
STATE = "x.national_portal.state"  #: an operation of ours that no event is called by

Step = Literal["dossier", "progress", "state"]
Raw = dict[str, object]
_Address = Annotated[str, msgspec.Meta(pattern=r"^/\S*$", description="begins with /")]

_DONE: Raw = {"path": "error_code", "equals": ["0", "00"]}
_WORDS = ("message", "error_message")
_NOT_THERE = ["không tìm thấy", "không tồn tại"]
#: Catalogues that are asked for as a whole.
_CATALOGUES: Mapping[str, str] = {
    "procedures": "LayDanhSachTTHC",
    "services": "LayDVC",
    "agencies": "LayDanhMucCoQuan",
    "fields": "LayDanhMucLinhVuc",
}
_NOT_DONE = ("không thành công", "chưa thành công", "thất bại")
_SUCCESS = ("thành công",)
_STEPS: Mapping[str, tuple[Step, ...]] = {
    SUBMITTED: ("dossier",),
    AMENDED: ("dossier",),
    STATUS: ("dossier", "progress"),
    PROGRESS: ("progress",),
}
_STEPS_OF_THEIRS: Mapping[str, tuple[Step, ...]] = {AMENDED: ("dossier",), STATUS: ("state",), PROGRESS: ("state",)}


class Mappings(Table, frozen=True, kw_only=True):
    """``[options.mappings]``: the tables that make our events into the portal's objects."""

    dossier: str = "national_portal/dossier"
    progress: str = "national_portal/progress"
    state: str = "national_portal/state"
    found: str = "national_portal/found"  #: what TraCuuHoSo shows, as the answer to an officer


class Destination(Table, frozen=True, kw_only=True):
    """``[options.dstcode]``: where the security server passes a call on to."""

    value: str = ""
    in_: Literal["header", "query"] = msgspec.field(name="in", default="header")


class Options(Table, frozen=True, kw_only=True):
    """``[options]`` of the national portal's file."""

    madonvi: str
    login: _Address = "/mapi/login"
    integration: _Address = "/mapi/g"
    share: _Address = "/mapi/g"  #: of the catalogues
    dstcode: Destination = Destination()
    session: str = "30m"  #: how long a session is used before another login
    expired: tuple[str, ...] = (
        "phiên làm việc",
        "phiên đăng nhập",
        "session",
    )  #: words by which a reply says that the session has ended
    ask_first: bool = True  #: TraCuuHoSo decides isUpdating; False: the kind of event does
    origin: str = "national_portal"  #: ``origin`` of the dossiers that came from there
    mappings: Mappings = Mappings()
    steps: dict[str, tuple[Step, ...]] = msgspec.field(default_factory=dict[str, tuple[Step, ...]])
    steps_of_theirs: dict[str, tuple[Step, ...]] = msgspec.field(default_factory=dict[str, tuple[Step, ...]])
    outcomes: tuple[Raw, ...] = ()  #: before those of the dialect
    receive: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])
    queries: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])  #: beside those of the dialect

    def steps_of(self, kind: str, *, theirs: bool) -> tuple[Step, ...]:
        """Return the services to call for this kind, in order; empty where there is none."""
        if theirs:
            return {**_STEPS_OF_THEIRS, **self.steps_of_theirs}.get(kind, ())
        return {**_STEPS, **self.steps}.get(kind, ())

    def kinds(self) -> frozenset[str]:
        """Return every kind that is sent."""
        return frozenset({*_STEPS, *self.steps, *_STEPS_OF_THEIRS, *self.steps_of_theirs})


def rest(options: Options) -> Raw:
    """Return the options of the REST adapter that speaks this dialect."""
    return {
        "auth": _session(options),
        "operations": {
            SUBMITTED: {**_synchronises(options, "False"), "lookup": _looks(options)},
            AMENDED: _synchronises(options, "True"),
            PROGRESS: _calls(options, "CapNhatTienDoHoSoMC", mapping=options.mappings.progress, data="data[]"),
            STATE: _calls(options, "DongBoTrangThaiHoSo", {"type": "2"}, mapping=options.mappings.state, data="data"),
        },
        "queries": {**_questions(options), **options.queries},
        "outcomes": [*options.outcomes, *_meanings(options)],
        "receive": options.receive,
    }


def _session(options: Options) -> Raw:
    return {
        "kind": "session",
        "path": options.login,
        "headers": {"Charset": "utf-8", **_header(options.dstcode)},
        "body": {"username": "{secret:username}", "password": "{secret:password}"},
        "token": "session",
        "success": [_DONE],
        "put": {"in": "body", "name": "session"},
        "lifetime": options.session,
    }


def _calls(options: Options, service: str, params: Mapping[str, str] | None = None, **more: object) -> Raw:
    to = options.dstcode
    return {
        "path": options.integration,
        "headers": {"Charset": "utf-8", **_header(to)},
        "query": {"dstcode": to.value} if to.value and to.in_ == "query" else {},
        "wrap": {"madonvi": options.madonvi, "service": service, **(params or {})},
        **more,
    }


def _header(to: Destination) -> dict[str, str]:
    return {"dstcode": to.value} if to.value and to.in_ == "header" else {}


def _synchronises(options: Options, updating: str) -> Raw:
    params = {"isUpdating": updating}
    return _calls(options, "DongBoHoSoMC", params, mapping=options.mappings.dossier, data="data[]")


def _looks(options: Options) -> Raw:
    """Ask for one dossier: it is there where a result comes, and not where a yes comes without one or a no says so."""
    return {
        **_calls(options, "TraCuuHoSo", {"mahoso": "{code:province}"}),
        "found": [_DONE, {"path": "result[*]"}],
        "absent": [_DONE],
        "or_absent": [{"path": "message", "contains": _NOT_THERE}],
    }


def _questions(options: Options) -> Raw:
    """Let an officer ask for a dossier by any code that the portal knows it by, a procedure, and the catalogues."""
    code: Raw = {"code": {"about": "mã hồ sơ"}}
    procedure: Raw = {"code": {"pattern": r"\d\.\d{6}", "about": "mã thủ tục hành chính quốc gia"}}
    share = {"path": options.share}
    return {
        "dossier": {
            **_asks(options, "TraCuuHoSo", code, {"mahoso": "{request.code}"}),
            "answer": options.mappings.found,
        },
        "procedure": {**_asks(options, "LayThuTuc", procedure, {"maTTHC": "{request.code}"}), **share},
        **{name: {**_asks(options, service, {}, {}), **share} for name, service in _CATALOGUES.items()},
    }


def _asks(options: Options, service: str, request: Raw, params: Mapping[str, str]) -> Raw:
    return {
        **_calls(options, service, params),
        "request": request,
        "outcomes": [
            {"path": "message", "contains": _NOT_THERE, "then": "none"},
            {"path": "error_code", "equals": ["-1", "1"], "then": "refused"},
            {"path": "result[*]", "then": "found"},
            {**_DONE, "then": "none"},
        ],
    }


def _meanings(options: Options) -> list[Raw]:
    """Return what replies mean: the code first, the message where the code leaves it open."""
    return [
        {**_DONE, "then": "delivered"},
        *_said(options.expired, "credentials"),
        *_said(("đã tồn tại",), "exists"),
        *_said(("đã ở trạng thái",), "delivered"),
        *_said(("gián đoạn",), "retry"),
        *_said(_NOT_DONE, "reject"),
        {"path": "error_code", "equals": ["-1", "1"], "then": "reject"},
        *_said(_SUCCESS, "delivered", also=[{"path": "error_code", "equals": ["3", "-3"]}]),
        {"path": "error_code", "then": "ambiguous"},  # any other code
        *_said(_SUCCESS, "delivered"),  # no code at all
    ]


def _said(words: tuple[str, ...], then: str, **more: object) -> list[Raw]:
    return [{"path": path, "contains": list(words), "then": then, **more} for path in _WORDS]
