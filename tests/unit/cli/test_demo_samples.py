"""What the demo's portal hands over is what the province has: its services, and files as large as citizens send."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from adapters.demo_portal.dossiers import samples
from adapters.demo_portal.simulator import read_services

SERVICES = Path(__file__).resolve().parents[3] / "config" / "services.toml"
HANDED_OVER = samples(read_services(SERVICES), 240, 1, datetime(2026, 11, 27, tzinfo=UTC))


def test_the_240_dossiers_are_spread_over_the_24_services():
    services = {sample.service.code: sample.service.tier for sample in HANDED_OVER}
    assert Counter(services.values()) == {"province": 15, "district": 6, "commune": 3}
    assert set(Counter(sample.service.code for sample in HANDED_OVER).values()) == {10}


def test_some_of_them_have_a_pdf_of_5_mb():
    """None had where the numbers of dossiers and of services met badly; others have small ones, or none."""
    sizes = [size for sample in HANDED_OVER for size in sample.files]
    assert Counter(size == 5_000_000 for size in sizes)[True] == 4
    assert {len(sample.files) for sample in HANDED_OVER} == {0, 1}


def test_dossiers_of_one_service_go_to_both_ministries():
    assert [len(sample.service.systems) for sample in HANDED_OVER].count(2) == 10
