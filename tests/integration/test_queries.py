"""A whole gateway asks the simulated register: answers, silence, garbage, and what is left on disk and in the log."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from structlog.testing import capture_logs

from adapters.enterprise_registry.simulator import Register
from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.loader import load
from gateway.observability.redaction import redact
from gateway.testing.loopback import served
from gateway.testing.secrets import FakeSecrets
from gateway.testing.simulator import Journal, Place

ROOT = Path(__file__).parents[2]
KNOWN, UNKNOWN, PAGE, DROPPED, NAMELESS = "9900000001", "0100000001", "9900009503", "9900009504", "9900009505"
OFFICER = {"name": "Nguyễn Thị Canary", "position": "Chuyên viên", "unit": "Phòng canary", "officer_code": "CB-7731"}
PURPOSE = "Canary: thẩm tra hồ sơ"
SECRETS = FakeSecrets(
    {
        "env:ENTERPRISE_REGISTRY_CLIENT_ID": "sample",
        "env:ENTERPRISE_REGISTRY_CLIENT_SECRET": "sample-only",
        "env:WRONG": "nobody",
    }
)
QUICK = ClientTimeout(total=20)
FILES = {
    "gateway.toml": "[server]\nport = 0\n[store]\nreserve = 0\n",
    "routes.toml": "",
    "services.toml": "",
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/land.toml": 'id = "land"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Đất đai"\n',
}


@dataclass
class Asked:
    status: int
    headers: dict
    json: dict

    @property
    def code(self):
        return self.json["code"]


@dataclass
class House:
    """A gateway, the register it asks, and keys."""

    session: ClientSession
    url: str
    journal: Path
    operator: str
    keys: dict
    machine: Machine
    data: Path

    async def call(self, method, path, body=None, key=None, trace=None):
        headers = {"Authorization": f"Bearer {key or self.operator}"}
        if trace:
            headers["traceparent"] = f"00-{trace}-{'1' * 16}-01"
        async with self.session.request(method, self.url + path, json=body, headers=headers) as reply:
            return Asked(reply.status, dict(reply.headers), await reply.json(content_type=None))

    async def ask(self, number, who="portal", trace=None, **changes):
        body = {"request": {"tax_code": number}, "officer": OFFICER, "purpose": PURPOSE, **changes}
        return await self.call(
            "POST", "/v1/systems/enterprise_registry/queries/enterprise", body, self.keys[who], trace
        )

    async def kept(self, query=""):
        return (await self.call("GET", f"/v1/ops/queries{query}")).json["items"]

    def seen(self, what="asked"):
        lines = self.journal.read_text(encoding="utf-8").splitlines() if self.journal.exists() else []
        return sum(f'"what": "{what}"' in line for line in lines)


def configured(folder, address, more, swap):
    config = folder / "config"
    for name, text in FILES.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "config/mappings/enterprise_registry", config / "mappings/enterprise_registry")
    text = (ROOT / "config/systems/enterprise_registry.toml").read_text(encoding="utf-8")
    for old, new in {"http://127.0.0.1:9010": address, **(swap or {})}.items():
        assert old in text
        text = text.replace(old, new)
    (config / "systems/enterprise_registry.toml").write_text(text + more, encoding="utf-8")
    return load(config)


@asynccontextmanager
async def house(tmp_path, *, app=None, calls=100, more="", swap=None, address=None):
    journal = Journal(tmp_path / "journal.jsonl")
    place = Place(port=0, journal=tmp_path / "journal.jsonl", gateway="", key="", seed=1)
    layout, machine = Layout(tmp_path / "data"), Machine()
    async with served(app or Register(place, journal, calls=calls).app()) as port:
        configuration = configured(tmp_path, address or f"http://127.0.0.1:{port}", more, swap)
        async with (
            serving(configuration, layout, secrets=SECRETS, machine=machine) as gateway,
            ClientSession(timeout=QUICK) as session,
        ):
            operator = layout.operator_key.read_text().strip()
            keys = {"operator": operator}
            one = House(session, gateway.url, place.journal, operator, keys, machine, tmp_path / "data")
            for name in ("portal", "land"):
                keys[name] = (await one.call("POST", "/v1/ops/keys", {"name": name, "role": "system"})).json["key"]
            yield one
    journal.close()


async def test_an_answer_comes_in_the_same_call_and_its_record_stays(tmp_path):
    """Who asked, for whom and why is listed; what was asked about and answered is not."""
    async with house(tmp_path) as one:
        reply = await one.ask(KNOWN)
        assert reply.status == 200
        assert reply.json["answer"] == {
            "tax_code": KNOWN,
            "name": "CÔNG TY TNHH MẪU 0001",
            "type": "Công ty trách nhiệm hữu hạn một thành viên",
            "state": "Đang hoạt động",
            "registered_on": "2021-03-15",
            "address": "Số 1, đường Mẫu, phường Mẫu",
            "representatives": [{"name": "Nguyễn Văn Mẫu", "position": "Giám đốc"}],
        }
        assert reply.json["source"] == {
            "system": "enterprise_registry",
            "name": "Cơ sở dữ liệu đăng ký doanh nghiệp",
            "test": True,
        }
        assert (reply.headers["Cache-Control"], reply.headers["Content-Language"]) == ("no-store", "vi")
        (item,) = await one.kept("?system=enterprise_registry&since=2026-01-01T00:00:00%2B07:00")
        assert (item["id"], item["state"], item["caller"]) == (reply.json["query_id"], "answered", "portal")
        assert (item["officer"], item["purpose"], item["http_status"]) == (OFFICER, PURPOSE, 200)
        assert KNOWN not in repr(item)
        assert await one.kept("?system=land") == await one.kept(f"?before={item['id']}") == []
        assert one.seen() == 1


@pytest.mark.parametrize(
    ("number", "status", "code", "state", "reason"),
    [
        (UNKNOWN, 404, "query.none", "none", ""),
        (PAGE, 502, "query.failed", "failed", "reply_unreadable"),
        (NAMELESS, 502, "query.failed", "failed", "reply_unreadable"),
        (DROPPED, 502, "query.failed", "failed", "reset"),
    ],
)
async def test_what_is_no_answer_has_a_code_and_is_asked_once(tmp_path, number, status, code, state, reason):
    """HTML with 200, an entry that lacks what is promised, a dropped reply: never an answer, never asked again."""
    async with house(tmp_path) as one:
        reply = await one.ask(number)
        assert (reply.status, reply.code) == (status, code)
        (item,) = await one.kept()
        assert (item["id"], item["state"], item.get("reason", "")) == (reply.json["query_id"], state, reason)
        assert number not in repr(reply.json)
        assert one.seen() == 1


async def test_a_token_that_is_refused_in_the_middle_is_replaced_once(tmp_path):
    """401 is no answer and no failure as long as a fresh login helps."""
    async with house(tmp_path, calls=1) as one:
        assert [(await one.ask(KNOWN)).status for _ in range(3)] == [200, 200, 200]
        assert one.seen("token") == 3
        assert [item["state"] for item in await one.kept()] == ["answered"] * 3


async def test_nobody_there_is_unavailable(tmp_path):
    """Nothing was sent: come again."""
    async with house(tmp_path, address="http://127.0.0.1:9") as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (503, "query.unavailable")
        assert int(reply.headers["Retry-After"]) >= 1
        assert [(item["state"], item["reason"]) for item in await one.kept()] == [("failed", "connection_refused")]


async def test_a_refused_login_tells_nobody_a_word_of_it(tmp_path):
    """Our own credentials are no matter of the officer's."""
    async with house(
        tmp_path, swap={'client_id = "env:ENTERPRISE_REGISTRY_CLIENT_ID"': 'client_id = "env:WRONG"'}
    ) as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (502, "query.failed")
        assert (await one.kept())[0]["reason"] == "credentials"


