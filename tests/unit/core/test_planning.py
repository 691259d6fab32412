"""What accepting a draft means, without a store."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.core.doubt import Declarations
from gateway.core.ids import GATEWAY, OPERATORS, DeliveryId, DossierId, MessageId, SystemId
from gateway.core.message import (
    Code,
    Conflict,
    DossierState,
    Duplicate,
    Exists,
    Known,
    OpenDelivery,
    PendingFile,
    Plan,
    Refused,
    Seen,
    Stale,
)
from gateway.core.news import About, tell
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode, Order, Route, Subject, UnknownDossier, day_in_vietnam
from gateway.testing.books import (
    CIVIL_STATUS,
    CRIMINAL_RECORD,
    LAND,
    PORTAL,
    TAX,
    a_book,
    a_draft,
    a_planner,
    a_route,
    a_status,
    a_system,
)
from gateway.testing.ids import FakeIds

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FIRST = MessageId("first")


def planned(draft, book=None, **known):
    return a_planner(FakeIds(), book)(draft, Known(now=NOW, **known))


def a_dossier(draft=None, **changes) -> DossierState:
    """A dossier that the portal has stated once."""
    state = DossierState(
        id=DossierId("d-1"),
        source=PORTAL,
        revision=1,
        document_digest=(draft or a_draft()).digest,
        document_message=FIRST,
        codes=(Code("province", "H01-1"),),
        procedure="1.000894",
        agency="H01.12",
        due_at=None,
        routed_to=frozenset({CIVIL_STATUS}),
        reached=frozenset(),
    )
    return replace(state, **changes)


def destinations(plan, number=0):
    assert isinstance(plan, Plan)
    return [leg.destination for leg in plan.submissions[number].legs]


class TestSaidBefore:
    """G7: what is said twice is accepted once, what differs is told apart."""

    def test_same_key_same_digest_is_the_first(self):
        """G7: the first receipt again."""
        draft = a_draft(dedup_key="k")
        assert planned(draft, by_key=Seen(FIRST, draft.digest)) == Duplicate(FIRST)

    def test_same_key_other_digest_conflicts(self):
        """G7: a key means one thing."""
        assert planned(a_draft(dedup_key="k"), by_key=Seen(FIRST, "other")) == Conflict(FIRST)

    def test_a_new_key_is_a_new_event(self):
        """G7: with a key, equality with the last event means nothing."""
        draft = a_status(dedup_key="k")
        plan = planned(draft, dossier=a_dossier(), last=Seen(FIRST, draft.digest))
        assert isinstance(plan, Plan)

    def test_without_a_key_the_last_event_again_is_absorbed(self):
        """G7: A, A is one event."""
        draft = a_status()
        assert planned(draft, dossier=a_dossier(), last=Seen(FIRST, draft.digest)) == Duplicate(FIRST)

    def test_without_a_key_an_earlier_event_again_is_new(self):
        """G7: A, B, A are three events."""
        plan = planned(a_status(number=4), dossier=a_dossier(), last=Seen(FIRST, a_status(number=5).digest))
        assert isinstance(plan, Plan)

    def test_the_same_dossier_again_is_absorbed(self):
        """G7: a submission is compared with the current revision."""
        assert planned(a_draft(), dossier=a_dossier()) == Duplicate(FIRST)

    def test_another_dossier_under_a_known_code_must_amend(self):
        """Model rule 5: 409 names the way."""
        assert planned(a_draft(text="other"), dossier=a_dossier(revision=3)) == Exists(code="H01-1", revision=3)

    def test_a_dossier_only_spoken_of_may_still_be_submitted(self):
        """A code that came first by a call-back does not forbid the submission."""
        assert isinstance(planned(a_draft(), dossier=a_dossier(revision=0)), Plan)

    def test_what_the_gateway_says_is_never_said_before(self):
        """Each piece of news is its own."""
        news = _news()
        assert isinstance(planned(news, dossier=a_dossier(), last=Seen(FIRST, news.digest)), Plan)


class TestAuthority:
    """Model rule 15: who may speak about a dossier."""

    def test_a_system_that_got_the_dossier_may(self):
        """It is its job."""
        assert destinations(planned(a_status(), dossier=a_dossier())) == [PORTAL]

    def test_a_stranger_may_not(self):
        """A system without a part in the dossier is refused."""
        found = planned(a_status(source=LAND), dossier=a_dossier())
        assert found == Refused(Reason(Why.NOT_AUTHORISED))

    def test_a_successor_may(self):
        """Model rule 14: functions move from ministry to ministry."""
        book = a_book(systems=[a_system(LAND, successor_of=frozenset({CIVIL_STATUS}))])
        assert isinstance(planned(a_status(source=LAND), book, dossier=a_dossier()), Plan)

    def test_codes_of_two_dossiers_are_refused(self):
        """Nobody knows which one is meant."""
        assert planned(a_status(), ambiguous=True) == Refused(Reason(Why.CODES_CONFLICT))

    def test_an_outdated_revision_is_stale(self):
        """If-Match protects against lost updates."""
        draft = a_draft(kind="dossier.amended", if_match=1, text="x")
        assert planned(draft, dossier=a_dossier(revision=2)) == Stale(revision=2)

    def test_an_event_never_goes_back_to_its_source(self):
        """A translation of the same fact is not an echo."""
        book = a_book(routes=[a_route(PORTAL, CIVIL_STATUS, source="*")])
        assert PORTAL not in destinations(planned(a_draft(), book))


class TestUnknownDossiers:
    """What happens when a system speaks about a dossier that nobody has handed over."""

    def test_it_is_kept_until_its_code_is_bound(self):
        """G2: parked, visible to operators, unmatched."""
        plan = planned(a_status())
        assert isinstance(plan, Plan)
        assert plan.parked
        assert plan.new_dossier is not None
        (leg,) = plan.submissions[0].legs
        assert (leg.destination, leg.hold) == (OPERATORS, Reason(Why.UNMATCHED))

    def test_it_begins_a_dossier_where_the_system_may(self):
        """Model rule 20: the national portal is a source, too."""
        book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.RELAY)])
        plan = planned(a_status(), book)
        assert destinations(plan) == [PORTAL]
        assert plan.new_dossier is not None

    def test_such_a_system_submits_one_under_a_number_of_the_portals_too(self):
        """It numbers for the province; any other is refused, and what its file says of updates is no matter."""
        book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.RELAY)])
        plan = planned(a_draft(source=CIVIL_STATUS), book)
        assert plan.new_dossier is not None
        assert plan.submissions[0].draft.codes == a_draft().codes
        for policy in (UnknownDossier.PARK, UnknownDossier.REFUSE):
            book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=policy)])
            assert planned(a_draft(source=CIVIL_STATUS), book) == Refused(Reason(Why.NOT_AUTHORISED))

    def test_it_is_refused_where_the_system_may_not(self):
        """By the system's own setting, or because nobody knows the system."""
        book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.REFUSE)])
        assert planned(a_status(), book) == Refused(Reason(Why.UNKNOWN_DOSSIER))
        assert planned(a_status(source=SystemId("nobody"))) == Refused(Reason(Why.UNKNOWN_DOSSIER))

    def test_a_submission_always_begins_one(self):
        """That is what submitting means."""
        plan = planned(a_draft())
        assert plan.new_dossier is not None
        assert plan.revises


