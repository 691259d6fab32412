"""«Already exists» from end to end: store, relay, the REST adapter and a partner on loopback (model rule 6)."""

import json
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.delivery import State, Step
from gateway.core.errors import ConfigError
from gateway.core.outcome import Delivered, Unknown
from gateway.core.reason import Why
from gateway.exchange.pipeline import Pipeline
from gateway.sdk.link import Context
from gateway.sdk.rest import build_rest
from gateway.testing.adapter import FakeAdapter
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft
from gateway.testing.deliveries import CODE, a_delivery
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.testing.relay_house import RelayHouse
from gateway.testing.secrets import FakeSecrets

FILE = """
id = "civil_status"
role = "system"
adapter = "rest"
name = { vi = "Hộ tịch" }
doubt = { "*" = { doubt = "resend" } }

[options.operations."dossier.submitted"]
path = "/new"
mapping = "dossier"

[options.operations."dossier.submitted".lookup]
path = "/look"
mapping = "dossier"
found = [{ path = "found", equals = [true] }]
absent = [{ path = "found", equals = [false] }]
same = { "text" = "{dossier.text}" }
codes = { receipt = "receipt" }

[options.operations."dossier.amended"]
path = "/update"
mapping = "dossier"

[[options.outcomes]]
path = "said"
equals = ["ok"]
then = "delivered"

[[options.outcomes]]
path = "said"
equals = ["this delivery exists"]
then = "repeated"

[[options.outcomes]]
path = "said"
equals = ["exists"]
then = "exists"
"""
MAPPING = """
version = "1"
[[row]]
to = "text"
from = "dossier.text"
"""
OK, EXISTS, REPEATED = (Says.json({"said": said}) for said in ("ok", "exists", "this delivery exists"))


def shows(text):
    return Says.json({"found": True, "text": text, "receipt": "R-1"})


@dataclass(frozen=True)
class Case:
    house: RelayHouse
    partner: LoopbackPartner

    @property
    def asked(self) -> list[str]:
        return [seen.path for seen in self.partner.seen]

    async def ends(self, *states: State) -> Why | None:
        """Let the dossier reach these states; return why its last delivery stands so."""
        await self.house.until(CIVIL_STATUS, *states)
        *_, last = await self.house.legs(CIVIL_STATUS)
        return last.reason.code if last.reason else None


@asynccontextmanager
async def talking(*script, **changes) -> AsyncGenerator[Case]:
    async with LoopbackPartner(*script) as partner:
        table = {**tomllib.loads(FILE), "endpoint": {"sandbox": partner.address}, **changes}
        house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: FakeAdapter()})
        adapter = build_rest(msgspec.convert(table, SystemConfig), _context(house))
        link = house.links[CIVIL_STATUS]
        pipeline = Pipeline.for_system(adapter, gate=link.gate, clock=house.clock, metrics=house.metrics)
        house.links[CIVIL_STATUS] = replace(link, pipeline=pipeline)
        async with opened(adapter), house.running():
            yield Case(house, partner)


def _context(house):
    return Context(
        clock=house.clock,
        secrets=FakeSecrets({}),
        blobs=MemoryBlobs(),
        mappings={"dossier": tomllib.loads(MAPPING)},
        directory=Path("/nowhere"),
    )


def _said(text="ours", kind="dossier.submitted"):
    """Return a draft whose payload is an event as the model writes it."""
    draft = a_draft(text=text, kind=kind)
    event = {"kind": kind, "dossier": {"code": "H01-1"}, "data": {"text": text}}
    return replace(draft, payload=replace(draft.payload, body=json.dumps(event).encode()))


async def test_is_delivered_where_this_delivery_may_have_brought_it():
    """G4: the reply was lost; the resend hears that it is there."""
    async with talking(Drops(), EXISTS) as case:
        await case.house.accept(_said())
        await case.ends(State.DELIVERED)
        assert case.asked == ["/new", "/new"]


async def test_is_never_a_yes_to_an_amendment_even_in_doubt():
    """G5: that it has the dossier does not say that it has the change; a person decides."""
    async with talking(OK, Drops(), EXISTS) as case:
        await case.house.accept(_said(), _said("new", "dossier.amended"))
        assert await case.ends(State.DELIVERED, State.HELD) is Why.ALREADY_EXISTS


async def test_a_partner_that_knows_our_id_answers_for_an_amendment_too():
    """G4: it says that it had this very delivery, not only this dossier."""
    async with talking(OK, Drops(), REPEATED) as case:
        await case.house.accept(_said(), _said("new", "dossier.amended"))
        await case.ends(State.DELIVERED, State.DELIVERED)


