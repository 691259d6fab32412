"""API keys and who holds them."""

from datetime import timedelta

import pytest

from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.ports.keys import KeyRole
from gateway.security.keys import Authenticator, Unauthenticated, digest, new_key
from gateway.stores.memory.store import MemoryStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

ACTOR = Actor(kind=ActorKind.OPERATOR, name="test")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock=clock, ids=FakeIds())


async def held(store, clock, name="land", role=KeyRole.SYSTEM):
    made = new_key(KeyId("abc-1"), role=role, name=name, created_at=clock.now())
    await store.add(made.record, actor=ACTOR)
    return made


def test_a_key_has_256_bits_and_prints_only_its_id(clock):
    made = new_key(KeyId("abc-1"), role=KeyRole.SYSTEM, name="land", created_at=clock.now())
    assert made.text.startswith("gw_abc-1_")
    assert len(made.text.removeprefix("gw_abc-1_")) == 43
    assert made.text not in repr(made)
    assert made.record.digest == digest(made.text)
    with pytest.raises(ValueError, match="a_b"):
        new_key(KeyId("a_b"), role=KeyRole.SYSTEM, name="land", created_at=clock.now())


async def test_a_callers_role_and_system_follow_from_the_key(store, clock):
    made = await held(store, clock)
    caller = await Authenticator(store, clock).caller(f"Bearer {made.text}")
    assert (caller.system, caller.role, caller.actor.key_id) == ("land", KeyRole.SYSTEM, "abc-1")


async def test_an_operator_has_no_system(store, clock):
    made = await held(store, clock, role=KeyRole.OPERATOR)
    caller = await Authenticator(store, clock).caller(None, made.text)
    assert caller.is_operator
    assert caller.system is None


async def test_a_revoked_key_works_for_a_second_at_most(store, clock):
    made = await held(store, clock)
    door = Authenticator(store, clock, keep_for=timedelta(seconds=1))
    await door.caller(f"Bearer {made.text}")
    await store.revoke(made.record.id, actor=ACTOR)
    assert await door.caller(f"Bearer {made.text}")
    clock.advance(1)
    with pytest.raises(Unauthenticated):
        await door.caller(f"Bearer {made.text}")


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer x", "Digest x", "Basic ??", "Basic Og==", "x" * 9999])
async def test_whatever_is_wrong_is_told_the_same(store, clock, given):
    with pytest.raises(Unauthenticated, match="no live API key was given"):
        await Authenticator(store, clock).caller(given)