class TestLegs:
    """Where a draft goes, frozen at acceptance."""

    def test_without_a_route_it_is_kept_with_a_warning(self):
        """G2: accepted, going nowhere, and said so."""
        plan = planned(a_draft(), a_book(routes=[]))
        assert destinations(plan) == []
        assert plan.warnings == (Reason(Why.NO_ROUTE),)

    def test_a_system_that_is_off_gets_no_leg_but_a_warning(self):
        """Model rule 16."""
        plan = planned(a_draft(), a_book(systems=[a_system(CIVIL_STATUS, mode=Mode.OFF)]))
        assert destinations(plan) == []
        assert [warning.code for warning in plan.warnings] == [Why.SYSTEM_OFF]

    def test_a_test_event_reaches_sandboxes_only(self):
        """Model rule 16."""
        book = a_book(
            systems=[a_system(LAND, mode=Mode.SANDBOX)],
            routes=[a_route(CIVIL_STATUS, LAND)],
        )
        plan = planned(a_draft(test=True), book)
        assert destinations(plan) == [LAND]
        assert [warning.code for warning in plan.warnings] == [Why.TEST_EVENT]

    def test_a_system_exists_between_its_days(self):
        """Model rule 14, by the calendar of Việt Nam."""
        last = date(2026, 3, 2)
        book = a_book(systems=[a_system(CIVIL_STATUS, valid_to=last)])
        assert destinations(planned(a_draft(), book)) == [CIVIL_STATUS]
        later = Known(now=datetime(2026, 3, 2, 17, 0, tzinfo=UTC))
        assert destinations(a_planner(FakeIds(), book)(a_draft(), later)) == []

    def test_doubt_that_needs_a_person_is_not_preleased(self):
        """A durable ``begin`` must precede the first byte."""
        book = a_book(routes=[a_route(CIVIL_STATUS, CRIMINAL_RECORD)])
        legs = planned(a_draft(), book).submissions[0].legs
        assert [leg.prelease for leg in legs] == [True, False]

    def test_what_waits_for_files_is_not_preleased(self):
        """It could not be sent."""
        pending = PendingFile(file_id="f-1", url="https://portal.example/f-1")
        (leg,) = planned(a_draft(pending=(pending,))).submissions[0].legs
        assert not leg.prelease

    def test_a_leg_waits_only_for_legs_that_there_are(self):
        """``after`` orders this submission's own legs."""
        routes = [a_route(CIVIL_STATUS), a_route(LAND, after=(CIVIL_STATUS, CRIMINAL_RECORD))]
        legs = planned(a_draft(), a_book(routes=routes)).submissions[0].legs
        assert [leg.after for leg in legs] == [(), (CIVIL_STATUS,)]
        assert [leg.prelease for leg in legs] == [True, False]

    def test_the_urgent_go_first_and_nobody_starves(self):
        """A due date moves a leg forward, never behind the longest wait."""
        soon, longest = NOW + timedelta(hours=1), NOW + timedelta(hours=4)
        book = a_book(systems=[a_system(CIVIL_STATUS, order=Order.DUE)])
        for due, priority in [(soon, soon), (None, longest), (NOW + timedelta(days=9), longest), (NOW, NOW)]:
            (leg,) = planned(a_draft(due_at=due), book).submissions[0].legs
            assert leg.priority_at == priority

    def test_the_order_of_acceptance_is_what_a_system_has_unless_it_asks(self):
        """Ordering by due date is an option."""
        for due in (None, NOW, NOW + timedelta(hours=1)):
            (leg,) = planned(a_draft(due_at=due)).submissions[0].legs
            assert leg.priority_at == NOW + timedelta(hours=4)

    def test_a_route_may_say_when_a_leg_expires(self):
        """Counted from the acceptance."""
        book = a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=2))])
        (leg,) = planned(a_draft(), book).submissions[0].legs
        assert leg.expires_at == NOW + timedelta(hours=2)

    def test_a_feed_is_marked(self):
        """It is read, never called."""
        (leg,) = planned(a_draft(), a_book(routes=[a_route(TAX)])).submissions[0].legs
        assert leg.feed

    def test_an_odd_code_is_a_warning(self):
        """Model rule 9: codes are data."""
        book = replace(a_book(), code_patterns={"province": r"[A-Z]\d{2}-\d"})
        assert planned(a_draft("H01-1"), book).warnings == ()
        assert planned(a_draft("x/1"), book).warnings == (Reason(Why.CODE_SHAPE, "province"),)


