"""``/openapi.json``: OpenAPI 3.1, its schemas from the structs that the doors really read and write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import cast

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.ingress import attention_bodies, bodies, ops_bodies, retention_bodies, weather_bodies
from gateway.ingress.errors import PROBLEM_TYPE
from gateway.ingress.openapi_answers import REF, responses, schema
from gateway.ingress.openapi_configuration import CONFIGURATION
from gateway.ingress.openapi_plug_in import PLUG_IN
from gateway.ingress.openapi_queries import QUERIES
from gateway.ingress.openapi_replays import REPLAYS
from gateway.ingress.operation import JSON, READING, Operation
from gateway.model.event import Event, EventBatch, NewDossier, NewEvent
from gateway.model.kinds import KINDS
from gateway.model.names import NATIONAL_MEDIA_TYPE

_BINARY = "application/octet-stream"
_ANY = "*/*"
_XML = "text/xml"
_ENVELOPES = (_XML, "application/soap+xml")
_DISTRIBUTION = "provincial-gateway"


_BOTH = (JSON, NATIONAL_MEDIA_TYPE)
_STATING = (*READING, 404, 409, 410, 429)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/v1/dossiers",
        method="post",
        summary="Nộp hồ sơ · Submit a dossier",
        sends=(NewDossier,),
        media=_BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=("Idempotency-Key",),
        problems=_STATING,
    ),
    Operation(
        path="/v1/dossiers",
        method="get",
        summary="Tìm hồ sơ theo mã · Find dossiers by a code",
        answer=bodies.DossiersBody,
        parameters=("code", "scheme"),
        problems=(400,),
    ),
    Operation(
        path="/v1/dossiers/{code}",
        method="put",
        summary="Sửa đổi hồ sơ · Amend a dossier",
        sends=(NewDossier,),
        media=_BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=("Idempotency-Key", "If-Match"),
        problems=(*_STATING, 412),
    ),
    Operation(
        path="/v1/dossiers/{code}",
        method="get",
        summary="Xem hồ sơ · See a dossier",
        answer=bodies.DossierBody,
        problems=(404, 409),
    ),
    Operation(
        path="/v1/dossiers/{code}/timeline",
        method="get",
        summary="Xem quá trình của hồ sơ · See what happened to a dossier",
        answer=bodies.TimelineBody,
        problems=(404, 409),
    ),
    Operation(
        path="/v1/events",
        method="post",
        summary="Gửi sự kiện, 1 đến 200 · State 1 to 200 events",
        sends=(NewEvent, EventBatch),
        media=_BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        others=((202, bodies.BatchBody), (207, bodies.BatchBody)),
        parameters=("Idempotency-Key",),
        problems=_STATING,
    ),
    Operation(
        path="/v1/events",
        method="get",
        summary="Đọc sự kiện gửi cho mình · Read the feed of one's own events",
        answer=bodies.FeedBody,
        parameters=("after", "limit", "wait"),
        problems=(400, 410),
    ),
    Operation(
        path="/v1/files",
        method="post",
        summary="Tải tệp lên · Upload a file",
        media=(_BINARY, "multipart/form-data"),
        answer=bodies.FileBody,
        status=201,
        parameters=("X-File-Name", "name", "X-Sha256", "Content-Digest"),
        problems=(*READING, 429),
    ),
    Operation(
        path="/v1/files/{id}",
        method="get",
        summary="Tải tệp xuống · Download a file",
        answers_as=(_ANY,),
        problems=(404,),
    ),
    Operation(
        path="/v1/links/{token}",
        method="get",
        summary="Tải tệp theo đường dẫn có thời hạn · Download a file by a link that ends",
        answers_as=(_ANY,),
        problems=(404, 410),
        open=True,
    ),
    Operation(
        path="/v1/deliveries/{id}",
        method="get",
        summary="Xem lượt gửi · See a delivery",
        answer=bodies.DeliveryBody,
        problems=(404,),
    ),
    Operation(
        path="/v1/systems",
        method="get",
        summary="Các hệ thống và tình trạng gửi · Systems and how their deliveries stand",
        answer=weather_bodies.SystemsBody,
    ),
    Operation(
        path="/v1/ops/dossiers",
        method="get",
        summary="Người vận hành: tìm hồ sơ · Operators: find dossiers",
        answer=bodies.DossiersBody,
        parameters=("code", "scheme"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/dossiers/{id}/timeline",
        method="get",
        summary="Người vận hành: quá trình của hồ sơ · Operators: a dossier's timeline",
        answer=bodies.TimelineBody,
        problems=(404,),
    ),
    Operation(
        path="/v1/ops/deliveries",
        method="get",
        summary="Người vận hành: tìm lượt gửi · Operators: find deliveries",
        answer=bodies.DeliveriesBody,
        parameters=("state", "system", "limit"),
        problems=(400,),
    ),
    *(
        Operation(
            path=f"/v1/ops/deliveries/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(sends,),
            answer=ops_bodies.DecidedBody,
            problems=(*READING, 404, 409),
        )
        for name, sends, summary in (
            ("judgement", ops_bodies.JudgementBody, "Người vận hành: kết luận · Operators: judge what the partner has"),
            ("retry", ops_bodies.ReasonedBody, "Người vận hành: cho gửi lại · Operators: send again"),
            ("skip", ops_bodies.ReasonedBody, "Người vận hành: bỏ qua · Operators: let the lane go on without it"),
        )
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/content",
        method="post",
        summary="Người vận hành: xem nội dung · Operators: read what the message says; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ContentBody,
        problems=(*READING, 404),
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/edits",
        method="post",
        summary="Người vận hành: sửa và gửi lại · Operators: show or propose a corrected event",
        sends=(ops_bodies.EditBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*READING, 404, 409),
    ),
    Operation(
        path="/v1/ops/systems/{system}/settlements",
        method="post",
        summary="Người vận hành: đối chiếu theo danh sách · Operators: show or propose what a partner's list settles",
        sends=(ops_bodies.SettlementBody,),
        answer=ops_bodies.SettledBody,
        problems=(*READING, 404, 409),
    ),
    Operation(
        path="/v1/ops/proposals",
        method="get",
        summary="Người vận hành: các đề nghị · Operators: proposals, the newest first",
        answer=ops_bodies.ProposalsBody,
        parameters=("state", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/proposals/{id}",
        method="get",
        summary="Người vận hành: xem đề nghị · Operators: one proposal",
        answer=ops_bodies.ProposalBody,
        problems=(404,),
    ),
    Operation(
        path="/v1/ops/proposals/{id}/changes",
        method="post",
        summary="Người vận hành: xem đề nghị làm gì · Operators: what a proposal would do; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*READING, 404),
    ),
    *(
        Operation(
            path=f"/v1/ops/proposals/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(ops_bodies.ReasonedBody,),
            answer=ops_bodies.ProposalBody,
            problems=(*READING, 404, 409),
        )
        for name, summary in (
            (
                "approval",
                "Người vận hành: duyệt và thực hiện · Operators: agree to another's proposal: it is done, once",
            ),
            ("rejection", "Người vận hành: không duyệt · Operators: close a proposal undone"),
        )
    ),
    *REPLAYS,
    *QUERIES,
    *CONFIGURATION,
    Operation(
        path="/v1/ops/acts",
        method="get",
        summary="Người vận hành: việc đã làm · Operators: what people did, the newest first",
        answer=ops_bodies.ActsBody,
        parameters=("target_kind", "target", "before", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/evidence",
        method="get",
        summary="Người vận hành: xuất chuỗi bằng chứng · Operators: the chains of evidence as a file",
        answers_as=("application/x-ndjson",),
        parameters=("since",),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/attention",
        method="get",
        summary="Người vận hành: cần xử lý · Operators: what needs a person, by cause, the most urgent first",
        answer=attention_bodies.AttentionBody,
        parameters=("system", "cursor", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/deadlines",
        method="get",
        summary="Người vận hành: hạn trả kết quả · Operators: due dates, the earliest first; or as text/csv",
        answer=attention_bodies.DueListBody,
        answers_as=(JSON, "text/csv"),
        parameters=("which", "system", "cursor", "limit", "format"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/retention",
        method="get",
        summary="Người vận hành: hồ sơ hết thời hạn lưu · Operators: what erasing by age would do",
        answer=retention_bodies.RetentionBody,
        parameters=("days", "cursor", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/systems",
        method="get",
        summary="Người vận hành: các hệ thống · Operators: systems",
        answer=weather_bodies.SystemsBody,
    ),
    *(
        Operation(
            path=f"/v1/ops/systems/{{system}}/{name}",
            method="post",
            summary=summary,
            sends=(ops_bodies.ReasonedBody,),
            answer=weather_bodies.TendedBody,
            problems=(*READING, 404, 409),
        )
        for name, summary in (
            ("pause", "Người vận hành: tạm dừng gửi · Operators: let nothing be sent to a system"),
            ("resume", "Người vận hành: cho gửi lại · Operators: let a system be called again"),
            ("probe", "Người vận hành: thử gọi ngay · Operators: try a system now"),
        )
    ),
    Operation(
        path="/v1/ops/keys",
        method="get",
        summary="Người vận hành: các khoá · Operators: keys",
        answer=bodies.KeysBody,
    ),
    Operation(
        path="/v1/ops/keys",
        method="post",
        summary="Người vận hành: cấp khoá · Operators: make a key",
        sends=(bodies.NewKeyBody,),
        answer=bodies.KeyBody,
        status=201,
        problems=(400, 409, 415),
    ),
    Operation(
        path="/v1/ops/keys/{id}",
        method="delete",
        summary="Người vận hành: thu hồi khoá · Operators: revoke a key",
        status=204,
        problems=(404,),
    ),
    Operation(
        path="/callbacks/{system}/{path}",
        method="post",
        summary="Hệ thống gọi về theo định dạng riêng · A system's own call-back, in its own format",
        media=(_ANY,),
        answers_as=(_ANY,),
        refuses_as=(PROBLEM_TYPE, _ANY),
        problems=(*READING, 404, 409, 429),
    ),
    *PLUG_IN,
    Operation(
        path="/soap/v1/events",
        method="get",
        summary="WSDL (?wsdl)",
        answers_as=(_XML,),
        open=True,
    ),
    Operation(
        path="/soap/v1/events",
        method="post",
        summary="SOAP 1.1, 1.2: submitEvents, getEvents, acknowledge",
        media=_ENVELOPES,
        answers_as=_ENVELOPES,
        refuses_as=_ENVELOPES,
        problems=(500,),
    ),
    Operation(path="/metrics", method="get", summary="Số đo · Metrics (Prometheus)", answers_as=("text/plain",)),
    Operation(path="/livez", method="get", summary="Tiến trình còn chạy · Alive", answer=bodies.HealthBody, open=True),
    Operation(
        path="/readyz",
        method="get",
        summary="Sẵn sàng nhận · Ready",
        answer=bodies.HealthBody,
        others=((503, bodies.HealthBody),),
        open=True,
    ),
    Operation(path="/openapi.json", method="get", summary="OpenAPI 3.1", answers_as=(JSON,), open=True),
    Operation(path="/docs", method="get", summary="Trang này · This page", answers_as=("text/html",), open=True),
)

_WHOLE = frozenset({"behind", "days", "limit"})
_PARAMETERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Idempotency-Key": (
            "header",
            "khoá chống trùng, 1-200 ký tự · dedup key; the same with the same content is safe",
        ),
        "If-Match": ("header", 'phiên bản đang sửa, "3" · the revision that is changed'),
        "X-File-Name": ("header", "tên tệp, mã hoá phần trăm · file name, percent-encoded UTF-8"),
        "X-Sha256": ("header", "SHA-256 của tệp · of the file, 64 hex digits: refused where it differs"),
        "Content-Digest": ("header", "RFC 9530, sha-256=:…:"),
        "name": ("query", "tên tệp · file name"),
        "code": ("query", "mã hồ sơ · a code of the dossier"),
        "scheme": ("query", "loại mã · who gave the code"),
        "after": ("query", "con trỏ: xác nhận đến đây · cursor: acknowledges up to here"),
        "limit": ("query", "số mục nhiều nhất · at most so many"),
        "wait": ("query", "chờ tối đa, giây · wait so many seconds for news"),
        "state": ("query", "trạng thái · state"),
        "target_kind": ("query", "loại đối tượng · delivery, dossier, system, proposal, replay, reconciliation"),
        "target": ("query", "mã đối tượng · its id"),
        "since": ("query", "từ thời điểm · recorded from here on, RFC 3339 with zone"),
        "behind": ("query", "sau vị trí này · behind this place"),
        "before": ("query", "trước việc này · done before this one"),
        "cursor": ("query", "trang tiếp theo · the last page's ``next``"),
        "which": ("query", "all, breach (overdue or soon), overdue, soon, paused"),
        "days": ("query", "1 to 36500: how long ago it ended, and nothing was said or done about it since"),
        "format": ("query", "json, csv"),
        "system": ("query", "hệ thống nhận · destination"),
    }
)


async def show(_request: web.Request) -> web.Response:
    """``GET /openapi.json``."""
    return web.Response(body=document(), content_type=JSON)


@cache
def document() -> bytes:
    """Return the whole description."""
    structs = _structs()
    _, components = msgspec.json.schema_components(structs, ref_template=REF)
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Provincial integration gateway", "version": _version()},
            "security": [{"bearer": []}, {"apiKey": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                },
            },
        }
    )


def _structs() -> tuple[type[Struct], ...]:
    named = [struct for item in OPERATIONS for struct in _spoken(item)]
    data = (cast("type[Struct]", kind.data) for kind in KINDS.values())
    return tuple(dict.fromkeys((*named, bodies.ProblemBody, Event, *data)))


def _spoken(item: Operation) -> tuple[type[Struct], ...]:
    """Return what a door reads and writes, beside problems."""
    answers = (item.answer,) if item.answer else ()
    return (*item.sends, *answers, *(struct for _, struct in item.others))


def _operation(item: Operation) -> dict[str, object]:
    found: dict[str, object] = {"summary": item.summary, "responses": responses(item)}
    parameters = [*_in_path(item.path), *(_parameter(name) for name in item.parameters)]
    if parameters:
        found["parameters"] = parameters
    if item.method in {"post", "put"}:
        found["requestBody"] = {"required": True, "content": {media: schema(item.sends) for media in item.media}}
    if item.open:
        found["security"] = []
    return found


def _in_path(path: str) -> list[dict[str, object]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _parameter(name: str) -> dict[str, object]:
    place, meaning = _PARAMETERS[name]
    kind = "integer" if name in _WHOLE else "string"
    return {"name": name, "in": place, "description": meaning, "schema": {"type": kind}}


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "0"
