"""The doors of portals and ministries."""

from __future__ import annotations

from gateway.exchange.asking import Obstacle
from gateway.ingress import (
    bodies,
    callbacks,
    query_bodies,
    rest_deliveries,
    rest_dossiers,
    rest_events,
    rest_files,
    rest_links,
    rest_queries,
    rest_systems,
    weather_bodies,
)
from gateway.ingress import parameters as given
from gateway.ingress.errors import IDEMPOTENCY, PROBLEM_TYPE
from gateway.ingress.soap import door as soap
from gateway.ingress.soap.faults import fault_response
from gateway.ingress.table.door import ANY, BOTH, READING, XML, Door
from gateway.model.event import ITEMS_LIMIT, EventBatch, NewDossier, NewEvent
from gateway.model.refusals import REFUSED

_BINARY = "application/octet-stream"
_ENVELOPES = (XML, "application/soap+xml")
_NAMED = ("dossier.not_found", "dossier.ambiguous")
_EVENT = (*READING, "json.invalid", "body.invalid")
_REFUSED = ("dossier.exists", "not_accepted", *REFUSED.values())
_STATING = (*_EVENT, "idempotency.invalid", *IDEMPOTENCY.values(), *_REFUSED)
_IN_PARTS = ("attachments.invalid", "part.too_large", "file.too_large", "files.unavailable")
_CALLING_BACK = (*_EVENT, "xml.invalid", *_IN_PARTS, "callback.not_found", "callback.in_progress", "backlog.full")
_UNANSWERED = ("query.none", "query.refused", "query.failed", "query.unavailable", "query.timeout")
_NOT_YOURS = ("query.not_yours", "query.not_yourself", "query.not_found", "system.not_found", "system.not_called")
_NOT_NOW = ("rate.limited", *(f"query.{obstacle}" for obstacle in Obstacle))

PARTNERS: tuple[Door, ...] = (
    Door(
        "POST /v1/dossiers",
        rest_dossiers.submit,
        "Nộp hồ sơ · Submit a dossier",
        sends=(NewDossier,),
        media=BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=(given.IDEMPOTENCY_KEY,),
        problems=_STATING,
        headers=("Location",),
    ),
    Door(
        "GET /v1/dossiers",
        rest_dossiers.search,
        "Tìm hồ sơ theo mã · Find dossiers by a code",
        answer=bodies.DossiersBody,
        answers_as=BOTH,
        parameters=(given.CODE, given.SCHEME),
    ),
    Door(
        "PUT /v1/dossiers/{code:.+}",
        rest_dossiers.amend,
        "Sửa đổi hồ sơ · Amend a dossier",
        sends=(NewDossier,),
        media=BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        parameters=(given.IDEMPOTENCY_KEY, given.IF_MATCH),
        problems=(*_STATING, "dossier.ambiguous", "revision.stale"),
        headers=("Location",),
    ),
    Door(
        "GET /v1/dossiers/{code:.+}",
        rest_dossiers.show,
        "Xem hồ sơ · See a dossier",
        answer=bodies.DossierBody,
        answers_as=BOTH,
        problems=_NAMED,
        headers=("ETag",),
    ),
    Door(
        "GET /v1/dossiers/{code:.+}/timeline",
        rest_dossiers.timeline,
        "Xem quá trình của hồ sơ · See what happened to a dossier",
        answer=bodies.TimelineBody,
        answers_as=BOTH,
        problems=_NAMED,
    ),
    Door(
        "POST /v1/events",
        rest_events.submit,
        "Gửi sự kiện, 1 đến 200 · State 1 to 200 events",
        sends=(NewEvent, EventBatch),
        media=BOTH,
        answer=bodies.ReceiptBody,
        status=202,
        others=((202, bodies.BatchBody), (207, bodies.BatchBody)),
        parameters=(given.IDEMPOTENCY_KEY,),
        problems=_STATING,
    ),
    Door(
        "GET /v1/events",
        rest_events.read,
        "Đọc sự kiện gửi cho mình · Read the feed of one's own events",
        answer=bodies.FeedBody,
        answers_as=BOTH,
        parameters=(given.AFTER, given.limit(ITEMS_LIMIT), given.WAIT),
        problems=("cursor.invalid", "cursor.expired"),
    ),
    Door(
        "POST /v1/files",
        rest_files.upload,
        "Tải tệp lên · Upload a file",
        media=(_BINARY, "multipart/form-data"),
        answer=bodies.FileBody,
        status=201,
        parameters=(given.FILE_NAME, given.NAME, given.SHA256, given.CONTENT_DIGEST),
        problems=(
            *READING,
            "multipart.invalid",
            "file.too_large",
            "file.mismatch",
            "files.unavailable",
            "backlog.full",
        ),
        headers=("Location",),
    ),
    Door(
        "GET /v1/files/{id}",
        rest_files.download,
        "Tải tệp xuống · Download a file",
        answers_as=(ANY,),
        problems=("file.not_found", "file.gone", "files.unavailable"),
        headers=("ETag", "Content-Digest"),
    ),
    Door(
        "GET /v1/links/{token}",
        rest_links.download,
        "Tải tệp theo đường dẫn có thời hạn · Download a file by a link that ends",
        answers_as=(ANY,),
        problems=("file.not_found", "file.gone", "files.unavailable", "link.not_found", "link.expired"),
        open=True,
        headers=("ETag", "Content-Digest"),
    ),
    Door(
        "GET /v1/deliveries/{id}",
        rest_deliveries.show,
        "Xem lượt gửi · See a delivery",
        answer=bodies.DeliveryBody,
        problems=("delivery.not_found",),
    ),
    Door(
        "GET /v1/systems",
        rest_systems.show,
        "Các hệ thống và tình trạng gửi · Systems and how their deliveries stand",
        answer=weather_bodies.SystemsBody,
    ),
    Door(
        "POST /v1/systems/{system}/queries/{operation}",
        rest_queries.ask,
        "Tra cứu hệ thống quốc gia · Ask a register: kept with officer and purpose, answered in the same call",
        sends=(query_bodies.QueryBody,),
        answer=query_bodies.AnswerBody,
        problems=(*READING, "body.invalid", *_NOT_YOURS, *_NOT_NOW, *_UNANSWERED),
    ),
    Door(
        "* /callbacks/{system}/{path:.*}",
        callbacks.receive,
        "Hệ thống gọi về theo định dạng riêng · A system's own call-back, in its own format",
        media=(ANY,),
        answers_as=(ANY,),
        refuses_as=(PROBLEM_TYPE, ANY),
        problems=_CALLING_BACK,
    ),
    Door(
        "GET /soap/v1/events",
        soap.describe,
        "WSDL (?wsdl)",
        answers_as=(XML,),
        problems=("parameter.invalid",),
        open=True,
    ),
    Door(
        "POST /soap/v1/events",
        soap.call,
        "SOAP 1.1, 1.2: submitEvents, getEvents, acknowledge",
        media=_ENVELOPES,
        answers_as=_ENVELOPES,
        refuse=fault_response,
        refuses_as=_ENVELOPES,
    ),
)