def silent(hold):
    async def never(_request):
        await hold.wait()
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/token", never)
    app.router.add_get("/{path:.*}", never)
    return app


async def test_a_silent_register_is_given_up_within_the_budget(tmp_path):
    """Who waits at our door is not made to wait for theirs."""
    hold = asyncio.Event()
    async with house(tmp_path, app=silent(hold), swap={'timeout = "15s"': 'timeout = "200ms"'}) as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (504, "query.timeout")
        assert [item["state"] for item in await one.kept()] == ["timed_out"]
        hold.set()


def huge():
    async def token(_request):
        return web.json_response({"access_token": "t"})

    async def answer(_request):
        return web.json_response({"GetEntCert": [{"MaSoDoanhNghiep": KNOWN, "TenDoanhNghiep": "A" * 100_000}]})

    app = web.Application()
    app.router.add_post("/token", token)
    app.router.add_get("/{path:.*}", answer)
    return app


async def test_an_oversized_answer_is_refused_unread(tmp_path):
    """Memory is bounded by the system's own limit."""
    swap = {"[limits]\nconcurrency = 4": "[limits]\nconcurrency = 4\nreply = 10000"}
    async with house(tmp_path, app=huge(), swap=swap) as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (502, "query.failed")
        assert (await one.kept())[0]["reason"] == "reply_too_large"


