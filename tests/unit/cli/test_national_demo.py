"""The national demo's journals are compared by business keys: two systems, no id of the gateway."""

from collections.abc import Iterable

from gateway.cli.demo.national import NATIONAL_PORTAL, read
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


def _count(synced: Iterable[Line], arrived: Iterable[Line]) -> Report:
    written = {NATIONAL_PORTAL: arrived, PORTAL: synced}
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