class TestRoutes:
    """Rules as data."""

    @pytest.mark.parametrize(
        ("route", "matches"),
        [
            ({}, True),
            ({"source": "portal"}, True),
            ({"source": "land"}, False),
            ({"kinds": ("dossier.*",)}, True),
            ({"kinds": ("fee.*", "result.*")}, False),
            ({"procedures": ("1.0008*",)}, True),
            ({"agencies": ("H02.*",)}, False),
            ({"valid_from": date(2026, 3, 2)}, True),
            ({"valid_from": date(2026, 3, 3)}, False),
            ({"valid_to": date(2026, 3, 1)}, False),
        ],
    )
    def test_matches_by_every_column(self, route, matches):
        """All columns must agree."""
        subject = Subject(
            source=PORTAL,
            kind="dossier.submitted",
            procedure="1.000894",
            agency="H01.12",
            on=date(2026, 3, 2),
        )
        assert Route(id="r", to=(LAND,), **route).matches(subject) is matches

    def test_each_destination_once_by_its_first_route(self):
        """Two routes to one system are one leg."""
        book = a_book(routes=[a_route(LAND, id="one"), a_route(LAND, CIVIL_STATUS, id="two")])
        subject = Subject(source=PORTAL, kind="x", procedure="", agency="", on=date(2026, 3, 2))
        found = [(route.id, system) for route, system in book.routes_for(subject)]
        assert found == [("one", LAND), ("two", CIVIL_STATUS)]

    def test_a_status_is_routed_by_its_dossier(self):
        """What a call-back does not say, the dossier knows."""
        routes = [a_route(LAND, source="*", procedures=("1.000894",))]
        plan = planned(a_status(), a_book(routes=routes), dossier=a_dossier())
        assert LAND in destinations(plan)

    def test_the_day_begins_at_midnight_in_vietnam(self):
        """UTC+7, without daylight saving."""
        assert day_in_vietnam(datetime(2026, 3, 1, 16, 59, tzinfo=UTC)) == date(2026, 3, 1)
        assert day_in_vietnam(datetime(2026, 3, 1, 17, 0, tzinfo=UTC)) == date(2026, 3, 2)


