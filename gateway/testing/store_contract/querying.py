"""Queries: kept before they are sent, ended once, and never with what was asked about or answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.chain import commitment, field_salt
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.query import Ending, Officer, Query, QueryId, QueryRecord, QueryState
from gateway.core.reason import Why
from gateway.core.record import RecordType
from gateway.ports.queries import UnknownQuery
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL
from gateway.testing.evidence import proof_of
from gateway.testing.store_contract.world import StoreCase, World

NUMBER = "0100109106"
OFFICER = Officer(name="Nguyễn Thị Mẫu", code="CB-07", unit="Phòng mẫu", position="Chuyên viên")
ANSWERED = Ending(
    state=QueryState.ANSWERED, http_status=200, duration=timedelta(microseconds=1500), answer='{"name":"Mẫu"}'.encode()
)


def a_query(system: SystemId = LAND) -> Query:
    """Return a question about one number."""
    return Query(
        system=system,
        operation="enterprise",
        request={"tax_code": NUMBER},
        officer=OFFICER,
        purpose="Thẩm tra hồ sơ",
        actor=Actor(kind=ActorKind.SYSTEM, name=PORTAL, key_id=KeyId("k1")),
    )


class QueryContract(StoreCase):
    """What auditors rely on."""

    async def test_a_query_is_kept_as_asked_with_who_and_why_but_not_about_whom(self, world: World) -> None:
        """G9, G10: the number asked about can be proved by who knows it, and read by nobody."""
        query = a_query()
        kept = await world.store.record_query(query)
        assert (kept.state, kept.asked_at, kept.ended_at) == (QueryState.ASKED, world.clock.now(), None)
        assert (kept.officer, kept.purpose, kept.actor) == (OFFICER, query.purpose, query.actor)
        assert NUMBER not in repr(kept)
        assert kept.subject == commitment(field_salt(bytes.fromhex(kept.salt), "subject"), '{"tax_code":"0100109106"}')
        assert list(await world.store.queries()) == [kept]

    async def test_a_query_ends_once(self, world: World) -> None:
        """G10: what came first stands; of the answer a commitment is kept, so that it can be proved."""
        kept = await world.store.record_query(a_query())
        world.clock.advance(2)
        done = await world.store.conclude_query(kept.id, ANSWERED)
        assert ANSWERED.answer is not None
        sealed = commitment(field_salt(bytes.fromhex(kept.salt), "answer"), ANSWERED.answer.decode())
        assert (done.state, done.http_status, done.duration, done.answer) == (
            QueryState.ANSWERED,
            200,
            timedelta(microseconds=1500),
            sealed,
        )
        assert done.ended_at == world.clock.now()
        late = Ending(state=QueryState.FAILED, reason=Why.RESET, duration=timedelta(0))
        assert await world.store.conclude_query(kept.id, late) == done
        assert list(await world.store.queries()) == [done]

    async def test_a_failed_query_says_why(self, world: World) -> None:
        """A code of the closed list, and no answer."""
        kept = await world.store.record_query(a_query())
        ending = Ending(state=QueryState.TIMED_OUT, reason=Why.TIMEOUT, duration=timedelta(seconds=5))
        done = await world.store.conclude_query(kept.id, ending)
        assert (done.state, done.reason, done.answer) == (QueryState.TIMED_OUT, Why.TIMEOUT, None)

    async def test_nobody_can_end_what_was_never_asked(self, world: World) -> None:
        """An id of nothing is refused."""
        with pytest.raises(UnknownQuery):
            await world.store.conclude_query(QueryId("nothing"), ANSWERED)

    async def test_queries_are_read_newest_first_by_system_time_and_page(self, world: World) -> None:
        """A long history is read page by page."""
        made: list[QueryRecord] = []
        for system in (LAND, CIVIL_STATUS, LAND):
            made.append(await world.store.record_query(a_query(system)))
            world.clock.advance(60)
        first, second, third = made
        assert list(await world.store.queries()) == [third, second, first]
        assert list(await world.store.queries(system=LAND)) == [third, first]
        assert list(await world.store.queries(since=second.asked_at)) == [third, second]
        assert list(await world.store.queries(before=third.id, limit=1)) == [second]
        assert list(await world.store.queries(system=LAND, before=third.id)) == [first]
        assert list(await world.store.queries(before=QueryId("nothing"))) == []

    async def test_the_chain_holds_the_question_and_its_end_sealed(self, world: World) -> None:
        """G10: two records, in which neither the number nor the officer nor the answer can be read."""
        kept = await world.store.record_query(a_query())
        await world.store.conclude_query(kept.id, ANSWERED)
        asked, ended = (await proof_of(world.store)).of(RecordType.ASKED, RecordType.QUERIED)
        assert (asked["type"], asked["query"], asked["system"]) == (RecordType.ASKED, kept.id, LAND)
        assert (ended["type"], ended["query"], ended["state"]) == (RecordType.QUERIED, kept.id, QueryState.ANSWERED)
        assert not any(word in repr((asked, ended)) for word in (NUMBER, OFFICER.name, OFFICER.code, "Mẫu"))

    async def test_two_queries_about_the_same_cannot_be_told_to_be(self, world: World) -> None:
        """G9: each record has a salt of its own."""
        one, two = [await world.store.record_query(a_query()) for _ in range(2)]
        assert one.subject != two.subject
        assert replace(one, id=two.id, salt=two.salt, subject=two.subject) == two
