"""The parameters and the headers of the doors, as ``/openapi.json`` describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gateway.ingress.parameters import Parameter
from gateway.ingress.table.door import Door

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
    return [*_in_path(item.path), *map(_parameter, item.parameters)]


def headers(names: tuple[str, ...]) -> dict[str, object]:
    """Return response headers by name."""
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def headers_of_refusal(status: int) -> dict[str, object]:
    """Return the headers that a refusal with this status may have."""
    return headers((_REFUSED_WITH[status],)) if status in _REFUSED_WITH else {}


def _in_path(path: str) -> Iterator[dict[str, object]]:
    for before, name in re.findall(r"([^/]+)/(?=\{(\w+)\})", path):
        meaning = _IN_PATH[f"{before}/{{{name}}}"]
        yield {"name": name, "in": "path", "required": True, "description": meaning, "schema": {"type": "string"}}


def _parameter(item: Parameter) -> dict[str, object]:
    return {"name": item.name, "in": item.place, "description": item.meaning, "schema": item.schema}
