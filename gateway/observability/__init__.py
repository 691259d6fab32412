"""What an operator's tools read: structured logs with redaction, metrics, traces, health, alerts.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, stores, sdk, evidence).
"""
