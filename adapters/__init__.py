"""One folder per system on the other side. An adapter imports ``gateway.sdk`` and nothing else of the gateway.

Its simulator may also import ``gateway.testing``. Adapters do not know one another.
"""