async def test_at_the_first_try_an_amendment_is_refused():
    """G5: it surely has not been taken."""
    async with talking(OK, EXISTS) as case:
        await case.house.accept(_said(), _said("new", "dossier.amended"))
        assert await case.ends(State.DELIVERED, State.DEAD) is Why.ALREADY_EXISTS


@pytest.mark.parametrize(("code", "kind"), [(CODE, Delivered), ("H52.11-260302-0002", Unknown), (None, Unknown)])
async def test_a_look_up_that_shows_another_dossier_is_no_yes(code, kind):
    """G2, G5: a partner's cache, or a number that it gave twice; what is in doubt stays so."""
    async with LoopbackPartner(Says.json({"found": True, "text": code, "receipt": "R-1"})) as partner:
        text = FILE.replace("{dossier.text}", "{dossier.code}")
        table = {**tomllib.loads(text), "endpoint": {"sandbox": partner.address}}
        house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: FakeAdapter()})
        async with opened(build_rest(msgspec.convert(table, SystemConfig), _context(house))) as adapter:
            finding = await adapter.lookup(a_delivery(step=Step.LOOKUP), deadline=house.clock.monotonic() + 5)
    assert isinstance(finding, kind)


async def test_at_the_first_try_the_same_is_delivered_with_its_codes():
    """`lookup_compare`: the partner shows what we would have sent."""
    async with talking(EXISTS, shows("OURS")) as case:
        await case.house.accept(_said())
        await case.ends(State.DELIVERED)
        assert case.asked == ["/new", "/look"]
        (found,) = await case.house.store.dossiers("R-1")
        assert {code.scheme for code in found.codes} == {"province", "receipt"}


async def test_at_the_first_try_something_else_is_refused():
    """G5: another dossier has our code; nothing of ours was taken."""
    async with talking(EXISTS, shows("theirs")) as case:
        await case.house.accept(_said())
        assert await case.ends(State.DEAD) is Why.ALREADY_EXISTS


async def test_without_anything_to_compare_a_person_decides():
    """G5: «it is there» twice is not «it is ours»."""
    table = tomllib.loads(FILE)["options"]
    del table["operations"]["dossier.submitted"]["lookup"]["same"]
    async with talking(EXISTS, shows("ours"), options=table) as case:
        await case.house.accept(_said())
        assert await case.ends(State.HELD) is Why.ALREADY_EXISTS
        assert case.asked == ["/new"]
        (leg,) = await case.house.legs(CIVIL_STATUS)
        assert leg.in_doubt_since is None


async def test_a_look_up_that_cannot_be_had_is_asked_again():
    """G5: the answer stays open; the same words again are still not ours."""
    async with talking(EXISTS, Says(status=500), EXISTS, shows("ours")) as case:
        await case.house.accept(_said())
        await case.ends(State.DELIVERED)
        assert case.asked == ["/new", "/look"] * 2


async def test_is_held_where_the_file_says_so():
    """`hold`: a person decides, and nothing is in doubt."""
    async with talking(EXISTS, on_first_exists="hold") as case:
        await case.house.accept(_said())
        assert await case.ends(State.HELD) is Why.ALREADY_EXISTS
        assert case.asked == ["/new"]


async def test_is_sent_as_an_update_where_the_file_says_so():
    """`send_as_update`: what is there is brought up to date."""
    async with talking(EXISTS, OK, on_first_exists="send_as_update") as case:
        await case.house.accept(_said())
        await case.ends(State.DELIVERED)
        assert case.asked == ["/new", "/update"]
        assert case.partner.seen[1].json == {"text": "ours"}


async def test_an_update_in_doubt_is_not_answered_by_what_was_there_before():
    """G5: the lost reply was to the update; that the dossier exists was known all along."""
    async with talking(EXISTS, Drops(), EXISTS, on_first_exists="send_as_update") as case:
        await case.house.accept(_said())
        assert await case.ends(State.HELD) is Why.ALREADY_EXISTS
        assert case.asked == ["/new", "/update", "/update"]


def test_updates_need_an_operation():
    """The file is refused before a port is opened."""
    table = {**tomllib.loads(FILE), "endpoint": {"sandbox": "http://127.0.0.1:1"}, "on_first_exists": "send_as_update"}
    del table["options"]["operations"]["dossier.amended"]
    with pytest.raises(ConfigError) as caught:
        build_rest(msgspec.convert(table, SystemConfig), _context(RelayHouse({})))
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == ("systems/civil_status.toml", "on_first_exists")
