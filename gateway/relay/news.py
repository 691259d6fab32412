"""What the source of a message is told about its relay (model: "has the ministry got it?")."""

from __future__ import annotations

from datetime import datetime

from gateway.core import news
from gateway.core.delivery import Delivery, State, Transition
from gateway.core.message import Draft


def news_of(delivery: Delivery, transition: Transition, now: datetime) -> tuple[Draft, ...]:
    """Return the ``relay.*`` draft that this transition is worth: a delay is told once, at the first retry."""
    kind = news.FATES.get(transition.to)
    if kind is None or not delivery.tells:
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
