"""Whether a system refuses everything: an hour of 404, a configuration that is wrong. No dossier is to blame then."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.delivery import Delivery, Step
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.outcome import Delivered, Rejected, Result
from gateway.core.reason import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """The equal refusals of sends since the last one that was taken, by lane: what is refused twice counts once."""

    alike: tuple[Why, int | None] | None = None  #: reason and HTTP status of all of them
    deliveries: dict[DossierId, DeliveryId] = field(default_factory=dict[DossierId, DeliveryId])

    def after(self, delivery: Delivery, result: Result) -> Refusals:
        """Return what is known after one more exchange."""
        if isinstance(result, Delivered):
            return NO_REFUSALS
        if not isinstance(result, Rejected) or result.reason.code is not Why.REFUSED_BY_PARTNER:
            return self
        if delivery.step is Step.LOOKUP:
            return self
        alike = (result.reason.code, result.trace.http_status)
        before = self.deliveries if alike == self.alike else {}
        return Refusals(alike=alike, deliveries={**before, delivery.message.dossier_id: delivery.id})


NO_REFUSALS = Refusals()
