"""Shipped test support: fake clock, fake adapter, fault injection, the store's and the adapters' contract suites.

May import every package but ``cli``. Imported only by ``cli``, by the adapters' simulators, by tools, benchmarks
and tests.
"""
