"""What is odd about a status, decided without a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.guard import HELD, Anomaly, anomalies, stands_at
from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Code, DossierState, Draft, Known, Plan, SourceStatus, StatedStatus
from gateway.core.reason import Why
from gateway.core.statuses import OPEN, GuardMode, StatusBook, StatusTable
from gateway.model.texts import LANGUAGES, text
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_planner, a_route, a_status, a_system
from gateway.testing.ids import FakeIds

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TABLE = StatusTable(
    start=frozenset({1, 2}),
    following={1: frozenset({2, 3}), 2: frozenset({4, 9}), 4: frozenset({9}), 9: frozenset({4, 10})},
    closing=frozenset({9, 10}),
)


def a_word(number: int | None = 4, *, closing: str = "", code: str = "", **changes: object) -> Draft:
    """A status as its source puts it."""
    return a_status(status=SourceStatus(status=number, closing=closing, code=code), **changes)


def before(number: int | None, *, at: datetime = NOW - 2 * HOUR, closing: str = "") -> StatedStatus:
    """What the same source stated before."""
    return StatedStatus(status=SourceStatus(status=number, closing=closing), at=at, accepted_at=at)


def odd(draft: Draft, stated: StatedStatus | None = None, table: StatusTable = TABLE) -> tuple[Anomaly, ...]:
    return anomalies(draft, Known(now=NOW, stated=stated), table)


class TestSteps:
    """What may follow is the table's to say."""

    @pytest.mark.parametrize("number", [1, 2, 3, 4, 9])
    def test_a_first_word_may_be_one_step_beyond_the_start(self, number):
        """Whoever was sent the dossier got it where the portal stood, and says nothing about that."""
        assert odd(a_word(number, closing="granted")) == ()

    def test_a_first_word_two_steps_on_is_odd(self):
        """Nobody begins with a result handed over."""
        assert odd(a_word(10, closing="granted")) == (Anomaly.UNCOMPLETED,)
        assert odd(a_word(8)) == (Anomaly.IMPOSSIBLE,)

    @pytest.mark.parametrize(("first", "then"), [(1, 2), (2, 4), (4, 9), (9, 10), (9, 4), (4, 4), (10, 10), (3, 3)])
    def test_what_the_table_allows_is_not_odd(self, first, then):
        """A repetition is always allowed."""
        assert odd(a_word(then, closing="granted"), before(first)) == ()

    @pytest.mark.parametrize(
        ("first", "then", "anomaly"),
        [
            (1, 9, Anomaly.IMPOSSIBLE),
            (4, 2, Anomaly.IMPOSSIBLE),
            (4, 10, Anomaly.UNCOMPLETED),
            (3, 4, Anomaly.AFTER_FINAL),
            (10, 9, Anomaly.AFTER_FINAL),
            (3, 10, Anomaly.AFTER_FINAL),
        ],
    )
    def test_what_cannot_follow_is_named(self, first, then, anomaly):
        """One code for each way of being impossible."""
        assert odd(a_word(then, closing="granted"), before(first)) == (anomaly,)

    def test_after_a_foreign_code_nothing_is_impossible(self):
        """What it meant is not known."""
        assert odd(a_word(2), before(None)) == ()

    def test_a_correction_is_no_step(self):
        """It says that what was stated before was wrong."""
        assert odd(a_word(2, corrects="earlier"), before(4)) == ()

    def test_without_a_table_everything_may_follow(self):
        """A book that was given no table guards nothing."""
        assert odd(a_word(1), before(10), OPEN) == ()


class TestWords:
    """What is odd about a status by itself."""

    def test_a_foreign_code_is_never_refused(self):
        """Model rule 3: it is relayed as it is, and flagged."""
        assert odd(a_word(None, code="77"), before(4)) == (Anomaly.FOREIGN,)

    def test_the_end_says_how_it_ended(self):
        """At once, or with the completion before it."""
        assert odd(a_word(9), before(4)) == (Anomaly.NO_CLOSING,)
        assert odd(a_word(9, closing="granted"), before(4)) == ()
        assert odd(a_word(10), before(9, closing="granted")) == ()
        assert odd(a_word(10), before(9)) == (Anomaly.NO_CLOSING,)

    def test_where_a_table_asks_for_no_closing_none_is_missing(self):
        """Some partners have no word for it."""
        assert odd(a_word(9), before(4), replace(TABLE, closing=frozenset())) == ()

    def test_the_same_under_another_id_is_flagged(self):
        """G7: two ids are two events; the second says nothing new."""
        at = NOW - HOUR
        assert odd(a_word(4, occurred_at=at, dedup_key="b"), before(4, at=at)) == (Anomaly.REPEATED,)
        assert odd(a_word(4, dedup_key="b"), before(4, at=NOW)) == ()