def refusing():
    async def token(_request):
        return web.json_response({"access_token": "t"})

    async def answer(_request):
        return web.json_response({"message": "không đủ thẩm quyền"}, status=400)

    app = web.Application()
    app.router.add_post("/token", token)
    app.router.add_get("/{path:.*}", answer)
    return app


async def test_a_question_that_the_register_refuses_is_told_from_one_without_an_answer(tmp_path):
    """Asked otherwise it may be answered: whoever took it for *nobody of this number* would decide by it."""
    async with house(tmp_path, app=refusing()) as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (422, "query.refused")
        assert (await one.kept())[0]["state"] == "refused"


async def test_an_open_breaker_answers_at_once(tmp_path):
    """The register is left alone, and operators see why; nothing is kept of a question that never left."""
    more = "\n[breaker]\nfailures = 2\nlanes = 2\nfirst_open = '1h'\nlongest_open = '1h'\n"
    async with house(tmp_path, more=more) as one:
        for number in (PAGE, NAMELESS):
            await one.ask(number)
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (503, "query.open")
        assert 1800 < int(reply.headers["Retry-After"]) <= 3600
        assert (one.seen(), len(await one.kept())) == (2, 2)
        weather = (await one.call("GET", "/v1/systems")).json["items"][0]["weather"]
        assert (weather["breaker"]["reason"], weather["last_failure"]) == ("reply_unreadable", "reply_unreadable")


async def test_a_closed_window_answers_at_once(tmp_path):
    """The hours of the system's file hold for questions, too."""
    more = "\n[window]\nopen = 'hours'\ndays = ['mon']\nhours = ['03:00-03:01']\n"
    async with house(tmp_path, more=more) as one:
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (503, "query.closed")
        assert int(reply.headers["Retry-After"]) >= 1
        assert (one.seen(), await one.kept()) == (0, [])


async def test_a_pause_holds_for_questions_too(tmp_path):
    """An operator's word."""
    async with house(tmp_path) as one:
        await one.call("POST", "/v1/ops/systems/enterprise_registry/pause", {"reason": "bảo trì"})
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (503, "query.paused")


