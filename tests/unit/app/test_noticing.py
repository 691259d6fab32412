"""What is odd is counted, by source and by what is odd about it."""

from datetime import UTC, datetime

from gateway.app.noticing import NoticingPlanning
from gateway.core.ids import MessageId
from gateway.core.message import Duplicate, Known, Seen, SourceStatus
from gateway.core.routing import UnknownDossier
from gateway.observability.metrics import MemoryMetrics
from gateway.testing.books import CIVIL_STATUS, a_book, a_draft, a_status, a_system
from gateway.testing.ids import FakeIds

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FOREIGN = a_status(status=SourceStatus(status=None, code="77"))


def test_counts_the_anomalies_of_what_is_accepted_and_nothing_else():
    """One way for doors, polls and replies: the plan."""
    metrics = MemoryMetrics()
    book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.RELAY)])
    plan = NoticingPlanning(book=book, new_id=FakeIds().new, metrics=metrics)
    plan(FOREIGN, Known(now=NOW))
    plan(a_draft(), Known(now=NOW))
    known = Known(now=NOW, last=Seen(MessageId("first"), FOREIGN.digest))
    assert isinstance(plan(FOREIGN, known), Duplicate)
    assert metrics.render().splitlines()[1:] == [
        'relay_anomalies_total{anomaly="foreign_status",system="civil_status"} 1'
    ]
