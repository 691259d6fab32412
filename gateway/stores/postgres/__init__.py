"""The store of several nodes: one PostgreSQL database, in which one node at a time writes."""

from gateway.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
