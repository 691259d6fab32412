"""Chained procedures: what a result begins, what corrects and withdraws it, and that nothing of it comes twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import State
from gateway.core.ids import OPERATORS, FileId, SystemId
from gateway.core.judging import Decision
from gateway.core.message import Blob, Code, Payload, PendingFile, Receipt
from gateway.core.pressure import CALM, Limits, look
from gateway.core.reason import Reason, Why
from gateway.core.routing import Begins, Mode, RouteBook, UnknownDossier
from gateway.ports.store import DossierView
from gateway.testing.books import (
    CIVIL_STATUS,
    HEALTH_INSURANCE,
    PORTAL,
    RESIDENCE,
    a_birth,
    a_chain,
    a_chain_book,
    a_draft,
    a_planner,
    a_result,
    a_status,
    a_system,
)
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_LATE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
_HERE = Blob(key="k1", sha256="0" * 64, size=3, content_type="application/pdf", name="a.pdf", file_id=_LATE.file_id)
_FIRST, _SECOND = "H01-1/residence", "H01-1/health_insurance"
_CORRECTED = {"id": "KS-2", "replaces": "KS-1", "name": "Giấy khai sinh (đính chính)"}


async def _born(world: World, book: RouteBook | None = None) -> Receipt:
    """Let a birth be submitted and taken; both steps follow where no other book is given."""
    world.use(book or a_chain_book())
    receipt = await world.receive(a_birth())
    await world.settle(await world.claim_one())
    return receipt


def _said(payload: Payload) -> object:
    return json.loads(payload.body)["data"]


async def _dossier(world: World, code: str) -> DossierView:
    (found,) = await world.store.dossiers(code, scheme="chain")
    return found


async def _sent(world: World, system: SystemId) -> list[str]:
    """Return what was ever meant for a system, in lane order."""
    found = await world.store.find(destination=system)
    return [view.kind for view in sorted(found, key=lambda view: view.lane_seq)]


class ChainContract(StoreCase):
    """Model rule 8."""

    async def test_a_result_begins_a_dossier_for_each_step(self, world: World) -> None:
        """Each has its own code, procedure and unit, and names what it is part of, without the parent's own course."""
        birth = await _born(world)
        result = await world.receive(a_result())
        first, second = await _dossier(world, _FIRST), await _dossier(world, _SECOND)
        assert len({birth.dossier_id, first.id, second.id}) == 3  # noqa: PLR2004 - the parent and two steps
        assert (first.source, first.procedure, first.agency) == (PORTAL, "1.004222", "H01.residence")
        document = json.loads(first.document or b"")
        assert document["relations"] == [{"kind": "part_of", "scheme": "province", "code": "H01-1"}]
        assert document["results"] == [{"id": "KS-1", "name": "Giấy khai sinh"}]
        assert document["owner"]["name"]["whole"] == "Người Mẫu"
        assert not {"code", "summary", "due_at"} & set(document)
        timeline = await world.store.timeline(first.id)
        assert [message.causation_id for message in timeline.messages] == [result.message_id]
        assert (await world.claim_one(RESIDENCE)).dossier.document == Payload(
            body=first.document or b"", media_type="application/json"
        )

    @pytest.mark.parametrize(("named", "unit"), [("H01.15", "Công an xã mẫu"), ("", "UBND xã mẫu")])
    async def test_a_step_goes_to_the_unit_that_its_route_names_else_to_the_parents(
        self, world: World, named: str, unit: str
    ) -> None:
        """Who receives the follower is found in its document, and routes go by the same one."""
        begins = Begins(procedure="1.004222", name="Đăng ký thường trú", agency=named, agency_name=unit)
        world.use(a_chain_book(chains=[a_chain(RESIDENCE, "1.004222", begins=begins)]))
        data = json.loads(a_birth().payload.body) | {"receiving_unit": {"code": "H01.12", "name": "UBND xã mẫu"}}
        stated = Payload(body=json.dumps(data).encode(), media_type="application/json")
        await world.receive(a_birth(document=stated))
        await world.settle(await world.claim_one())
        await world.receive(a_result())
        first = await _dossier(world, _FIRST)
        expected = {"code": named or "H01.12", "name": unit}
        assert (json.loads(first.document or b"")["receiving_unit"], first.agency) == (expected, expected["code"])

    async def test_people_see_both_ends(self, world: World) -> None:
        """Which result began which dossier, and how each step stands."""
        birth = await _born(world)
        result = await world.receive(a_result())
        await world.receive(a_status(None, 2, source=RESIDENCE, codes=(Code("chain", _FIRST),)))
        parent, first = await world.store.dossier(birth.dossier_id), await _dossier(world, _FIRST)
        assert parent is not None
        assert [item.step for item in parent.followers] == [RESIDENCE, HEALTH_INSURANCE]
        assert [status.system for status in parent.followers[0].statuses] == [RESIDENCE]
        assert first.follows is not None
        assert (first.follows.dossier_id, first.follows.message_id) == (birth.dossier_id, result.message_id)
        assert parent.follows is None

    async def test_what_follows_waits_for_the_files_of_what_it_follows_from(self, world: World) -> None:
        """G1: also where nobody is sent any more what named them; once another statement stands, they are let be."""
        await _born(world)
        amended = await world.receive(a_birth(kind="dossier.amended", digest="2" * 64, pending=(_LATE,)))
        await world.store.decide(amended.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        await world.receive(a_result())
        assert await world.claim(RESIDENCE) == ()
        (first,) = await world.store.find(destination=RESIDENCE)
        assert set(await world.store.fetches(limit=9)) >= {
            (one, _LATE) for one in (amended.message_id, first.message_id)
        }
        await world.receive(a_birth(kind="dossier.amended", digest="3" * 64))
        assert amended.message_id not in {message for message, _ in await world.store.fetches(limit=9)}

    @pytest.mark.parametrize("sha256", [None, _HERE.sha256, "1" * 64])
    async def test_what_follows_gets_the_bytes_that_the_result_names(self, world: World, sha256: str | None) -> None:
        """G1: what is here is not fetched again, but where its address is to serve other bytes than the dossier's."""
        world.use(a_chain_book())
        submitted = await world.receive(a_birth(pending=(_LATE,)))
        await world.store.attach(submitted.message_id, _LATE.file_id, _HERE)
        await world.settle(await world.claim_one())
        result = await world.receive(a_result(pending=(replace(_LATE, sha256=sha256),)))
        fetched = dict(await world.store.fetches(limit=9))
        steps = [await world.store.find(destination=step) for step in (RESIDENCE, HEALTH_INSURANCE)]
        follows = {view.message_id for found in steps for view in found}
        assert all(steps)
        if sha256 in {None, _HERE.sha256}:
            assert fetched.keys() == {result.message_id}
        else:
            assert fetched.keys() == {result.message_id, *follows}
            assert {file.sha256 for file in fetched.values()} == {sha256}

    async def test_a_second_result_begins_nothing_again(self, world: World) -> None:
        """G4: polled and called back, or issued twice with other words: one dossier for each step."""
        await _born(world)
        await world.receive(a_result())
        again = await world.receive(a_result())
        other = await world.receive(a_result(data={"id": "KS-9", "name": "Bản sao"}))
        assert again.duplicate
        assert not other.duplicate
        assert await world.store.find(state=State.HELD, destination=OPERATORS) == ()
        assert await _sent(world, RESIDENCE) == await _sent(world, HEALTH_INSURANCE) == ["dossier.submitted"]

    async def test_a_result_in_a_reply_begins_it_too(self, world: World) -> None:
        """One way for replies, polls and call-backs; all in the settling transaction."""
        world.use(a_chain_book())
        await world.receive(a_birth())
        await world.settle(await world.claim_one(), then=(a_result(None),))
        assert await _sent(world, RESIDENCE) == ["dossier.submitted"]

    async def test_a_result_that_was_parked_begins_it_when_it_is_matched(self, world: World) -> None:
        """Its cause is the message that was parked."""
        world.use(a_chain_book())
        parked = await world.receive(a_result(None, codes=(Code("national", "N-1"),)))
        assert await _sent(world, RESIDENCE) == []
        await world.receive(a_birth())
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        timeline = await world.store.timeline((await _dossier(world, _FIRST)).id)
        assert [message.causation_id for message in timeline.messages] == [parked.message_id]

    async def test_only_what_the_route_names_triggers(self, world: World) -> None:
        """Another system's result begins nothing."""
        await _born(world, a_chain_book(chains=[a_chain(RESIDENCE, "1.004222", source="land")]))
        await world.receive(a_result())
        assert await _sent(world, RESIDENCE) == []

    async def test_a_refused_step_undoes_no_other(self, world: World) -> None:
        """Partial failure: each step is a lane and a dossier of its own."""
        await _born(world)
        await world.receive(a_result())
        await world.settle(
            await world.claim_one(RESIDENCE), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER, "thiếu giấy tờ")
        )
        await world.settle(await world.claim_one(HEALTH_INSURANCE))
        (dead,) = await world.store.find(destination=RESIDENCE)
        (done,) = await world.store.find(destination=HEALTH_INSURANCE)
        assert (dead.state, done.state) == (State.DEAD, State.DELIVERED)

    async def test_a_step_that_cannot_be_sent_is_held_for_operators(self, world: World) -> None:
        """G2: nobody reads the receipt of what the gateway itself begins."""
        await _born(world, a_chain_book(a_system(RESIDENCE, mode=Mode.OFF)))
        await world.receive(a_result())
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason == Reason(Why.SYSTEM_OFF, RESIDENCE)
        assert held.dossier_id == (await _dossier(world, _FIRST)).id

    async def test_no_pressure_refuses_a_step(self, world: World) -> None:
        """G2: what follows from an accepted result is no new dossier of somebody who could come again."""
        await _born(world)
        pressed = look(CALM, Limits(reserve=1000), free=700, counts={})
        world.plan = replace(a_planner(world.ids, a_chain_book()), strain=lambda: pressed)
        await world.receive(a_result())
        assert await _sent(world, RESIDENCE) == ["dossier.submitted"]

    async def test_a_code_that_is_taken_holds_its_step_alone(self, world: World) -> None:
        """G2: the result, and the other step, are kept."""
        world.use(a_chain_book())
        await world.receive(a_draft("H01-7", codes=(Code("chain", _FIRST),)))
        await world.receive(a_birth())
        result = await world.receive(a_result())
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.kind == "dossier.submitted"
        assert held.dossier_id == result.dossier_id
        assert await _sent(world, HEALTH_INSURANCE) == ["dossier.submitted"]

    async def test_a_result_of_a_dossier_that_nobody_has_stated_is_held(self, world: World) -> None:
        """G2: there is nothing to build a follower from, and a person must know."""
        relay = a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.RELAY)
        world.use(a_chain_book(relay, chains=[a_chain(RESIDENCE, "1.004222", procedures=("*",))]))
        await world.receive(a_result())
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason == Reason(Why.NOT_WHOLE, RESIDENCE)

    async def test_a_corrected_result_amends_what_follows(self, world: World) -> None:
        """It begins nothing twice; the correction takes the place of what it replaces, in order."""
        await _born(world)
        await world.receive(a_result())
        await world.receive(a_result(kind="result.corrected", data=_CORRECTED))
        assert await _sent(world, RESIDENCE) == ["dossier.submitted", "dossier.amended"]
        first = await _dossier(world, _FIRST)
        assert first.revision == 2  # noqa: PLR2004 - the second revision
        assert json.loads(first.document or b"")["results"] == [_CORRECTED]

    async def test_a_correction_begins_nothing(self, world: World) -> None:
        """Only what is issued does."""
        await _born(world)
        await world.receive(a_result(kind="result.corrected", data=_CORRECTED))
        assert await _sent(world, RESIDENCE) == []

    async def test_a_revoked_result_withdraws_what_follows(self, world: World) -> None:
        """What was sent hears of it in order; what was not is cancelled, and the portal is answered (rule 7)."""
        await _born(world)
        await world.receive(a_result())
        await world.settle(await world.claim_one(RESIDENCE))
        await world.receive(a_result(kind="result.revoked", data={"id": "KS-1", "reason": "Sai thông tin"}))
        assert await _sent(world, RESIDENCE) == ["dossier.submitted", "withdrawal.requested"]
        (cancelled,) = await world.store.find(destination=HEALTH_INSURANCE)
        assert cancelled.state is State.CANCELLED
        assert "withdrawal.accepted" in await _sent(world, PORTAL)
        assert _said((await world.claim_one(RESIDENCE)).message.payload) == {"reason": "Sai thông tin"}

    async def test_a_withdrawal_before_the_result_lets_nothing_begin(self, world: World) -> None:
        """The result comes all the same, and says to its source that the step did not begin."""
        await _born(world)
        await world.receive(a_draft(kind="withdrawal.requested", text="rút", document=None))
        result = await world.receive(a_result())
        assert Reason(Why.WITHDRAWN, RESIDENCE) in result.warnings
        assert await _sent(world, RESIDENCE) == await _sent(world, HEALTH_INSURANCE) == []

    async def test_a_withdrawal_that_no_route_takes_lets_nothing_begin_either(self, world: World) -> None:
        """The ministry has no operation for it: people tell it, and the citizen has withdrawn all the same."""
        book = a_chain_book()
        births = replace(book.routes[0], kinds=("dossier.*",))
        await _born(world, replace(book, routes=(births, *book.routes[1:])))
        await world.receive(a_draft(kind="withdrawal.requested", text="rút", document=None))
        await world.receive(a_result())
        assert await _sent(world, RESIDENCE) == []

    async def test_a_withdrawal_that_was_refused_lets_the_result_begin_its_steps(self, world: World) -> None:
        """The ministry went on with it."""
        await _born(world)
        await world.receive(a_draft(kind="withdrawal.requested", text="rút", document=None))
        world.clock.advance(1)
        await world.receive(a_status(text="no", kind="withdrawal.refused", status=None))
        await world.receive(a_result())
        assert await _sent(world, RESIDENCE) == ["dossier.submitted"]

    async def test_a_withdrawal_after_the_result_goes_to_each_step_once(self, world: World) -> None:
        """In order after the submission; a second withdrawal, or a correction, adds nothing."""
        await _born(world)
        await world.receive(a_result())
        await world.settle(await world.claim_one(RESIDENCE))
        await world.settle(await world.claim_one(HEALTH_INSURANCE))
        withdrawal = a_draft(kind="withdrawal.requested", document=None)
        told = {"kind": "withdrawal.requested", "data": {"reason": "đổi ý"}}
        said = replace(withdrawal.payload, body=json.dumps(told).encode())
        await world.receive(replace(withdrawal, payload=said))
        await world.receive(replace(withdrawal, payload=said, digest="other"))
        await world.receive(a_result(kind="result.corrected", data=_CORRECTED))
        expected = ["dossier.submitted", "withdrawal.requested"]
        assert await _sent(world, RESIDENCE) == await _sent(world, HEALTH_INSURANCE) == expected
        assert _said((await world.claim_one(RESIDENCE)).message.payload) == {"reason": "đổi ý"}

    async def test_what_the_portal_says_of_a_step_goes_where_it_began(self, world: World) -> None:
        """Without a route of its own; what the step's system says goes to the portal alone."""
        await _born(world)
        await world.receive(a_result())
        of_first = (Code("chain", _FIRST),)
        paid = await world.receive(a_draft(None, codes=of_first, kind="fee.paid", document=None, procedure=""))
        said = await world.receive(a_status(None, 4, source=RESIDENCE, codes=of_first))
        assert [(await world.view(one)).destination for one in paid.deliveries] == [RESIDENCE]
        assert [(await world.view(one)).destination for one in said.deliveries] == [PORTAL]

    async def test_a_route_that_has_ended_carries_on_what_it_began(self, world: World) -> None:
        """It begins nothing more."""
        await _born(world)
        await world.receive(a_result())
        ended = world.clock.now().date() - timedelta(days=1)
        world.use(a_chain_book(chains=[a_chain(RESIDENCE, "1.004222", valid_to=ended)]))
        of_first = (Code("chain", _FIRST),)
        paid = await world.receive(a_draft(None, codes=of_first, kind="fee.paid", document=None, procedure=""))
        await world.receive(a_birth("H01-2"))
        await world.receive(a_result("H01-2"))
        assert [(await world.view(one)).destination for one in paid.deliveries] == [RESIDENCE]
        assert await _sent(world, RESIDENCE) == ["dossier.submitted", "fee.paid"]

    async def test_the_steps_of_a_test_are_tests(self, world: World) -> None:
        """A test reaches sandbox systems only, by whatever way."""
        sandbox = [a_system(system, mode=Mode.SANDBOX) for system in (PORTAL, CIVIL_STATUS, RESIDENCE)]
        world.use(a_chain_book(*sandbox))
        await world.receive(a_birth(test=True))
        await world.receive(a_result())
        assert (await world.claim_one(RESIDENCE)).message.test
        assert await _sent(world, HEALTH_INSURANCE) == []
        assert await world.store.find(state=State.HELD, destination=OPERATORS) == ()

    async def test_a_step_may_have_steps_of_its_own(self, world: World) -> None:
        """A withdrawal goes down the whole chain."""
        further = a_chain(HEALTH_INSURANCE, "1.004036", source=RESIDENCE, procedures=("1.004222",))
        await _born(world, a_chain_book(chains=[a_chain(RESIDENCE, "1.004222"), further]))
        await world.receive(a_result())
        await world.settle(await world.claim_one(RESIDENCE))
        await world.receive(a_result(None, source=RESIDENCE, codes=(Code("chain", _FIRST),), data={"id": "TT-1"}))
        await world.settle(await world.claim_one(HEALTH_INSURANCE))
        assert (await _dossier(world, f"{_FIRST}/health_insurance")).procedure == "1.004036"
        await world.receive(a_draft(kind="withdrawal.requested", text="rút", document=None))
        assert await _sent(world, HEALTH_INSURANCE) == ["dossier.submitted", "withdrawal.requested"]