class TestWithdrawal:
    """Model rule 7: a withdrawal overtakes what surely nobody has taken."""

    def test_cancels_what_never_began_and_answers_at_once(self):
        """Nobody has anything, so the gateway accepts the withdrawal itself."""
        plan = planned(_withdrawal(), dossier=a_dossier(open=(_open(CIVIL_STATUS),)))
        assert plan.cancel == (DeliveryId("to-civil_status"),)
        assert destinations(plan) == []
        assert [item.draft.kind for item in plan.submissions[1:]] == ["relay.cancelled", "withdrawal.accepted"]
        assert destinations(plan, 1) == destinations(plan, 2) == [PORTAL]

    def test_tells_nobody_who_declined_to_hear_of_it(self):
        """`tell_relay = false` of a route or a system holds for what a withdrawal cancels, too."""
        plan = planned(_withdrawal(), dossier=a_dossier(open=(_open(CIVIL_STATUS, tells=False),)))
        assert [item.draft.kind for item in plan.submissions[1:]] == ["withdrawal.accepted"]

    def test_is_accepted_where_nobody_ever_had_the_dossier(self):
        """Nothing was routed anywhere: there is nobody to ask."""
        plan = planned(_withdrawal(), a_book(routes=[]), dossier=a_dossier(routed_to=frozenset()))
        (answer,) = plan.submissions[1:]
        assert answer.draft.kind == "withdrawal.accepted"
        assert answer.draft.causes == ""
        assert json.loads(answer.draft.payload.body)["causes"] == plan.submissions[0].id

    def test_goes_to_one_who_knows_the_dossier_by_another_way(self):
        """What was never submitted through us cannot be taken back by us."""
        waiting = replace(_open(CIVIL_STATUS), kind="supplement.submitted")
        plan = planned(_withdrawal(), dossier=a_dossier(open=(waiting,)))
        assert plan.cancel == ()
        assert destinations(plan) == [CIVIL_STATUS]

    def test_goes_in_order_to_whom_something_may_have_reached(self):
        """A dossier in doubt or on its way cannot be overtaken."""
        plan = planned(_withdrawal(), dossier=a_dossier(open=(_open(CIVIL_STATUS, begun=True),)))
        assert plan.cancel == ()
        assert destinations(plan) == [CIVIL_STATUS]
        assert len(plan.submissions) == 1

    def test_asks_the_one_who_has_it_and_spares_the_other(self):
        """Of two systems one has it: only that one must answer."""
        book = a_book(routes=[a_route(CIVIL_STATUS, LAND)])
        dossier = a_dossier(
            routed_to=frozenset({CIVIL_STATUS, LAND}),
            reached=frozenset({LAND}),
            open=(_open(CIVIL_STATUS),),
        )
        plan = planned(_withdrawal(), book, dossier=dossier)
        assert plan.cancel == (DeliveryId("to-civil_status"),)
        assert destinations(plan) == [LAND]
        assert [item.draft.kind for item in plan.submissions[1:]] == ["relay.cancelled"]


