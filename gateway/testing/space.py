"""A disk that a test fills and frees."""

from __future__ import annotations


class FakeSpace:
    """``ports.space.Space`` with so many bytes free."""

    def __init__(self, free: int) -> None:
        self.bytes = free
        self.holds = False

    async def free(self) -> int:
        """Return what the test says."""
        return self.bytes

    async def set_aside(self) -> None:
        """Hold the ballast."""
        self.holds = True

    async def let_go(self) -> None:
        """Let it go."""
        self.holds = False
