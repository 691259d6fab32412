"""From durable to delivered: dispatcher, worker, resolver, poller, janitor.

May import ``exchange`` and what lies below it; never its siblings (intake, query, ops, stores, sdk, observability,
evidence).
"""