class TestNews:
    """What the gateway itself says."""

    def test_goes_to_whom_it_is_addressed(self):
        """News is not routed."""
        assert destinations(planned(_news(), dossier=a_dossier())) == [PORTAL]

    def test_carries_ids_and_the_partners_words(self):
        """The portal learns system, event, reason and the partner's code."""
        event = json.loads(_news().payload.body)
        assert event["data"]["words"] == "thiếu giấy tờ"
        assert event["data"]["system"] == CIVIL_STATUS
        assert event["causes"] == FIRST

    def test_does_not_call_its_own_words_the_partners(self):
        """Where nobody has answered, the source is told no name of an exception of ours."""
        news = _news(Why.CONNECTION_REFUSED, "ClientConnectorError")
        assert "words" not in json.loads(news.payload.body)["data"]

    def test_is_stated_by_the_gateway(self):
        """It may speak about every dossier."""
        assert _news().source == GATEWAY


def test_routes_that_wait_for_each_other_do_not_wait_for_ever():
    """G2: `check` refuses such routes; should one slip through, one wait is left out, and the receipt says so."""
    routes = [a_route(CIVIL_STATUS, after=(LAND,)), a_route(LAND, after=(TAX,)), a_route(TAX, after=(CIVIL_STATUS,))]
    plan = planned(a_draft(), a_book(routes=routes))
    assert isinstance(plan, Plan)
    assert [leg.after for leg in plan.submissions[0].legs] == [(LAND,), (TAX,), ()]
    assert plan.warnings == (Reason(Why.WAITS_IN_CIRCLE, TAX),)


def test_never_prelease_what_is_undeclared():
    """Nothing declared is HOLD."""
    assert not a_system(CIVIL_STATUS, declarations=Declarations()).may_prelease("dossier.submitted")


def _news(why=Why.REFUSED_BY_PARTNER, words="thiếu giấy tờ"):
    about = About(
        delivery_id=DeliveryId("x-1"),
        message_id=FIRST,
        kind="dossier.submitted",
        system=CIVIL_STATUS,
        tell=PORTAL,
        codes=(Code("province", "H01-1"),),
    )
    return tell("relay.refused", about, reason=Reason(why, words))


def _withdrawal():
    return a_draft(kind="withdrawal.requested", document=None, text="rút")


def _open(system, *, begun=False, tells=True) -> OpenDelivery:
    return OpenDelivery(
        id=DeliveryId(f"to-{system}"),
        message_id=FIRST,
        destination=system,
        kind="dossier.submitted",
        source=PORTAL,
        begun=begun,
        tells=tells,
    )
