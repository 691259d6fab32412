"""Clients as they work in the field, against the plug-in door: samples replayed, and whole turns of a timer."""

import asyncio
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.plug_in_portal.clients import CLIENTS, Wire, is_done
from adapters.plug_in_portal.table import PROCEDURES, rows
from gateway.core.errors import StoreUnavailable
from gateway.testing.books import PORTAL
from gateway.testing.simulator import Journal

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "plug_in").glob("*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
async def test_a_clients_own_requests_are_answered_as_it_needs(gate, path):
    """Requests as that client sends them; codes and words by which it judges; and what became of them."""
    sample = json.loads(path.read_text(encoding="utf-8"))
    session = ""
    for call in sample["calls"]:
        body = json.loads(json.dumps(call["body"]).replace("{session}", session))
        reply = await gate.post(sample["base"] + call["path"], body, who=None, headers=sample["headers"])
        assert (reply.status, reply.json["error_code"]) == (200, call["code"]), (call["says"], reply.json)
        assert call["words"] in reply.json["message"], call["says"]
        session = reply.json.get("session", session)
    code = next(call["body"]["data"][0]["MaHoSo"] for call in sample["calls"] if "data" in call["body"])
    (view,) = await gate.store.dossiers(code)
    said = (await gate.store.timeline(view.id)).messages
    assert [message.kind for message in said] == sample["kinds"]


class Flaky:
    """An inbox whose store is away now and then: before it has accepted, or after."""

    def __init__(self, store):
        self._store = store
        self._chance = random.Random(1)  # noqa: S311 - a seed, no secret

    async def accept(self, drafts, **options):
        mood = self._chance.random()
        if mood < 0.2:
            raise StoreUnavailable("away")
        accepted = await self._store.accept(drafts, **options)
        if mood > 0.8:
            raise StoreUnavailable("accepted, and nobody was told")
        return accepted


@pytest.mark.parametrize("style", CLIENTS)
async def test_a_timers_retries_lose_nothing_and_double_nothing(gate_with, tmp_path, style):
    """G2, G7: twelve dossiers of up to four steps, two calls in five refused, half of these after all was kept."""
    table = rows(12, 1, datetime.now(UTC), files="https://tep.example", procedures=PROCEDURES)
    async with gate_with(inbox=Flaky) as gate:
        journal = Journal(tmp_path / "journal.jsonl")
        wire = Wire(gate.session, f"{gate.url}/dvcqg/{PORTAL}", PORTAL, gate.keys[PORTAL], journal)
        client = CLIENTS[style](wire, journal)
        async with asyncio.timeout(30):
            while not all(row.is_done for row in table):
                for row in table:
                    if row.steps_synced == len(row.steps):
                        row.go_on(datetime.now(UTC))
                await client.sync(table)
        journal.close()
        for row in table:
            (view,) = await gate.store.dossiers(row.code)
            kinds = [message.kind for message in (await gate.store.timeline(view.id)).messages]
            assert kinds.count("dossier.submitted") == 1
            assert kinds.count("progress.recorded") == len(row.way)
            assert json.loads(view.document)["status"] == int(row.way[-1][0])
            assert view.revision == kinds.count("dossier.submitted") + kinds.count("dossier.amended")


async def test_a_client_logs_in_again_when_its_session_has_ended(gate, tmp_path):
    """The words of the refusal are those by which it knows: no call of the timer is lost."""
    journal = Journal(tmp_path / "journal.jsonl")
    wire = Wire(gate.session, f"{gate.url}/dvcqg/{PORTAL}", PORTAL, gate.keys[PORTAL], journal)
    assert is_done(await wire.call("LayDanhSachTTHC"))
    gate.clock.advance(3600)
    assert is_done(await wire.call("LayDanhSachTTHC"))
    journal.close()
