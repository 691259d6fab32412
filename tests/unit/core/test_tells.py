"""Who is told how a leg fares: the source of what was relayed, as far as it and the route want it."""

import pytest

from gateway.core.message import Known, Plan
from gateway.core.routing import Role, Route, RouteBook
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner, a_system
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds


def _legs(book: RouteBook) -> list[bool]:
    plan = a_planner(FakeIds(1), book)(a_draft(), Known(now=FakeClock().now()))
    assert isinstance(plan, Plan)
    return [leg.tells for leg in plan.submissions[0].legs]


def _book(*, system: bool = True, route: bool = True) -> RouteBook:
    return RouteBook(
        version="v1",
        systems={
            PORTAL: a_system(PORTAL, role=Role.PORTAL, tell_relay=system),
            CIVIL_STATUS: a_system(CIVIL_STATUS),
        },
        routes=(Route(id="out", source=PORTAL, to=(CIVIL_STATUS,), tell_relay=route),),
    )


def test_the_portal_is_told_about_its_submission():
    """Has the ministry got it? is the first question."""
    assert _legs(_book()) == [True]


@pytest.mark.parametrize("book", [_book(system=False), _book(route=False)], ids=["system", "route"])
def test_a_system_or_a_route_may_want_silence(book: RouteBook):
    """Settable for a system and for a route."""
    assert _legs(book) == [False]
