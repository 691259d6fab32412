"""Synchronous look-ups: answered in the same call, logged before they are sent, never queued.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, ops, stores, sdk, observability,
evidence).
"""
