"""Drivers of the store and blob ports: memory, SQLite, PostgreSQL; local files, S3. A store never decides.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, sdk, observability,
evidence).
"""
