"""What counts once: keys of replay caches, and the proofs of calls."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from gateway.core.message import Receipt
from gateway.ports.uses import Use
from gateway.testing.books import PORTAL, a_draft, a_status
from gateway.testing.store_contract.world import StoreCase, World


class UseContract(StoreCase):
    """What doors and adapters that believe signatures rely on."""

    async def test_a_replay_key_is_new_once(self, world: World) -> None:
        """Until it has lapsed."""
        hour = timedelta(hours=1)
        assert await world.store.use("hook", "n-1", keep_for=hour) is Use.FIRST
        assert await world.store.use("hook", "n-1", keep_for=hour) is Use.AGAIN
        assert await world.store.use("other", "n-1", keep_for=hour) is Use.FIRST
        world.clock.advance(3601)
        assert await world.store.use("hook", "n-1", keep_for=hour) is Use.FIRST

    async def test_what_counts_once_counts_for_one_content(self, world: World) -> None:
        """Whoever shows it with another is told so, however often; the first content stays the one that it is for."""
        hour = timedelta(hours=1)
        said = [await world.store.use("s", "k", content=content, keep_for=hour) for content in ("a", "b", "b", "a")]
        assert said == [Use.FIRST, Use.OTHER, Use.OTHER, Use.AGAIN]

    async def test_a_call_that_is_shown_again_states_nothing_again(self, world: World) -> None:
        """G7: without an id from its source, whatever was said since, and each item of a call for itself."""
        calls = [a_status("A", number, proof=f"p/{number}") for number in (2, 4)]
        await world.receive(a_draft("A"))
        first = [await world.receive(call) for call in calls]
        await world.receive(a_status("A", 5, proof="q/5"))
        again = [await world.receive(call) for call in calls]
        assert [one.message_id for one in again] == [one.message_id for one in first]
        assert all(one.duplicate for one in again)
        fresh = await world.receive(a_status("A", 4, proof="r/4"))
        assert fresh.message_id not in {one.message_id for one in first}

    async def test_a_call_that_is_shown_twice_at_once_states_nothing_twice(self, world: World) -> None:
        """G7: in one transaction, and in two that are asked for together."""
        await world.receive(a_draft("A"))
        said = [a_status("A", number, proof=proof) for number, proof in ((2, "p/2"), (4, "q/4"), (2, "p/2"))]
        first, _, again = await world.accept(*said)
        assert isinstance(first, Receipt)
        assert again == replace(first, duplicate=True)
        both = await asyncio.gather(*(world.accept(one, said[1]) for one in [a_status("A", 5, proof="r/5")] * 2))
        assert len({one.message_id for found in both for one in found if isinstance(one, Receipt)}) == 2

    async def test_an_id_that_the_proof_does_not_cover_makes_it_no_other_call(self, world: World) -> None:
        """G7: whoever records a call can put another message id in front of it."""
        await world.receive(a_draft("A"))
        first = await world.receive(a_status("A", 4, proof="p/0", dedup_key="message-1"))
        await world.receive(a_status("A", 5))
        again = await world.receive(a_status("A", 4, proof="p/0", dedup_key="message-2"))
        signed_anew = await world.receive(a_status("A", 4, proof="q/0", dedup_key="message-1"))
        assert again.message_id == signed_anew.message_id == first.message_id

    async def test_what_a_call_repeats_belongs_to_it_too(self, world: World) -> None:
        """G7: a call that was absorbed as a repetition of the last event is absorbed for ever."""
        await world.receive(a_draft("A"))
        first = await world.receive(a_status("A", 4))
        absorbed = await world.receive(a_status("A", 4, proof="p/0"))
        await world.receive(a_status("A", 5))
        again = await world.receive(a_status("A", 4, proof="p/0"))
        assert absorbed.message_id == again.message_id == first.message_id

    async def test_a_proof_is_its_sources_own(self, world: World) -> None:
        """Another system's proof of the same name is another proof."""
        await world.receive(a_draft("A"))
        first = await world.receive(a_status("A", 4, proof="p/0"))
        await world.receive(a_status("A", 5))
        other = await world.receive(a_status("A", 4, source=PORTAL, proof="p/0"))
        assert other.message_id != first.message_id

    async def test_a_call_that_waited_for_its_dossier_is_no_repetition_of_itself(self, world: World) -> None:
        """Parked, and matched when the code is bound."""
        parked = await world.receive(a_status("A", 4, proof="p/0"))
        await world.receive(a_draft("A"))
        again = await world.receive(a_status("A", 4, proof="p/0"))
        assert (again.message_id, again.duplicate) == (parked.message_id, True)
        view = (await world.store.dossiers("A"))[0]
        assert [one.status.status for one in view.statuses] == [4]
