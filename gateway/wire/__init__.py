"""Bytes and documents: the one hardened XML parser, SOAP envelopes, MIME parts, one HTTP exchange.

May import ``ports`` and what lies below it.
"""
