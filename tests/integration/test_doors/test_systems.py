"""How the systems stand, for each caller what concerns it; and pausing, resuming and trying one."""

import pytest

from gateway.core.acts import By
from gateway.core.ids import SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.sky import sky_of
from gateway.core.terms import Terms
from gateway.core.weather import Tally
from gateway.ops.weather import Keeper
from gateway.ports.adapter import Health
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL

from .conftest import OPERATOR, PASSWORD, open_gate

WHY = "Bộ bảo trì đến thứ Hai"
LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason=WHY)


class Relayed:
    """A relay that sees ``civil_status`` as the store last heard, and answers probes as told."""

    def __init__(self, gate, health):
        self._gate, self._health = gate, health
        self._pauses = {}

    def skies(self):
        return {
            CIVIL_STATUS: sky_of(
                Terms(concurrency=8), Tally(), self._pauses.get(CIVIL_STATUS), self._gate.clock.now(), allowed=2
            )
        }

    async def refresh(self):
        self._pauses = (await self._gate.store.fleet()).pauses

    async def probe(self, system):
        assert system == CIVIL_STATUS
        return self._health


def act(gate, what, system=CIVIL_STATUS, body=None, who=OPERATOR):
    return gate.post(f"/v1/ops/systems/{system}/{what}", body or {"reason": WHY}, who=who)


async def shown(gate, system, who=OPERATOR):
    items = (await gate.get("/v1/systems", who=who)).json["items"]
    return next(item for item in items if item["id"] == system)


async def test_a_pause_is_shown_with_its_text_to_operators_only(gate):
    """A partner learns that it is paused, not what operators wrote or who they are."""
    reply = await act(gate, "pause")
    assert (reply.status, reply.json["act"]["verb"]) == (200, "pause")
    assert reply.json["system"]["weather"]["condition"] == "paused"
    weather = (await shown(gate, CIVIL_STATUS))["weather"]
    assert (weather["pause"]["text"], weather["pause"]["by"]) == (WHY, OPERATOR)
    assert weather["limits"]["allowed"] == 0
    assert set((await shown(gate, CIVIL_STATUS, CIVIL_STATUS))["weather"]["pause"]) == {"since"}
    assert (await act(gate, "resume")).json["system"]["weather"]["condition"] == "clear"
    acts = (await gate.get(f"/v1/ops/acts?target_kind=system&target={CIVIL_STATUS}", who=OPERATOR)).json["items"]
    assert [(item["verb"], item["reason"]) for item in acts] == [("resume", WHY), ("pause", WHY)]


async def test_the_portal_learns_of_others_what_its_status_page_needs(gate):
    """No counts, no reasons, no words of operators."""
    await act(gate, "pause")
    body = (await gate.get("/v1/systems", who=PORTAL)).json
    assert [item["id"] for item in body["items"]] == [PORTAL]
    neighbour = next(item for item in body["neighbours"] if item["id"] == CIVIL_STATUS)
    assert set(neighbour) == {"id", "name", "condition", "text", "since"}
    assert neighbour["condition"] == "paused"
    assert (await gate.get("/v1/systems", who=CIVIL_STATUS)).json["neighbours"] == []


async def test_what_is_not_called_has_no_weather(gate):
    """A reader of the feed comes when it likes."""
    assert "weather" not in await shown(gate, LAND)


@pytest.mark.parametrize(
    ("what", "system", "body", "status", "code"),
    [
        ("pause", "nobody", None, 404, "system.not_found"),
        ("pause", LAND, None, 409, "system.not_called"),
        ("resume", LAND, None, 409, "system.not_called"),
        ("probe", LAND, None, 409, "system.not_called"),
        ("resume", CIVIL_STATUS, None, 409, "system.not_paused"),
        ("probe", CIVIL_STATUS, None, 409, "system.not_probed"),
        ("pause", CIVIL_STATUS, {"reason": " "}, 422, "reason.invalid"),
        ("pause", CIVIL_STATUS, {"reason": WHY, "until": "?"}, 400, "request.invalid"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_not_recorded(gate, what, system, body, status, code):
    reply = await act(gate, what, system, body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert (await gate.get("/v1/ops/acts", who=OPERATOR)).json["items"] == []


async def test_systems_do_not_pause_one_another(gate):
    assert (await act(gate, "pause", who=PORTAL)).status == 403


@pytest.mark.parametrize(
    ("health", "found"),
    [(Health(reachable=True, text="HTTP 200"), "answers"), (Health(reachable=False), "silent"), (None, "unknown")],
)
async def test_a_probe_says_what_it_found_and_who_asked(gate, health, found):
    """The act is kept before anything is tried."""
    live = Relayed(gate, health)
    keeper = Keeper(store=gate.store, clock=gate.clock, terms={CIVIL_STATUS: Terms(concurrency=8)}, live=live)
    async with open_gate(keeper=keeper) as other:
        reply = await act(other, "probe")
        assert (reply.status, reply.json["found"]) == (200, found)
        assert reply.json["system"]["weather"]["condition"] == "slow_start"
        assert (await act(other, "pause")).json["system"]["weather"]["condition"] == "paused"
        refused = await act(other, "probe")
        assert (refused.status, refused.code) == (409, "system.not_probed")
        assert (await act(other, "resume")).json["system"]["weather"]["condition"] == "slow_start"
    assert [item.verb for item in await gate.store.acts()] == ["resume", "pause", "probe"]


async def test_a_call_from_a_system_is_heard():
    """Whoever shows a system's key, or its session at the plug-in door: it is there."""
    heard: list[SystemId] = []
    async with open_gate(heard=heard.append) as gate:
        await gate.get("/v1/systems", who=CIVIL_STATUS)
        await gate.get("/v1/systems", who=OPERATOR)
        await gate.get("/livez")
        door = f"/dvcqg/{PORTAL}/mapi"
        session = (await gate.post(f"{door}/login", {"username": "dvc_mau", "password": PASSWORD}, who=None)).json
        for token in ("none", session["session"]):
            await gate.post(f"{door}/g", {"session": token, "service": "LayDanhSachTTHC"}, who=None)
    assert heard == [CIVIL_STATUS, PORTAL]
