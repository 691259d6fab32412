"""Who gets a session at the plug-in door, and whose session is still one."""

from datetime import timedelta

import pytest

from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.ports.keys import KeyRole
from gateway.ports.secrets import Secret
from gateway.security.entry import Entry, Password
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator, Unauthenticated, new_key
from gateway.security.sessions import SessionInvalid, Sessions
from gateway.stores.memory import MemoryStore
from gateway.testing.books import LAND, PORTAL, TAX
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

WORD = "một mật khẩu đủ dài"


class House:
    """Two systems come in: one by a password or a key, one by a key alone; others have keys, too."""

    def __init__(self):
        self.clock = FakeClock()
        self.store = MemoryStore(clock=self.clock, ids=FakeIds())
        self.sessions = Sessions(b"s" * 32, self.clock, life=timedelta(minutes=30))

    def entry(self, *systems: SystemId, passwords=(PORTAL,)) -> Entry:
        known = Password(username="dvc_mau", password=lambda: Secret(WORD))
        authenticator = Authenticator(self.store, self.clock)
        failures = Failures(self.clock, most=100)
        return Entry(authenticator, self.sessions, failures, dict.fromkeys(passwords, known), systems=set(systems))

    async def key(self, name, role=KeyRole.SYSTEM) -> str:
        made = new_key(KeyId(f"k-{name}"), role=role, name=name, created_at=self.clock.now())
        await self.store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
        return made.text


async def test_a_key_lets_in_its_own_system_at_its_own_door():
    """G9: not another system's at this door, none that no plug-in is for, and no operator."""
    house = House()
    entry = house.entry(PORTAL, LAND)
    land = await house.key(LAND)
    for only in (LAND, None):
        session = await entry.log_in(LAND, land, where="10.1.0.1", only=only)
        assert (await entry.caller(session)).system == LAND
    others = [
        (LAND, land, PORTAL),
        (TAX, await house.key(TAX), None),
        ("Lan", await house.key("Lan", KeyRole.OPERATOR), None),
    ]
    for name, text, only in others:
        with pytest.raises(Unauthenticated):
            await entry.log_in(name, text, where="10.1.0.1", only=only)


async def test_a_session_is_its_own_systems_as_long_as_that_comes_in():
    """G9: at no other system's door, and not once its system comes in no more, or no more by a password."""
    house = House()
    entry = house.entry(PORTAL, LAND)
    by_key = await entry.log_in(LAND, await house.key(LAND), where="10.1.0.1")
    by_password = await entry.log_in("dvc_mau", WORD, where="10.1.0.1")
    assert (await entry.caller(by_password, only=PORTAL)).system == PORTAL
    ended = [
        (entry, by_key, PORTAL),
        (house.entry(PORTAL), by_key, None),
        (house.entry(LAND), by_password, None),
        (house.entry(PORTAL, LAND, passwords=()), by_password, None),
    ]
    for door, session, only in ended:
        with pytest.raises(SessionInvalid):
            await door.caller(session, only=only)
