"""From the door to durable: authorise, validate, route, accept; the caller gets a receipt.

May import ``exchange`` and what lies below it; never its siblings (relay, query, ops, stores, sdk, observability,
evidence).
"""
