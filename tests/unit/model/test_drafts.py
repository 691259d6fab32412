"""What a sender states becomes a draft whose digest is that of the document, not of the transport."""

import pytest

from gateway.core.deadline import Turn
from gateway.core.ids import FileId, SystemId
from gateway.core.message import Actor, ActorKind, Blob, Draft
from gateway.model.drafts import Stated, draft, named_files
from gateway.model.reading import read_dossier, read_event

DUE = "2026-12-01T17:00:00+07:00"
_ACTOR = Actor(kind=ActorKind.SYSTEM, name="portal")


def _draft(file: str, *, content: str = "a", event: str = "e-1") -> Draft:
    dossier = {
        "code": "H52.12-261123-0001",
        "procedure": {"code": "1.100101", "name": "Đổi giấy phép lái xe"},
        "owner": {"name": {"whole": "Lò Văn Mẫu"}},
        "components": [{"name": "Đơn", "files": [{"id": file}]}],
    }
    read = read_dossier({"dossier": dossier, "source_event_id": event})
    blob = Blob(
        key=f"k/{file}",
        sha256=content * 64,
        size=1,
        content_type="application/pdf",
        name="don.pdf",
        file_id=FileId(file),
    )
    stated = Stated(source=SystemId("portal"), operation="dossiers.submit", actor=_ACTOR, blobs={FileId(file): blob})
    return draft(read, stated)


def test_the_same_file_uploaded_again_has_the_same_digest():
    """G7: the digest is of the document bytes and the files' hashes, not of upload ids."""
    assert _draft("f-1").digest == _draft("f-2").digest


def test_another_file_under_the_same_document_has_another_digest():
    """G7: other content, other digest."""
    assert _draft("f-1").digest != _draft("f-1", content="b").digest


def test_the_senders_own_id_is_no_part_of_the_digest():
    """It is the key under which digests are compared."""
    assert _draft("f-1", event="e-1").digest == _draft("f-1", event="e-2").digest


def test_codes_that_somebody_assigns_are_codes_of_the_dossier():
    """Model rule 20: what the portal answers to a dossier that it did not number is bound to it."""
    assigned = {
        "kind": "reference.assigned",
        "dossier": {"scheme": "national", "code": "G22-1"},
        "data": {"references": [{"scheme": "province", "code": "H52-1"}]},
    }
    stated = Stated(source=SystemId("portal"), operation="events", actor=_ACTOR)
    codes = draft(read_event(assigned), stated).codes
    assert [(code.scheme, code.value) for code in codes] == [("national", "G22-1"), ("province", "H52-1")]


def test_a_file_deep_inside_the_dossier_is_found():
    """Attachments of components are attachments of the message."""
    assert [blob.file_id for blob in _draft("f-1").blobs] == ["f-1"]


def test_a_file_by_address_is_pending_under_an_id_that_follows_from_it():
    """The same address said twice is the same statement."""
    raw = {
        "dossier": {
            "code": "C-1",
            "procedure": {"code": "1.1", "name": "x"},
            "owner": {"name": {"whole": "Lò Văn Mẫu"}},
            "files": [{"url": "https://portal.example/a.pdf"}],
        }
    }
    first, second = (named_files(read_dossier(raw)).pending for _ in range(2))
    assert first == second
    assert first[0].url == "https://portal.example/a.pdf"


def _event(kind: str, data: dict[str, object]) -> Draft:
    read = read_event({"kind": kind, "dossier": {"code": "H52.12-261123-0001"}, "data": data})
    return draft(read, Stated(source=SystemId("land"), operation="events", actor=_ACTOR))


@pytest.mark.parametrize(
    ("kind", "data", "turn"),
    [
        ("deadline.changed", {"action": "extend", "due_at": DUE}, None),
        ("deadline.changed", {"action": "pause"}, Turn.PAUSE),
        ("deadline.changed", {"action": "resume", "due_at": DUE}, Turn.RESUME),
        ("supplement.requested", {"content": "Bổ sung ảnh", "due_after": DUE}, Turn.AWAIT),
        ("supplement.submitted", {"content": "Đã bổ sung"}, Turn.ANSWER),
        ("supplement.closed", {"result": "accepted", "due_after": DUE}, Turn.GO_ON),
        ("status.changed", {"status": 5}, Turn.AWAIT),
        ("status.changed", {"status": 4}, Turn.GO_ON),
        ("status.changed", {"source_status": {"code": "X"}}, None),
        ("progress.recorded", {"text": "Đang thẩm định"}, None),
        ("progress.recorded", {"text": "Chờ bổ sung", "status": 5}, Turn.AWAIT),
    ],
)
def test_what_an_event_says_of_the_due_date(kind, data, turn):
    """A new date where it states one, and whether days are counted; a code that nobody knows says nothing."""
    made = _event(kind, data)
    states_one = any(name in data for name in ("due_at", "due_after"))
    assert (made.turn, made.due_at is not None) == (turn, states_one)


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("progress.recorded", {"text": "Đang thẩm định", "status": 4}, 4),
        ("progress.recorded", {"text": "Đang thẩm định"}, None),
        ("status.changed", {"status": 9}, 9),
    ],
)
def test_a_step_of_progress_may_state_a_status(kind, data, status):
    """As ``status.changed`` does: it stands for its source."""
    stated = _event(kind, data).status
    assert (stated.status if stated else None) == status
