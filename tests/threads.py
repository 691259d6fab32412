"""Threads that tell what was done beside the event loop."""

from concurrent.futures import ThreadPoolExecutor


class Counting(ThreadPoolExecutor):
    """Threads that count what they are given."""

    given = 0

    def submit(self, work, /, *args, **named):
        """Count, and do it."""
        self.given += 1
        return super().submit(work, *args, **named)
