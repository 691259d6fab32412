"""What people do: who and why, kept with what it changes."""

from __future__ import annotations

import pytest

from gateway.core.acts import Act, By, Target, TargetKind, Verb
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.ports.acts import Overtaken
from gateway.testing.books import CIVIL_STATUS, LAND, a_draft
from gateway.testing.store_contract.world import StoreCase, World

LAN = Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("key-lan"))
BINH = Actor(kind=ActorKind.OPERATOR, name="Bình", key_id=KeyId("key-binh"))


def by(actor: Actor = LAN, reason: str = "Bộ xác nhận qua điện thoại") -> By:
    """Return a person with a reason."""
    return By(actor=actor, reason=reason)


class ActContract(StoreCase):
    """The audit of operators."""

    async def test_an_act_is_kept_as_it_was_done(self, world: World) -> None:
        """G10: who, when, what, to what, and why."""
        target = Target.system(CIVIL_STATUS)
        act = await world.store.record_act(Verb.JUDGE, target, by=by(), facts={"lanes": "3"})
        assert (act.at, act.by, act.verb, act.target) == (world.clock.now(), by(), Verb.JUDGE, target)
        assert await world.store.acts() == [act]

    async def test_acts_are_read_newest_first_and_by_page(self, world: World) -> None:
        """Of one target, or all."""
        made = [await world.store.record_act(Verb.RETRY, Target.system(s), by=by()) for s in (CIVIL_STATUS, LAND) * 2]
        assert list(await world.store.acts(limit=3)) == made[:0:-1]
        assert list(await world.store.acts(before=made[1].id)) == [made[0]]
        assert list(await world.store.acts(Target.system(LAND))) == [made[3], made[1]]
        assert await world.store.acts(Target(TargetKind.DOSSIER, LAND)) == []

    async def test_a_timeline_shows_what_people_did_to_its_dossier(self, world: World) -> None:
        """Oldest first, beside messages and attempts."""
        receipt = await world.receive(a_draft())
        target = Target.delivery(receipt.deliveries[0])
        acts = [
            await world.store.record_act(verb, target, by=by(), dossier=receipt.dossier_id)
            for verb in (Verb.RETRY, Verb.SKIP)
        ]
        await world.store.record_act(Verb.RETRY, Target.system(LAND), by=by())
        assert list((await world.store.timeline(receipt.dossier_id)).acts) == acts

    async def test_an_act_upon_what_holds_no_longer_is_refused(self, world: World) -> None:
        """Two who change the same at once: the second has not seen what the first one did, and nothing is recorded."""

        async def lead(before: str, after: str) -> Act:
            facts = {"before": before, "after": after}
            return await world.store.record_act(
                Verb.CONFIGURE, Target.configuration(), by=by(), facts=facts, upon=before
            )

        first = await lead("v1", "v2")
        await world.store.record_act(Verb.PAUSE, Target.system(LAND), by=by())
        with pytest.raises(Overtaken):
            await lead("v1", "v3")
        assert list(await world.store.acts(Target.configuration())) == [first]
        second = await lead("v2", "v3")
        assert list(await world.store.acts(Target.configuration())) == [second, first]

    @pytest.mark.parametrize("limit", [1, 2])
    async def test_a_page_is_as_long_as_asked(self, world: World, limit: int) -> None:
        """A long history is read in parts."""
        for _ in range(3):
            await world.store.record_act(Verb.SKIP, Target.system(LAND), by=by())
        assert len(await world.store.acts(limit=limit)) == limit
