"""The national demo's journals are compared by business keys: two systems, no id of the gateway."""

from collections.abc import Iterable

from gateway.cli.demo.national import CIVIL_STATUS, NATIONAL_PORTAL, REGISTRY, read
from gateway.cli.demo.tally import PORTAL, Line, Report, tally

_CODE = "H52.101-260302-0001"
_STEP = {"service": "CapNhatTienDoHoSoMC", "dossier": _CODE}


def _synced() -> list[Line]:
    return [
        {"what": "synced", "service": "DongBoHoSoMC", "MaHoSo": _CODE, "TrangThaiHoSo": "2"},
        _noted("20260302080000", "2"),
        _noted("20260302090000", "4"),
        {"what": "handed_over", "count": 1},
    ]


def _noted(time: str, status: str) -> Line:
    service = "CapNhatTienDoHoSoMC"
    return {"what": "synced", "service": service, "MaHoSo": _CODE, "ThoiDiemXuLy": time, "TrangThai": status}


def _arrived() -> list[Line]:
    return [
        {"what": "request", "service": "DongBoHoSoMC", "dossier": _CODE, "delivery": None},
        {"what": "effect", "service": "DongBoHoSoMC", "dossier": _CODE, "kind": "new", "status": "2"},
        {"what": "replied", "service": "DongBoHoSoMC", "dossier": _CODE},
        {"what": "effect", **_STEP, "kind": "note", "status": "2", "time": "20260302080000"},
        {"what": "effect", **_STEP, "kind": "note", "status": "4", "time": "20260302090000"},
    ]


def _count(synced: Iterable[Line], arrived: Iterable[Line], **others: Iterable[Line]) -> Report:
    written = {NATIONAL_PORTAL: arrived, **others, PORTAL: synced}
    return tally({system: [line for one in lines for line in read(system, one)] for system, lines in written.items()})


def test_what_the_portal_synced_is_what_must_arrive():
    """A dossier by code and status, a step by code, time and status."""
    report = _count(_synced(), _arrived())
    assert report.holds
    assert report.line() == "demo: dossiers=1 effects=3/3 results=0/0 lost=0 duplicated=0 reordered=0"


def test_a_step_that_is_written_down_twice_is_a_duplicate():
    """G2: the same step again is counted, whatever it came under."""
    assert _count(_synced(), [*_arrived(), _arrived()[-1]]).total("duplicated") == 1


def test_a_step_that_never_arrived_is_lost():
    """G1: what the portal was told «thành công» for must be there."""
    report = _count(_synced(), _arrived()[:-1])
    assert report.total("lost") == 1
    assert not report.holds


def test_steps_in_the_wrong_order_are_counted():
    """G3: a later step that arrives first is a reordering."""
    *before, first, second = _arrived()
    assert _count(_synced(), [*before, second, first]).total("reordered") == 1


def test_what_is_submitted_at_the_national_portal_must_reach_the_portal():
    """G1: a dossier from there counts as something the portal waits for."""
    code = "G22.99.01-260302-0001"
    issued = {"what": "issued", "dossier": code, "event": code, "kind": "dossier.submitted"}
    told = {"what": "effect", "dossier": code, "event": "", "kind": "dossier.submitted", "source": NATIONAL_PORTAL}
    assert not _count(_synced(), [*_arrived(), issued]).holds
    report = _count([*_synced(), told], [*_arrived(), issued])
    assert report.holds
    assert (report.results_got, report.results) == (1, 1)


def test_a_call_that_has_no_answer_yet_is_open():
    """The demo's kills look for one."""
    lines = [line for one in _arrived()[:1] for line in read(NATIONAL_PORTAL, one)]
    assert [line["delivery"] for line in lines] == [f"{_CODE} DongBoHoSoMC"]


# -- the other partners


def _birth(*, refused: bool = False) -> list[Line]:
    """What the register writes of a joint birth: registered, and ended."""
    known = {"dossier": _CODE, "module": "LTKS"}
    ended = "6" if refused else "4"
    kinds = ["status.changed"] if refused else ["result.issued", "status.changed"]
    return [
        {"what": "effect", **known, "event": "dossier.submitted", "kind": "dossier.submitted"},
        *(
            {"what": "issued", **known, "event": f"{_CODE}/{ended}/02/03/2026 08:00:00/", "kind": kind}
            for kind in kinds
        ),
        {"what": "finished", "dossier": _CODE},
    ]


