"""What the source of a message is told about its relay (model: "has the ministry got it?")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.core import kinds, news
from gateway.core.delivery import Delivery, State, Transition
from gateway.core.ids import SystemId
from gateway.core.message import Draft
from gateway.core.routing import Role
from gateway.relay.link import RelayConfig

_KINDS: Mapping[State, str] = {
    State.DELIVERED: kinds.RELAY_DELIVERED,
    State.DELAYED: kinds.RELAY_DELAYED,
    State.HELD: kinds.RELAY_HELD,
    State.DEAD: kinds.RELAY_REFUSED,
    State.CANCELLED: kinds.RELAY_CANCELLED,
}


def news_of(
    delivery: Delivery,
    transition: Transition,
    config: RelayConfig,
    now: datetime,
) -> tuple[Draft, ...]:
    """Return the ``relay.*`` draft that this transition is worth: a delay is told once, at the first retry."""
    kind = _KINDS.get(transition.to)
    if kind is None or not _is_told(delivery, config):
        return ()
    delayed = transition.to is State.DELAYED
    if delayed and delivery.tries > 0:
        return ()
    return (
        news.tell(
            kind,
            _about(delivery),
            reason=transition.reason,
            partner_code=next(iter(transition.codes.values()), ""),
            next_try=now + transition.wait if delayed else None,
        ),
    )


def _is_told(delivery: Delivery, config: RelayConfig) -> bool:
    """A leg back to the side that asked needs no news; whoever submits is always on the asking side."""
    message = delivery.message
    if kinds.is_relay(message.kind) or message.source not in config.told:
        return False
    return message.kind in kinds.WHOLE or not _is_portal(delivery.destination, config)


def _is_portal(system: SystemId, config: RelayConfig) -> bool:
    link = config.links.get(system)
    return link is not None and link.role is Role.PORTAL


def _about(delivery: Delivery) -> news.About:
    message = delivery.message
    return news.About(
        delivery_id=delivery.id,
        message_id=message.id,
        kind=message.kind,
        system=delivery.destination,
        tell=message.source,
        codes=message.codes,
        test=message.test,
    )
