"""The doors of portals and ministries, described."""

from __future__ import annotations

from gateway.ingress import bodies, weather_bodies
from gateway.ingress.errors import IDEMPOTENCY, PROBLEM_TYPE, REFUSED
from gateway.ingress.operation import ANY, BOTH, READING, XML, Operation
from gateway.model.event import EventBatch, NewDossier, NewEvent

_BINARY = "application/octet-stream"
_ENVELOPES = (XML, "application/soap+xml")
_NAMED = ("dossier.not_found", "dossier.ambiguous")
_EVENT = (*READING, "json.invalid", "body.invalid")
_REFUSED = ("dossier.exists", "not_accepted", *REFUSED.values())
_STATING = (*_EVENT, "idempotency.invalid", *IDEMPOTENCY.values(), *_REFUSED)
_IN_PARTS = ("attachments.invalid", "part.too_large", "file.too_large")
_CALLING_BACK = (*_EVENT, "xml.invalid", *_IN_PARTS, "callback.not_found", "callback.in_progress", "backlog.full")

PARTNERS: tuple[Operation, ...] = (
    Operation(
        path="/v1/dossiers",
        method="post",
        summary="Nộp hồ sơ · Submit a dossier",
        sends=(NewDossier,),
        media=BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=("Idempotency-Key",),
        problems=_STATING,
        headers=("Location",),
    ),
    Operation(
        path="/v1/dossiers",
        method="get",
        summary="Tìm hồ sơ theo mã · Find dossiers by a code",
        answer=bodies.DossiersBody,
        parameters=("code", "scheme"),
    ),
    Operation(
        path="/v1/dossiers/{code}",
        method="put",
        summary="Sửa đổi hồ sơ · Amend a dossier",
        sends=(NewDossier,),
        media=BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=("Idempotency-Key", "If-Match"),
        problems=(*_STATING, "dossier.ambiguous", "revision.stale"),
        headers=("Location",),
    ),
    Operation(
        path="/v1/dossiers/{code}",
        method="get",
        summary="Xem hồ sơ · See a dossier",
        answer=bodies.DossierBody,
        problems=_NAMED,
        headers=("ETag",),
    ),
    Operation(
        path="/v1/dossiers/{code}/timeline",
        method="get",
        summary="Xem quá trình của hồ sơ · See what happened to a dossier",
        answer=bodies.TimelineBody,
        problems=_NAMED,
    ),
    Operation(
        path="/v1/events",
        method="post",
        summary="Gửi sự kiện, 1 đến 200 · State 1 to 200 events",
        sends=(NewEvent, EventBatch),
        media=BOTH,
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
        problems=("cursor.invalid", "cursor.expired"),
    ),
    Operation(
        path="/v1/files",
        method="post",
        summary="Tải tệp lên · Upload a file",
        media=(_BINARY, "multipart/form-data"),
        answer=bodies.FileBody,
        status=201,
        parameters=("X-File-Name", "name", "X-Sha256", "Content-Digest"),
        problems=(*READING, "multipart.invalid", "file.too_large", "file.mismatch", "backlog.full"),
        headers=("Location",),
    ),
    Operation(
        path="/v1/files/{id}",
        method="get",
        summary="Tải tệp xuống · Download a file",
        answers_as=(ANY,),
        problems=("file.not_found", "file.gone"),
        headers=("ETag", "Content-Digest"),
    ),
    Operation(
        path="/v1/links/{token}",
        method="get",
        summary="Tải tệp theo đường dẫn có thời hạn · Download a file by a link that ends",
        answers_as=(ANY,),
        problems=("file.not_found", "file.gone", "link.not_found", "link.expired"),
        open=True,
        headers=("ETag", "Content-Digest"),
    ),
    Operation(
        path="/v1/deliveries/{id}",
        method="get",
        summary="Xem lượt gửi · See a delivery",
        answer=bodies.DeliveryBody,
        problems=("delivery.not_found",),
    ),
    Operation(
        path="/v1/systems",
        method="get",
        summary="Các hệ thống và tình trạng gửi · Systems and how their deliveries stand",
        answer=weather_bodies.SystemsBody,
    ),
    Operation(
        path="/callbacks/{system}/{path}",
        method="post",
        summary="Hệ thống gọi về theo định dạng riêng · A system's own call-back, in its own format",
        media=(ANY,),
        answers_as=(ANY,),
        refuses_as=(PROBLEM_TYPE, ANY),
        problems=_CALLING_BACK,
    ),
    Operation(
        path="/soap/v1/events",
        method="get",
        summary="WSDL (?wsdl)",
        answers_as=(XML,),
        open=True,
    ),
    Operation(
        path="/soap/v1/events",
        method="post",
        summary="SOAP 1.1, 1.2: submitEvents, getEvents, acknowledge",
        media=_ENVELOPES,
        answers_as=_ENVELOPES,
        refuses_as=_ENVELOPES,
    ),
)