def _news(kind: str, digest: str = "abc") -> Line:
    event = f"{_CODE}/4/02/03/2026 08:00:00/{digest}/{kind}"
    return {"what": "effect", "dossier": _CODE, "event": event, "kind": kind, "source": CIVIL_STATUS}


def _joint() -> list[Line]:
    known = {"service": "DongBoHoSoMC", "MaHoSo": _CODE, "MaTTHC": "2.002621.000.00.00.H52"}
    return [{"what": "synced", **known, "TrangThaiHoSo": status} for status in ("2", "4")]


def _step(system: str) -> list[Line]:
    code = f"{_CODE}/{system}"
    return [
        {"what": "effect", "dossier": code, "event": "dossier.submitted", "kind": "dossier.submitted"},
        {"what": "finished", "dossier": code},
    ]


def _rows(report: Report) -> dict[str, tuple[int, int]]:
    return {row.system: (row.effects, row.expected) for row in report.rows}


def test_a_birth_is_due_once_at_the_register_and_its_result_at_the_portal_and_as_two_steps():
    """G2: however often the portal syncs it; the register's result is what begins the steps."""
    books = {CIVIL_STATUS: _birth(), "residence": _step("residence"), "health_insurance": _step("health_insurance")}
    synced = [*_joint(), _news("result.issued"), _news("status.changed")]
    found = _rows(_count(synced, [], **books))
    assert found[CIVIL_STATUS] == (1, 1)
    assert found["residence"] == found["health_insurance"] == (1, 1)
    assert found[PORTAL] == (2, 2)
    lost = _count(synced, [], **{**books, "residence": []})
    assert next(row.lost for row in lost.rows if row.system == "residence") == 1


def test_a_refused_birth_begins_nothing():
    """A step that begins all the same is one too many."""
    report = _count(_joint(), [], **{CIVIL_STATUS: _birth(refused=True), "residence": []})
    assert _rows(report)["residence"] == (0, 0)


def test_the_order_of_all_that_the_register_states_counts():
    """G3: a result before the end that it brings."""
    synced = [*_joint(), _news("status.changed"), _news("result.issued")]
    assert _count(synced, [], **{CIVIL_STATUS: _birth()}).total("reordered") == 1


def test_what_the_portal_answers_is_due_at_the_partner_that_asked():
    """A fee of a step, and papers of the first dossier; both after what they answer."""
    code = f"{_CODE}/residence"
    answered = {"what": "answered", "at": 9.0, "dossier": code, "kind": "fee.paid", "to": "residence"}
    begun, ended = _step("residence")
    paid = {"what": "effect", "dossier": code, "event": "fee.paid", "kind": "fee.paid"}
    books = {CIVIL_STATUS: [{**line, "at": 1.0} for line in _birth()], "residence": [begun, paid, ended]}
    report = _count([*_joint(), answered], [], **books)
    assert _rows(report)["residence"] == (2, 2)
    assert report.total("reordered") == 0


def test_a_question_counts_once_however_often_it_was_put():
    """The register tells a number once more where its answer was lost: that does no harm."""
    asked = {"what": "asked", "dossier": _CODE, "number": "9900000001"}
    told: list[Line] = [{"what": what, "number": "9900000001"} for what in ("asked", "dropped", "asked", "told")]
    told += [{"what": what, "number": "9900000001"} for what in ("asked", "repeated")]
    report = _count([*_joint(), asked], [], **{REGISTRY: told})
    assert _rows(report)[REGISTRY] == (1, 1)
    assert report.total("duplicated") == 0


def test_what_the_last_line_does_not_count_is_said():
    """A run that does not hold says why, also where nothing was lost."""
    refused = {"what": "refused", "dossier": _CODE, "answer": "Thiếu trường"}
    bad = {"what": "bad_file", "dossier": _CODE}
    assert _count(_synced(), _arrived()).complaints() == []
    said = " ".join(_count(_synced(), [*_arrived()[:-1], refused, bad]).complaints())
    assert all(word in said for word in ("not everything had ended", "refused: 1", "files that did not arrive"))
