"""The store in plain dictionaries: for simulations and tests. Nothing survives the process."""

from gateway.stores.memory.store import MemoryStore

__all__ = ["MemoryStore"]
