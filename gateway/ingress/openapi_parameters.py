"""The parameters and the headers of the doors, as ``/openapi.json`` describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gateway.core.acts import KNOWN_KINDS
from gateway.core.delivery import State
from gateway.core.proposals import ProposalState
from gateway.core.replay import ItemState
from gateway.ingress.table.door import Door
from gateway.ops.lookout import Which

_Schema = Mapping[str, object]
_MOMENT: _Schema = {"type": "string", "format": "date-time"}
_SHA256: _Schema = {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}


def _text() -> _Schema:
    return {"type": "string"}


def _whole(most: int | None = None, default: int | None = None) -> _Schema:
    bounds = {"minimum": 1, "maximum": most, "default": default}
    return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}


def _one_of(values: Iterable[StrEnum]) -> _Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


@dataclass(frozen=True, slots=True)
class _Parameter:
    """Where it stands, what it means, and what may stand in it; ``schemas``: at certain paths something else."""

    place: str
    meaning: str
    schema: _Schema = field(default_factory=_text)
    schemas: Mapping[str, _Schema] = field(default_factory=dict[str, _Schema])


_STATES = {
    "/v1/ops/deliveries": _one_of(State),
    "/v1/ops/proposals": _one_of(ProposalState),
    "/v1/ops/replays/{id}/items": _one_of(ItemState),
}
_PARAMETERS: Mapping[str, _Parameter] = MappingProxyType(
    {
        "Idempotency-Key": _Parameter(
            "header", "khoá chống trùng, 1-200 ký tự · dedup key; the same with the same content is safe"
        ),
        "If-Match": _Parameter("header", 'phiên bản đang sửa, "3" · the revision that is changed; * for any'),
        "X-File-Name": _Parameter("header", "tên tệp, mã hoá phần trăm · file name, percent-encoded UTF-8"),
        "X-Sha256": _Parameter("header", "SHA-256 của tệp · of the file, hex: refused where it differs", _SHA256),
        "Content-Digest": _Parameter("header", "SHA-256 của tệp · of the file, as RFC 9530 writes it: sha-256=:…:"),
        "name": _Parameter("query", "tên tệp · file name, where no X-File-Name says it"),
        "code": _Parameter("query", "mã hồ sơ · a code of the dossier", {"type": "string", "maxLength": 100}),
        "scheme": _Parameter("query", "loại mã · who gave the code, such as province, national; any where left out"),
        "after": _Parameter("query", "vị trí đã đọc: xác nhận đến đây · cursor: acknowledges up to here"),
        "limit": _Parameter(
            "query", "số mục nhiều nhất · at most so many", _whole(1000, 100), {"/v1/events": _whole(200, 100)}
        ),
        "wait": _Parameter("query", "chờ tối đa, giây: 20 hoặc 20s · wait so many seconds for news"),
        "state": _Parameter("query", "trạng thái · state; all where left out", schemas=_STATES),
        "target_kind": _Parameter("query", "loại đối tượng, cùng với target · with target", _one_of(KNOWN_KINDS)),
        "target": _Parameter("query", "mã đối tượng · its id"),
        "since": _Parameter("query", "từ thời điểm · recorded from here on, RFC 3339 with zone", _MOMENT),
        "behind": _Parameter("query", "sau vị trí này · behind this place", _whole()),
        "before": _Parameter("query", "trước mục có mã này · those before the one with this id"),
        "cursor": _Parameter("query", "trang tiếp theo · the last page's next"),
        "which": _Parameter("query", "hạn nào · which due dates; breach: overdue or soon", _one_of(Which)),
        "days": _Parameter(
            "query",
            "kết thúc trước bấy nhiêu ngày · how many days ago it ended, and nothing was said or done since",
            _whole(36500),
        ),
        "format": _Parameter("query", "định dạng · how it is answered", {"type": "string", "enum": ["json", "csv"]}),
        "system": _Parameter("query", "hệ thống nhận · id of the destination; all where left out"),
    }
)
#: By the part of the path before it, and its name.
_IN_PATH: Mapping[str, str] = MappingProxyType(
    {
        "dossiers/{code}": "mã hồ sơ, mã hoá phần trăm · a code of the dossier, percent-encoded",
        "dossiers/{id}": "mã của cổng · the gateway's id of the dossier",
        "files/{id}": "mã tệp · id of the file",
        "links/{token}": "đường dẫn đã ký · the link's signed token",
        "deliveries/{id}": "mã lượt gửi · id of the delivery",
        "proposals/{id}": "mã đề nghị · id of the proposal",
        "replays/{id}": "mã đợt gửi lại · id of the replay",
        "reconciliations/{id}": "mã lần đối chiếu · id of the reconciliation",
        "keys/{id}": "mã khoá, không phải khoá · id of the key, not its text",
        "systems/{system}": "hệ thống · id of the system",
        "queries/{operation}": "loại tra cứu · which question, as the system's file names it",
        "callbacks/{system}": "hệ thống · id of the system",
        "dvcqg/{system}": "hệ thống · id of the portal's system",
        "{system}/{path}": "như tệp của hệ thống ghi · as the system's file says",
        "forward/{path}": "phần sau như của trục liên thông · what follows, as the exchange's adapter has it",
    }
)
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Location": "nơi xem · where it can be seen",
        "ETag": "phiên bản, cho If-Match · the revision, for If-Match; of a file its SHA-256",
        "Content-Digest": "SHA-256 của tệp · of the file, as RFC 9530 writes it",
        "X-Next": "trang tiếp theo của CSV · cursor of the CSV's next page",
        "Retry-After": "gửi lại sau, giây · send again after so many seconds",
        "WWW-Authenticate": "cách xác thực · how to authenticate",
    }
)
#: Of which refusals it may be a part.
_REFUSED_WITH: Mapping[int, str] = MappingProxyType(
    {401: "WWW-Authenticate", 409: "Retry-After", 429: "Retry-After", 503: "Retry-After"}
)


def parameters(item: Door) -> list[dict[str, object]]:
    """Return the parameters of a door, those in its path first."""
    return [*_in_path(item.path), *(_parameter(name, item.path) for name in item.parameters)]


def headers(names: tuple[str, ...]) -> dict[str, object]:
    """Return response headers by name."""
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def headers_of_refusal(status: int) -> dict[str, object]:
    """Return the headers that a refusal with this status may have."""
    return headers((_REFUSED_WITH[status],)) if status in _REFUSED_WITH else {}


def _in_path(path: str) -> Iterator[dict[str, object]]:
    for before, name in re.findall(r"([^/]+)/(?=\{(\w+)\})", path):
        meaning = _IN_PATH[f"{before}/{{{name}}}"]
        yield {"name": name, "in": "path", "required": True, "description": meaning, "schema": _text()}


def _parameter(name: str, path: str) -> dict[str, object]:
    found = _PARAMETERS[name]
    schema = found.schemas.get(path, found.schema)
    return {"name": name, "in": found.place, "description": found.meaning, "schema": schema}