@pytest.mark.parametrize(
    ("who", "changes", "status", "code", "paths"),
    [
        ("land", {}, 403, "query.not_yours", []),
        ("portal", {"request": {"tax_code": "01x"}}, 422, "body.invalid", ["request.tax_code"]),
        ("portal", {"officer": {"name": "A"}}, 422, "body.invalid", ["officer.unit", "officer.officer_code"]),
        ("portal", {"purpose": ""}, 422, "body.invalid", ["purpose"]),
        ("portal", {"request": {"tax_code": 7}}, 400, "request.invalid", []),
        ("portal", {"more": 1}, 400, "request.invalid", []),
        ("portal", {"purpose": "A" * 20_000}, 413, "body.too_large", []),
        ("operator", {"officer": {}}, 422, "body.invalid", ["officer.name"]),
    ],
)
async def test_a_wrong_question_is_refused_and_nothing_is_kept(tmp_path, who, changes, status, code, paths):
    """Vietnamese first, with the path of every fault."""
    async with house(tmp_path) as one:
        reply = await one.ask(KNOWN, who, **changes)
        assert (reply.status, reply.code) == (status, code)
        assert [fault["path"] for fault in reply.json.get("errors", [])] == paths
        assert (one.seen(), await one.kept()) == (0, [])


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"request": {"tax_code": 7}}, 'request.<…>: "…"'),
        ({"request": []}, "request: {…}"),
        ({"officer": {"name": "A", "officer_code": 7}}, 'officer.officer_code: "…"'),
        ({"more": 1}, '{"request", "officer", "purpose"}'),
    ],
)
async def test_a_question_that_cannot_be_read_says_where(tmp_path, changes, where):
    """A number that was written as one is the likeliest fault."""
    async with house(tmp_path) as one:
        reply = await one.ask(KNOWN, **changes)
        assert reply.code == "request.invalid"
        assert reply.json["detail"] == f"Kiểm tra lại: {where}."


async def test_unknown_systems_and_operations_are_not_found(tmp_path):
    """A code for each."""
    async with house(tmp_path) as one:
        body = {"request": {}, "officer": OFFICER, "purpose": PURPOSE}
        for path, code in (
            ("nobody/queries/enterprise", "system.not_found"),
            ("enterprise_registry/queries/citizen", "query.not_found"),
            ("land/queries/enterprise", "query.not_found"),
        ):
            assert (await one.call("POST", f"/v1/systems/{path}", body)).code == code


async def test_a_caller_has_a_rate_of_its_own(tmp_path):
    """429 with Retry-After for one, and an answer for another."""
    async with house(tmp_path, swap={'rate = "60/m"\nburst = 10': 'rate = "1/h"\nburst = 1'}) as one:
        assert (await one.ask(KNOWN)).status == 200
        reply = await one.ask(KNOWN)
        assert (reply.status, reply.code) == (429, "rate.limited")
        assert int(reply.headers["Retry-After"]) > 3000
        assert (await one.ask(KNOWN, "operator")).status == 200


async def test_the_line_of_a_question_is_found_by_its_id_and_by_its_callers_trace(tmp_path):
    """As it is written: what the log never shows is taken out of it."""
    with capture_logs() as lines:
        async with house(tmp_path) as one:
            reply = await one.ask(KNOWN, trace="c" * 32)
    (line,) = [redact(None, "info", line) for line in lines if line["event"] == "query"]
    assert (line["query_id"], line["trace_id"]) == (reply.json["query_id"], "c" * 32)


async def test_nothing_asked_or_answered_is_left_lying_about(tmp_path):
    """G9: not in logs, metrics, refusals, or any file of the gateway, whatever the register does."""
    planted = (KNOWN, UNKNOWN, PAGE, DROPPED, NAMELESS, "99-wrong-7731")
    with capture_logs() as lines:
        async with house(tmp_path) as one:
            told = [(await one.ask(number)).json for number in planted]
            metrics = one.machine.metrics.render()
            listed = await one.kept()
    assert not any(word in text for word in planted for text in (repr(lines), metrics, repr(told[1:]), repr(listed)))
    assert not any(word in repr(lines) + metrics for word in (*OFFICER.values(), PURPOSE, "CÔNG TY TNHH MẪU"))
    files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert files
    assert not any(word.encode() in file.read_bytes() for word in (*planted, "CÔNG TY TNHH MẪU") for file in files)
