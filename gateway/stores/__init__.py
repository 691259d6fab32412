"""Drivers of the store and blob ports: memory, SQLite, local files; named SQL and migrations. A store never decides.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, sdk, observability,
evidence).
"""
