"""Reads for doors, console and command line; and the keys."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.core.delivery import DoubtMark, State
from gateway.core.ids import DeliveryId, DossierId, KeyId, MessageId
from gateway.core.message import Actor, ActorKind, Payload
from gateway.ports.keys import KeyRecord, KeyRole, TooManyKeys
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_status
from gateway.testing.store_contract.world import StoreCase, World

_ADMIN = Actor(kind=ActorKind.OPERATOR, name="lan")


def _key(number: int, name: str = "portal") -> KeyRecord:
    return KeyRecord(id=KeyId(f"key-{number}"), role=KeyRole.SYSTEM, name=name, digest=f"{number:064x}")


class LedgerContract(StoreCase):
    """What people see."""

    async def test_a_message_is_read_as_it_was_said(self, world: World) -> None:
        """Nothing of what the sender gave is lost."""
        raw = Payload(body=b"<hoSo/>", media_type="text/xml")
        draft = a_draft(raw=raw, dedup_key="k", occurred_at=world.clock.now(), test=True)
        receipt = await world.receive(draft)
        message = await world.store.message(receipt.message_id)
        assert message is not None
        assert (message.payload, message.codes, message.digest) == (draft.payload, draft.codes, draft.digest)
        assert (message.source_event_id, message.occurred_at, message.test) == ("k", draft.occurred_at, True)
        assert message.actor == draft.actor

    async def test_a_dossier_is_found_by_any_of_its_codes(self, world: World) -> None:
        """With or without the scheme."""
        receipt = await world.receive(a_draft("H01/1,a"))
        for found in (
            await world.store.dossiers("H01/1,a"),
            await world.store.dossiers("H01/1,a", scheme="province"),
        ):
            assert [dossier.id for dossier in found] == [receipt.dossier_id]
        assert await world.store.dossiers("H01/1,a", scheme="national") == ()

    async def test_a_dossier_shows_what_each_system_said_last(self, world: World) -> None:
        """Status belongs to a dossier and a system; no overall status is computed."""
        receipt = await world.receive(a_draft())
        for number in (4, 5):
            await world.receive(a_status(number=number))
        dossier = await world.store.dossier(receipt.dossier_id)
        assert dossier is not None
        assert [(view.system, view.status.status) for view in dossier.statuses] == [(CIVIL_STATUS, 5)]
        assert dossier.participants == {PORTAL, CIVIL_STATUS}
        assert dossier.document == a_draft().payload.body

    async def test_a_timeline_tells_everything_in_order(self, world: World) -> None:
        """Messages, deliveries and attempts of one dossier."""
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED)
        await world.settle(await world.claim_one(), then=(a_status(),))
        timeline = await world.store.timeline(receipt.dossier_id)
        assert [message.kind for message in timeline.messages] == ["dossier.submitted", "status.changed"]
        assert [view.destination for view in timeline.deliveries] == [CIVIL_STATUS, PORTAL]
        assert [view.number for view in timeline.attempts] == [1, 2]

    async def test_what_is_not_there_is_none(self, world: World) -> None:
        """Unknown ids are no errors."""
        assert await world.store.dossier(DossierId("x")) is None
        assert await world.store.delivery(DeliveryId("x")) is None
        assert await world.store.message(MessageId("x")) is None
        assert (await world.store.timeline(DossierId("x"))).messages == ()

    async def test_deliveries_are_found_newest_first(self, world: World) -> None:
        """By state, by destination, or all."""
        for code in "ABC":
            await world.receive(a_draft(code))
        await world.settle((await world.claim(free=1))[0], State.DEAD)
        assert [view.state for view in await world.store.find(limit=2)] == [State.READY, State.READY]
        (dead,) = await world.store.find(state=State.DEAD)
        assert dead.code == "A"
        assert await world.store.find(state=State.DEAD, destination=PORTAL) == ()
        assert len(await world.store.find(destination=CIVIL_STATUS)) == 3

    async def test_a_delivery_is_read_whole_whatever_became_of_it(self, world: World) -> None:
        """As it would be sent, with the dossier as of its message; nothing is claimed by that."""
        await world.receive(a_draft("A"))
        taken = await world.claim_one()
        await world.settle(taken)
        await world.receive(a_draft("B"))
        waiting = await world.store.find(state=State.READY)
        wanted = [DeliveryId("x"), taken.id, *(view.id for view in waiting)]
        found = await world.store.whole(wanted)
        assert [(one.id, one.state) for one in found] == [
            (taken.id, State.DELIVERED),
            (waiting[0].id, State.READY),
        ]
        assert (found[0].message, found[0].dossier, found[0].codes) == (taken.message, taken.dossier, taken.codes)
        assert found[1].lease is None
        assert len(await world.claim()) == 1

    async def test_counts_show_how_each_system_stands(self, world: World) -> None:
        """Backlog, doubt, and how long the oldest waits."""
        began = world.clock.now()
        await world.receive(a_draft("A"))
        world.clock.advance(60)
        await world.receive(a_draft("B"))
        delivery = (await world.claim(free=1))[0]
        await world.settle(delivery, State.DELAYED, doubt=DoubtMark.SET, wait=timedelta(hours=1))
        (count,) = await world.store.counts()
        assert (count.system, count.in_doubt, count.oldest_open) == (CIVIL_STATUS, 1, began)
        assert count.by_state == {State.DELAYED: 1, State.READY: 1}

    async def test_a_backlog_is_what_is_on_its_way(self, world: World) -> None:
        """Waiting, delayed, ready and leased; not what has ended, and not what a person must decide."""
        for code in "ABCDE":
            await world.receive(a_draft(code))
        await world.receive(a_draft("E", kind="dossier.amended", text="2"))
        done, dead, held, later = (await world.claim(free=4))[:4]
        await world.settle(done)
        await world.settle(dead, State.DEAD)
        await world.settle(held, State.HELD)
        await world.settle(later, State.DELAYED, wait=timedelta(hours=1))
        assert await world.store.backlogs() == {CIVIL_STATUS: 3}
        await world.claim(free=1)
        assert await world.store.backlogs() == {CIVIL_STATUS: 3}

    async def test_a_holder_has_at_most_two_live_keys(self, world: World) -> None:
        """Two, for rotation."""
        for number in (1, 2):
            await world.store.add(_key(number), actor=_ADMIN)
        with pytest.raises(TooManyKeys):
            await world.store.add(_key(3), actor=_ADMIN)
        await world.store.add(_key(4, "tax"), actor=_ADMIN)
        assert await world.store.revoke(KeyId("key-1"), actor=_ADMIN)
        await world.store.add(_key(3), actor=_ADMIN)
        assert [key.id for key in await world.store.all()] == ["key-1", "key-2", "key-4", "key-3"]

    async def test_a_revoked_key_opens_nothing(self, world: World) -> None:
        """Found by its digest while it lives."""
        await world.store.add(_key(1), actor=_ADMIN)
        held = await world.store.holder(_key(1).digest)
        assert held is not None
        assert (held.name, held.created_at, held.revoked_at) == ("portal", world.clock.now(), None)
        assert await world.store.revoke(KeyId("key-1"), actor=_ADMIN)
        assert not await world.store.revoke(KeyId("key-1"), actor=_ADMIN)
        assert await world.store.holder(_key(1).digest) is None
