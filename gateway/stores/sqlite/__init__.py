"""The embedded store: one node, one file, one writer thread that commits for everybody at once."""

from gateway.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
