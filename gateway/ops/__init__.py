"""What an operator does: find, inspect, judge, replay, pause, reconcile. Every act is audited.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, stores, sdk, observability,
evidence).
"""
