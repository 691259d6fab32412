"""What one person has done alone lately, by replays and one by one: counted in the transaction that would do more."""

from __future__ import annotations

from itertools import chain

from gateway.core.message import Actor
from gateway.core.proposals import WITHIN, TooMany, may_be_same, needs_two
from gateway.stores.tables import Transaction


def lately(tx: Transaction, actor: Actor) -> int:
    """Return how many deliveries whoever may be this person has decided about alone, or begun to send again."""
    since = tx.now - WITHIN
    done = chain(tx.acts.alone_since(since), tx.replays.alone_since(since))
    return sum(number for other, number in done if may_be_same(other, actor))


def check(tx: Transaction, asked: int, actor: Actor) -> None:
    """Raise TooMany where a second person must agree to so many."""
    before = lately(tx, actor)
    if needs_two(asked, before):
        raise TooMany(asked, before)
