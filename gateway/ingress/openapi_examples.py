"""Examples of what is sent and answered, for ``/openapi.json``. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from gateway.ingress import (
    adoption_bodies,
    bodies,
    configuration_bodies,
    ops_bodies,
    query_bodies,
    reconciliation_bodies,
    replay_bodies,
    shadow_bodies,
    trial_bodies,
)
from gateway.model import bodies as stated
from gateway.model.event import EventBatch, NewDossier, NewEvent
from gateway.model.types import Dossier, Fee, Progress, Result, Supplement

_CODE = "H52.12-261123-0001"
_ID = "01a2198c-c4e7-7bf0-b0c4-b820542e3e5d"
_FILE = "01a2198c-c55e-7f4c-9cce-01f549d2abe1"
_DIGEST = "d0975b81b2e708ccc0710aaa2011269e27ea6567fedca01cbae6b85ec20d9984"
_TIME = "2026-11-23T08:30:00+07:00"
_LATER = "2026-11-30T17:00:00+07:00"
_REASON = "Bộ xác nhận qua công văn 12/CV-MAU"
_OFFICER = {"name": "Lò Thị Mẫu", "position": "Chuyên viên", "unit": "H52.12", "officer_code": "CB-0042"}
_DOSSIER = {
    "code": _CODE,
    "procedure": {"code": "1.100101", "name": "Đổi giấy phép lái xe"},
    "owner": {
        "type": "citizen",
        "name": {"whole": "Lò Văn Mẫu"},
        "identities": [{"number": "014000000000", "issued_on": "2021"}],
    },
    "received_at": _TIME,
    "due_at": _LATER,
    "files": [{"id": _FILE, "name": "don.pdf"}],
}
_STATUS = {
    "status": 5,
    "source_status": {"code": "BS", "text": "Yêu cầu bổ sung"},
    "reason": "Thiếu giấy khám",
}
_EVENT = {
    "kind": "status.changed",
    "dossier": {"code": _CODE},
    "source_event_id": "gplx-2026-00042",
    "occurred_at": _TIME,
    "data": _STATUS,
}
_KEPT = {
    "id": _ID,
    **_EVENT,
    "dossier": {"id": _ID, "code": _CODE, "references": [{"scheme": "province", "code": _CODE}]},
    "source": "driver_licence",
    "accepted_at": _TIME,
    "revision": 1,
}
_RECEIPT = {
    "message_id": _ID,
    "dossier_id": _ID,
    "revision": 1,
    "accepted_at": _TIME,
    "deliveries": [_ID],
    "duplicate": False,
    "matched": True,
    "files": "ready",
    "warnings": [],
}
_PROBLEM = {
    "type": "urn:provincial-gateway:problem:body.invalid",
    "title": "The body is not valid",
    "status": 422,
    "detail": "Faults: 1, see errors. Correct the fields named and send it again; nothing was stored.",
    "code": "body.invalid",
    "errors": [{"path": "dossier.owner", "code": "required", "message": "Required, but missing."}],
}

_SENT: Mapping[type[Struct], Mapping[str, object]] = {
    NewDossier: {"dossier": _DOSSIER, "source_event_id": "nop-0001"},
    NewEvent: _EVENT,
    EventBatch: {"items": [_EVENT]},
    ops_bodies.ReasonedBody: {"reason": _REASON},
    ops_bodies.JudgementBody: {"verdict": "delivered", "codes": {"national": "G01-0001"}, "reason": _REASON},
    ops_bodies.EditBody: {"event": _EVENT, "propose": True, "reason": _REASON},
    ops_bodies.SettlementBody: {"codes": [_CODE], "as_of": _TIME, "file_sha256": _DIGEST},
    replay_bodies.SelectionBody: {"system": "driver_licence", "state": "dead", "since": _TIME},
    replay_bodies.ReplayBody: {
        "selection": {"system": "driver_licence", "state": "dead"},
        "rate": 60,
        "reason": _REASON,
    },
    adoption_bodies.AdoptBody: {
        "source": "portal",
        "items": [
            {
                "row": 1,
                "codes": [{"scheme": "province", "code": _CODE}],
                "system": "driver_licence",
                "synced_at": _TIME,
                "status": {"status": 4},
            }
        ],
        "file_sha256": _DIGEST,
        "trial": True,
        "reason": _REASON,
    },
    adoption_bodies.HandbackBody: {"since": _TIME, "procedure": "1.100101", "trial": True, "reason": _REASON},
    shadow_bodies.CompareBody: {"lines": [{"line": 1, "time": _TIME, "code": _CODE, "body": '{"soHoSo": "1"}'}]},
    shadow_bodies.RehearsedBody: {"since": _TIME, "until": _LATER, "matched": [_ID]},
    reconciliation_bodies.ReconcileBody: {"system": "driver_licence", "dossiers": [_CODE], "reason": _REASON},
    configuration_bodies.ApplyBody: {"version": _DIGEST, "reason": _REASON},
    trial_bodies.TrialBody: {"new": {"version": "files"}, "last": 20},
    query_bodies.QueryBody: {"request": {"tax_code": "5500000000"}, "officer": _OFFICER, "purpose": f"Hồ sơ {_CODE}"},
    bodies.NewKeyBody: {"name": "portal", "role": "system"},
}
_DATA: Mapping[type[Struct], Mapping[str, object]] = {
    Dossier: _DOSSIER,
    stated.AmendmentRequest: {"reason": "Ngày sinh không khớp", "fields": ["owner.birth_date"], "respond_by": _LATER},
    stated.Transfer: {"to_unit": {"code": "H52.14", "name": "Cơ quan Mẫu"}, "transferred_at": _TIME},
    stated.Assignment: {"references": [{"scheme": "national", "code": "G01-0001"}]},
    stated.StatusChange: _STATUS,
    Progress: {"actor": {"name": "Lò Thị Mẫu"}, "occurred_at": _TIME, "text": "Đang thẩm định", "status": 4},
    stated.DeadlineChange: {
        "action": "extend",
        "due_before": _TIME,
        "due_at": _LATER,
        "reason": "Chờ kết quả giám định",
    },
    Supplement: {"id": "BS-1", "content": "Giấy khám sức khoẻ", "respond_by": _LATER},
    stated.SupplementAnswer: {"id": "BS-1", "papers": [{"code": "TP02", "files": [{"id": _FILE}]}]},
    stated.SupplementClosure: {"id": "BS-1", "result": "accepted"},
    stated.Withdrawal: {"reason": "Công dân xin rút", "requested_at": _TIME},
    Fee: {"id": "LP-1", "name": "Lệ phí cấp giấy phép lái xe", "amount": 115_000, "due_on": "2026-11-30"},
    stated.FeePayment: {"id": "LP-1", "amount": 115_000, "state": "paid", "paid_at": _TIME, "transaction": "TT-0001"},
    Result: {"id": "KQ-1", "number": "0001/GP-MAU", "issued_on": "2026-11-30", "files": [{"id": _FILE}]},
    stated.Revocation: {"id": "KQ-1", "reason": "Cấp sai đối tượng"},
    stated.Dispute: {"id": "KQ-1", "reason": "Sai họ tên"},
    stated.Return: {"id": "KQ-1", "returned_at": _LATER, "receiver": "Lò Văn Mẫu"},
    stated.RelayNews: {"system": "driver_licence", "event_id": _ID, "event_kind": "dossier.submitted"},
    stated.Unmatched: {
        "event_id": _ID,
        "references": [{"scheme": "national", "code": "G01-0001"}],
        "reason": "unmatched",
    },
}
_ANSWERED: Mapping[type[Struct], Mapping[str, object]] = {
    bodies.ReceiptBody: _RECEIPT,
    bodies.BatchBody: {
        "accepted": 1,
        "refused": 1,
        "items": [{"status": 202, "receipt": _RECEIPT}, {"status": 422, "problem": _PROBLEM}],
    },
    bodies.ProblemBody: _PROBLEM,
    bodies.FeedBody: {
        "items": [{"cursor": "9c29242672a12cf9.41", "delivery_id": _ID, "event": _KEPT}],
        "next": "9c29242672a12cf9.41",
        "more": False,
        "earliest": "9c29242672a12cf9.40",
    },
    bodies.FileBody: {
        "id": _FILE,
        "href": f"/v1/files/{_FILE}",
        "name": "don.pdf",
        "media_type": "application/pdf",
        "size": 15,
        "sha256": _DIGEST,
    },
    bodies.DeliveryBody: {
        "id": _ID,
        "message_id": _ID,
        "dossier_id": _ID,
        "kind": "dossier.submitted",
        "source": "portal",
        "destination": "driver_licence",
        "lane_seq": 1,
        "state": "delayed",
        "attempts": 0,
        "tries": 2,
        "reason": {"code": "connection_refused", "text": "The host refused the connection; nothing was sent"},
        "created_at": _TIME,
        "due_at": _TIME,
    },
    query_bodies.AnswerBody: {
        "query_id": _ID,
        "operation": "enterprise",
        "source": {"system": "enterprise_registry", "name": "Đăng ký doanh nghiệp", "test": True},
        "answered_at": _TIME,
        "language": "vi",
        "answer": {"ten": "Doanh nghiệp tư nhân Mẫu"},
    },
}
#: One of each struct that a door reads, of what events hold, and of what partners are answered.
EXAMPLES: Mapping[type[Struct], Mapping[str, object]] = MappingProxyType({**_SENT, **_DATA, **_ANSWERED})
