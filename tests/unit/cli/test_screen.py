"""What people read on the command line."""

from datetime import UTC, datetime

from gateway.cli import screen
from gateway.ingress.bodies import DossierBody, MessageBody, TimelineBody

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_timeline_says_in_words_what_is_odd():
    """Model rule 19: codes for machines, words for people."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    message = MessageBody(
        id="m", kind="status.changed", source="land", revision=1, accepted_at=AT, anomalies=("late", "closing_missing")
    )
    found = TimelineBody(dossier=dossier, messages=(message,), deliveries=(), attempts=(), acts=())
    shown = "\n".join(line.plain for line in screen.timeline(found))
    assert "! Xảy ra trước trạng thái đã báo; đến muộn; Không ghi hồ sơ kết thúc thế nào" in shown
