"""Where a database is, as people are told it."""

import pytest

from gateway.stores.postgres import PostgresStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (
            "postgresql://gateway:hush@db.example:5432/gateway?sslmode=require",
            "store.postgres, at db.example:5432/gateway",
        ),
        ("postgres://gateway@[::1]/gateway", "store.postgres, at [::1]/gateway"),
        ("postgresql:///gateway?host=/run/postgresql&password=hush", "store.postgres, at /gateway"),
        ("postgresql://gateway:hush@db.example", "store.postgres, at db.example"),
        ("postgresql://gateway:hu#sh@db.example/gateway", "store.postgres"),
        ("host=db.example user=gateway password=hush", "store.postgres"),
        ("postgresql://gateway:hu/sh@db.example/gateway", "store.postgres"),
        ("postgresql://gateway:hu?sh@db.example/gateway", "store.postgres"),
        ("postgresql://gateway:hu/sh?a@db.example/gateway", "store.postgres"),
        ("postgresql://gateway:hu@sh/hu@db.example/gateway", "store.postgres"),
    ],
)
def test_it_names_host_and_database_and_no_secret(address: str, place: str):
    """G9: what cannot be told apart for sure is left out."""
    assert PostgresStore(address, clock=FakeClock(), ids=FakeIds()).place == place
