"""Bytes and documents: the one hardened XML parser, SOAP envelopes, a WSDL's messages, one HTTP exchange.

May import ``ports`` and what lies below it.
"""
