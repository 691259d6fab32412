"""``/callbacks/{system}/…``: a system's own format in, its own format out."""

import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.core.message import Payload, Receipt
from gateway.ports.adapter import CallUnreadable, Received, Rendered
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_status

from .conftest import Slow


class Receiver:
    """Understands ``{"ma": …, "trangthai": …}`` and answers with a string code."""

    def __init__(self) -> None:
        self.calls = []

    def guard(self, path):
        del path

    async def receive(self, call):
        self.calls.append(call)
        try:
            said = json.loads(call.body.body)
        except ValueError:
            raise CallUnreadable("not JSON", self._reply(400, "-1")) from None
        draft = a_status(said["ma"], said["trangthai"])
        draft = replace(draft, dedup_key=said.get("masukien", draft.dedup_key))
        draft = replace(draft, kind=said.get("loai", draft.kind), source=said.get("nguon", draft.source))
        return Received(drafts=[draft], render=self.render)

    def render(self, results):
        return self._reply(200, "0" if all(isinstance(item, Receipt) for item in results) else "-2")

    def _reply(self, status, code):
        body = json.dumps({"error_code": code}).encode()
        return Rendered(status=status, body=Payload(body=body, media_type="application/json"))


def gated(gate_with):
    receiver = Receiver()
    return receiver, gate_with(receivers={CIVIL_STATUS: receiver})


PATH = f"/callbacks/{CIVIL_STATUS}/trangthai/moi?x=1"


async def test_a_call_is_accepted_and_answered_in_the_systems_format(gate_with, body):
    receiver, opened = gated(gate_with)
    async with opened as gate:
        await gate.post("/v1/dossiers", body())
        reply = await gate.post(PATH, {"ma": "H01-1", "trangthai": 4}, who=CIVIL_STATUS)
        assert (reply.status, reply.json) == (200, {"error_code": "0"})
        shown = (await gate.get("/v1/dossiers/H01-1")).json
        assert shown["statuses"][0]["system"] == CIVIL_STATUS
    call = receiver.calls[0]
    assert (call.path, dict(call.query), call.method) == ("trangthai/moi", {"x": "1"}, "POST")
    assert "authorization" not in {name.lower() for name in call.headers}


async def test_what_cannot_be_read_is_refused_in_the_systems_format(gate_with):
    _, opened = gated(gate_with)
    async with opened as gate:
        reply = await gate.post(PATH, raw=b"{", who=CIVIL_STATUS)
        assert (reply.status, reply.json) == (400, {"error_code": "-1"})
        assert await gate.is_empty()


async def test_the_log_says_why_a_call_was_refused_whatever_its_system_was_told(gate_with, body):
    """In its own words, under a status of its own: the operator has our code."""
    _, opened = gated(gate_with)
    async with opened as gate:
        await gate.post("/v1/dossiers", body())
        with capture_logs() as lines:
            await gate.post(PATH, raw=b"{", who=CIVIL_STATUS)
            await gate.post(PATH, {"ma": "H01-1", "trangthai": 4, "loai": "relay.held"}, who=CIVIL_STATUS)
            await gate.post(PATH, {"ma": "H01-1", "trangthai": 4}, who=CIVIL_STATUS)
    told = [(line["status"], line["refusal"]) for line in lines if line["event"] == "request"]
    assert told == [(400, "callback.unreadable"), (200, "kind.not_yours"), (200, "")]


async def test_the_log_names_the_system_that_was_to_be_called_back_for_and_no_strangers_word(gate_with):
    """A ministry asks why it is refused: who proved nothing is no caller, and its line was like any stranger's."""
    _, opened = gated(gate_with)
    async with opened as gate:
        with capture_logs() as lines:
            await gate.post(PATH, {}, who=None)
            await gate.post("/callbacks/Lo-Van-Mau/trangthai", {}, who=None)
            await gate.get("/v1/systems", who=CIVIL_STATUS)
    told = [(line["refusal"], line["caller"], line["system"]) for line in lines if line["event"] == "request"]
    assert told == [("key.missing", "", CIVIL_STATUS), ("key.missing", "", ""), ("", CIVIL_STATUS, "")]


