"""Planning that counts what is odd, whichever way it came: by a door, a poll, or the reply to a send."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.message import Draft, Known, Plan
from gateway.core.planning import Planned, Planning
from gateway.ports.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticingPlanning(Planning):
    """A planner like any other, beside a counter."""

    metrics: Metrics

    def __call__(self, draft: Draft, known: Known) -> Planned:
        """Return what the draft means, and count its anomalies."""
        planned = Planning.__call__(self, draft, known)
        if isinstance(planned, Plan):
            for anomaly in planned.submissions[0].anomalies:
                self.metrics.count("relay_anomalies_total", system=draft.source, anomaly=anomaly)
        return planned
