"""Whether a system fails, or only some of its lanes: which ones failed since it last answered.

One lane alone says nothing about its system, however often it fails (guarantee G6). A lane that failed while the
system answered others is a *suspect*: what it does next says something about itself only, until it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.core.ids import DossierId

_SUSPECTS = 200  #: lanes remembered; the oldest are forgotten first


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What is known against one system."""

    failures: int = 0  #: since the last answer
    failing: frozenset[DossierId] = frozenset()  #: lanes of these failures
    recent: tuple[tuple[DossierId, bool], ...] = ()  #: the last exchanges since one failed: lane, and whether it failed
    suspects: tuple[DossierId, ...] = ()

    def answered(self, lane: DossierId, sample: int) -> Suspicion:
        """Clear the system, and this lane; suspect those that failed meanwhile."""
        if self is NO_SUSPICION:
            return self
        recent = (*self.recent, (lane, False))[-sample:]
        known = (*self.suspects, *self.failing.difference(self.suspects))
        suspects = tuple(one for one in known if one != lane)[-_SUSPECTS:]
        if not any(failed for _, failed in recent):
            recent = ()
        return Suspicion(recent=recent, suspects=suspects) if recent or suspects else NO_SUSPICION

    def failed(self, lane: DossierId, sample: int) -> Suspicion:
        """Count a failure, unless the lane is the one to blame."""
        if lane in self.suspects:
            return self
        recent = (*self.recent, (lane, True))[-sample:]
        return replace(self, failures=self.failures + 1, failing=self.failing | {lane}, recent=recent)

    def share(self) -> tuple[int, int]:
        """Return how many of the last exchanges failed, and of how many lanes these were."""
        lanes = [lane for lane, failed in self.recent if failed]
        return len(lanes), len(set(lanes))


NO_SUSPICION = Suspicion()
