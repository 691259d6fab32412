"""What proves afterwards what happened: hash chain, signed checkpoints, offline verifier.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, stores, sdk,
observability).
"""
