"""The tables as SQL, the same for SQLite and PostgreSQL: one set of statements, one writer, one group commit.

A driver brings an ``Access`` (how a statement is run), a schema, and what its transactions know of the time.
"""