class TestTimes:
    """A status stands from when it happened, whenever it comes."""

    def test_what_happened_earlier_is_late_and_no_step(self):
        """Its step was taken before; what stands is not its measure."""
        assert odd(a_word(1, occurred_at=NOW - 3 * HOUR), before(9)) == (Anomaly.LATE,)

    def test_at_the_same_time_the_order_of_acceptance_counts(self):
        """A tie is no lateness."""
        at = NOW - HOUR
        assert odd(a_word(9, closing="granted", occurred_at=at), before(4, at=at)) == ()

    def test_without_a_time_it_stands_from_its_acceptance(self):
        """That is the latest it can have happened."""
        assert odd(a_word(9, closing="granted"), before(4, at=NOW + HOUR)) == (Anomaly.LATE,)

    def test_a_time_far_ahead_is_not_believed(self):
        """One slip of a year must not make late whatever follows."""
        assert odd(a_word(4, occurred_at=NOW + timedelta(days=300)), before(2)) == (Anomaly.AHEAD,)
        assert stands_at(NOW + timedelta(days=300), NOW) == NOW

    def test_clocks_may_differ_by_a_day(self):
        """A partner that takes local time for UTC is seven hours off, always the same way."""
        assert stands_at(NOW + 7 * HOUR, NOW) == NOW + 7 * HOUR


def test_every_anomaly_has_words_in_both_languages():
    """The list is closed; whatever is on it can be read."""
    for anomaly in Anomaly:
        assert len({text(f"anomaly.{anomaly}", language) for language in LANGUAGES}) == len(LANGUAGES)


def test_every_anomaly_stands_in_the_documents():
    """And the page says of each whether mode hold keeps it."""
    page = Path(__file__).parents[3] / "docs" / "explanation" / "status-guard.md"
    rows = [line.split("|") for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[3].strip() for row in rows}
    assert told == {anomaly.value: "yes" if anomaly in HELD else "no" for anomaly in Anomaly}


class TestPlanning:
    """Flagged, held or left alone, as the source's mode says."""

    @pytest.fixture
    def dossier(self) -> DossierState:
        return DossierState(
            id=DossierId("d-1"),
            source=PORTAL,
            revision=1,
            document_digest="",
            document_message=MessageId("first"),
            codes=(Code("province", "H01-1"),),
            procedure="1.001",
            agency="",
            due_at=None,
            routed_to=frozenset({CIVIL_STATUS}),
            reached=frozenset({CIVIL_STATUS}),
        )

    def planned(self, dossier: DossierState, draft: Draft, mode: GuardMode, **known: object) -> Plan:
        book = replace(
            a_book(systems=[a_system(CIVIL_STATUS, status_guard=mode)], routes=[a_route(CIVIL_STATUS)]),
            statuses=StatusBook(default=OPEN, by_procedure=((("1.*",), TABLE),)),
        )
        plan = a_planner(FakeIds(), book)(draft, Known(now=NOW, dossier=dossier, **known))  # type: ignore[arg-type]
        assert isinstance(plan, Plan)
        return plan

    def test_flags_by_default_and_relays(self, dossier):
        """Model rule 19: it flags, it does not withhold."""
        plan = self.planned(dossier, a_word(2), GuardMode.FLAG, stated=before(4))
        (own,) = plan.submissions
        assert own.anomalies == ("impossible_transition",)
        assert [leg.hold for leg in own.legs] == [None]
        assert plan.states

    def test_holds_what_cannot_follow(self, dossier):
        """Every leg, with a reason for a person, and never leased at once."""
        (own,) = self.planned(dossier, a_word(2), GuardMode.HOLD, stated=before(4)).submissions
        (leg,) = own.legs
        assert leg.hold is not None
        assert (leg.hold.code, leg.prelease, leg.blocks) == (Why.IMPOSSIBLE_STATUS, False, False)

    @pytest.mark.parametrize(
        "draft", [a_word(None, code="77"), a_word(9), a_word(4, occurred_at=NOW - 3 * HOUR)], ids=str
    )
    def test_holds_nothing_that_is_only_odd(self, dossier, draft):
        """Foreign, unfinished or late is no reason to keep it back."""
        (own,) = self.planned(dossier, draft, GuardMode.HOLD, stated=before(4)).submissions
        assert own.anomalies
        assert [leg.hold for leg in own.legs] == [None]

    def test_looks_at_nothing_where_it_is_off(self, dossier):
        """And still knows which status stands."""
        plan = self.planned(dossier, a_word(2), GuardMode.OFF, stated=before(4))
        assert plan.submissions[0].anomalies == ()
        assert plan.states

    def test_results_and_fees_are_not_guarded(self, dossier):
        """Model rule 19."""
        for kind in ("result.issued", "fee.requested"):
            draft = a_status(kind=kind, status=None)
            (own,) = self.planned(dossier, draft, GuardMode.HOLD, stated=before(10)).submissions
            assert (own.anomalies, [leg.hold for leg in own.legs]) == ((), [None])

    def test_a_late_status_is_relayed_and_does_not_stand(self, dossier):
        """What stands is what happened last, not what came last."""
        plan = self.planned(dossier, a_word(2, occurred_at=NOW - 3 * HOUR), GuardMode.FLAG, stated=before(4))
        assert plan.submissions[0].anomalies == ("late",)
        assert [leg.hold for leg in plan.submissions[0].legs] == [None]
        assert not plan.states

    def test_another_procedure_has_another_table(self, dossier):
        """The dossier's own procedure decides, whoever speaks."""
        other = replace(dossier, procedure="2.001")
        assert self.planned(other, a_word(2), GuardMode.FLAG, stated=before(4)).submissions[0].anomalies == ()

    def test_a_word_of_an_unknown_source_is_not_looked_at(self):
        """Who is not in the book is refused elsewhere."""
        assert SystemId("nobody") not in a_book().systems
        assert anomalies(a_status(status=None, source=LAND), Known(now=NOW), TABLE) == ()
