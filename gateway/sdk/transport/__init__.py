"""The way to a partner where it is not a plain one: an X-Road security server, its HTTP adapter, a provincial LGSP.

A way adds what it needs to every request, knows its own errors from the partner's, and keeps what it says of a message.
"""

from gateway.sdk.transport.compiler import compile_transport
from gateway.sdk.transport.way import DIRECT, Transport
from gateway.sdk.transport.xroad import XRoadSoap

__all__ = ["DIRECT", "Transport", "XRoadSoap", "compile_transport"]