async def test_a_call_states_nothing_in_anothers_name_or_beyond_its_role(gate_with, body):
    """G9, and the kinds table holds for call-backs as well."""
    _, opened = gated(gate_with)
    async with opened as gate:
        await gate.post("/v1/dossiers", body())
        for more in ({"nguon": PORTAL}, {"loai": "relay.delivered"}):
            reply = await gate.post(PATH, {"ma": "H01-1", "trangthai": 4, **more}, who=CIVIL_STATUS)
            assert reply.json == {"error_code": "-2"}
        assert "statuses" not in (await gate.get("/v1/dossiers/H01-1")).json


async def test_a_call_that_is_repeated_while_its_first_try_goes_on_is_told_to_come_again(gate_with, body):
    """G1, G7: by 503, which every sender repeats; a 4xx many take for a refusal, and the first try may still fail."""
    inboxes = []

    def slow(store):
        inboxes.append(Slow(store))
        inboxes[0].may_commit.set()
        return inboxes[0]

    async with gate_with(receivers={CIVIL_STATUS: Receiver()}, inbox=slow) as gate:
        await gate.post("/v1/dossiers", body())
        inboxes[0].may_commit.clear()
        inboxes[0].begun.clear()
        stated = {"ma": "H01-1", "trangthai": 4, "masukien": "1"}
        first = asyncio.create_task(gate.post(PATH, stated, who=CIVIL_STATUS))
        await inboxes[0].begun.wait()
        second = await gate.post(PATH, stated, who=CIVIL_STATUS)
        assert (second.status, second.code, second.headers["Retry-After"]) == (503, "callback.in_progress", "1")
        inboxes[0].may_commit.set()
        assert (await first).json == (await gate.post(PATH, stated, who=CIVIL_STATUS)).json == {"error_code": "0"}


async def test_a_path_is_its_systems_own(gate_with):
    """G9: another system's key does not open it; a system without a receiver has none."""
    _, opened = gated(gate_with)
    async with opened as gate:
        assert (await gate.post(PATH, {}, who=LAND)).code == "key.forbidden"
        assert (await gate.post(f"/callbacks/{LAND}/x", {}, who=LAND)).code == "callback.not_found"


class Misrendering(Receiver):
    """Answers as no HTTP can."""

    def __init__(self, change) -> None:
        super().__init__()
        self.change = change

    def render(self, results):
        return replace(super().render(results), **self.change)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"status": 99}, "status"),
        ({"status": 1000}, "status"),
        ({"status": "200"}, "status"),
        ({"headers": {"X-Note": "S3CRET\r\nX: 1"}}, "headers"),
        ({"headers": {"X Note": "S3CRET"}}, "headers"),
        ({"headers": {"X-Note": 1}}, "headers"),
        ({"body": Payload(body=b"", media_type="a/b\nS3CRET")}, "headers"),
    ],
)
async def test_a_reply_that_no_http_can_say_is_the_adapters_fault_and_answered_plainly(gate_with, body, change, where):
    """G1: the call is accepted by then, and a connection that breaks off said nothing to anybody."""
    async with gate_with(receivers={CIVIL_STATUS: Misrendering(change)}) as gate:
        await gate.post("/v1/dossiers", body())
        with capture_logs() as lines:
            reply = await gate.post(PATH, {"ma": "H01-1", "trangthai": 4}, who=CIVIL_STATUS)
        assert (reply.status, reply.code) == (500, "internal")
        assert (await gate.get("/v1/dossiers/H01-1")).json["statuses"]
    (told,) = [line for line in lines if line["event"] == "adapter_bug"]
    assert (told["system"], told["error"], told["where"]) == (CIVIL_STATUS, "Rendered", f"render {where}")
    assert "S3CRET" not in str(lines)


@pytest.mark.parametrize("step", ["guard", "receive", "render"])
@pytest.mark.parametrize("error", [SystemExit("S3CRET"), asyncio.CancelledError("S3CRET"), RuntimeError("S3CRET")])
async def test_an_adapter_that_would_end_the_process_ends_one_call(gate_with, body, step, error):
    """G6: its caller is told of a fault, and everybody else is served."""
    receiver, opened = gated(gate_with)

    def fails(*_):
        raise error

    async with opened as gate:
        await gate.post("/v1/dossiers", body())
        setattr(receiver, step, fails)
        reply = await gate.post(PATH, {"ma": "H01-1", "trangthai": 4}, who=CIVIL_STATUS)
        assert (reply.status, reply.code) == (500, "internal")
        assert b"S3CRET" not in reply.body
        assert (await gate.get("/v1/dossiers/H01-1")).status == 200
