"""What is said twice, by whom, and to whom it still matters."""

from dataclasses import replace
from datetime import date

from gateway.core.ids import DossierId, MessageId
from gateway.core.message import Code, DossierState, Draft, Duplicate, Exists, Known, Plan, Refused
from gateway.core.planning import Planned
from gateway.core.reason import Why
from gateway.core.routing import Role, Route, RouteBook
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_draft, a_planner, a_system
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

NOW = FakeClock().now()
FIRST = MessageId("m-1")


def _book(**ministry: object) -> RouteBook:
    systems = {
        PORTAL: a_system(PORTAL, role=Role.PORTAL),
        CIVIL_STATUS: a_system(CIVIL_STATUS, **ministry),
        CRIMINAL_RECORD: a_system(CRIMINAL_RECORD),
    }
    return RouteBook(version="v1", systems=systems, routes=(Route(id="out", source=PORTAL, to=(CIVIL_STATUS,)),))


def _dossier(draft: Draft) -> DossierState:
    return DossierState(
        id=DossierId("d-1"),
        source=PORTAL,
        revision=2,
        document_digest=draft.document_digest,
        document_message=FIRST,
        codes=(Code("province", "H01-1"),),
        procedure="1.000894",
        agency="H01.12",
        due_at=None,
        routed_to=frozenset({CIVIL_STATUS}),
        reached=frozenset(),
    )


def _planned(draft: Draft, dossier: DossierState, book: RouteBook | None = None) -> Planned:
    return a_planner(FakeIds(1), book or _book())(draft, Known(now=NOW, dossier=dossier))


def test_a_submission_equal_to_the_amended_dossier_is_its_receipt():
    """G7: the content is compared, whichever event stated it."""
    draft = replace(a_draft(), digest="other-because-the-amendment-had-another-kind")
    assert _planned(draft, _dossier(draft)) == Duplicate(FIRST)


def test_a_stranger_learns_nothing_by_submitting_a_known_code():
    """Authority is asked before content is compared."""
    draft = replace(a_draft(), source=CRIMINAL_RECORD)
    found = _planned(draft, _dossier(a_draft(text="other")))
    assert isinstance(found, Refused)
    assert found.reason.code is Why.NOT_AUTHORISED
    assert isinstance(_planned(a_draft(), _dossier(a_draft(text="other"))), Exists)


def test_a_system_past_its_last_day_states_nothing_any_more():
    """Systems are functions with dates: their successors speak for them."""
    draft = replace(a_draft(), kind="status.changed", source=CIVIL_STATUS, document=None, document_digest="")
    book = _book(valid_to=date(2001, 1, 1))
    assert isinstance(_planned(draft, _dossier(a_draft()), book), Refused)


def test_a_second_withdrawal_does_not_reach_a_system_that_never_had_the_dossier():
    """The first one cancelled everything before it was begun."""
    draft = replace(a_draft(), kind="withdrawal.requested", document=None, document_digest="", dedup_key="again")
    plan = _planned(draft, _dossier(a_draft()))
    assert isinstance(plan, Plan)
    assert plan.submissions[0].legs == ()
