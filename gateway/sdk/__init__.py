"""The only package that an adapter may import: classification, configuration-driven REST and SOAP, the registry.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, stores, observability,
evidence).
"""
