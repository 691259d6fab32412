"""Questions by configuration: a dossier by any code in the national dialect, a register over SOAP, and bad files."""

import json
import tomllib
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.query import Declined, Found, Nothing, Officer, Query, QueryId, Unanswered
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.adapter_contract import opened
from gateway.testing.partner import Drops, LoopbackPartner, Says
from tests.adapters import context_of

ROOT = Path(__file__).parents[2]
CODE = "H52.11-260302-0001"
NATIONAL = """
id = "national_portal"
role = "system"
adapter = "rest"
agency = "G22"
name = { vi = "Cổng Dịch vụ công quốc gia" }
secrets = { username = "env:USER", password = "env:PASS" }

[options.auth]
kind = "session"
path = "/mapi/login"
body = { username = "{secret:username}", password = "{secret:password}" }
token = "session"
success = [{ path = "error_code", equals = ["0"] }]
put = { in = "body", name = "session" }

[options.queries.dossier]
path = "/mapi/g"
query = { dstcode = "VN:GOV:sample" }
headers = { X-Officer = "{officer.code}" }
wrap = { service = "TraCuuHoSo", mahoso = "{request.code}", madonvi = "{system.agency}" }
answer = "dossier_in"

[options.queries.dossier.request.code]
pattern = '[A-Z]\\d{2}.*'

[options.queries.dossier.request.scheme]
required = false

[[options.queries.dossier.outcomes]]
path = "result[0].MaHoSo"
then = "found"

[[options.queries.dossier.outcomes]]
path = "message"
contains = ["không tồn tại"]
then = "none"

[[options.queries.dossier.outcomes]]
path = "error_code"
equals = ["-1"]
then = "refused"

[[options.outcomes]]
path = "error_code"
equals = ["-2"]
then = "credentials"
"""
ANSWER = """
version = "1"
[[row]]
to = "code"
from = "body.result[0].MaHoSo"
required = true
[[row]]
to = "status"
from = "body.result[0].TrangThaiHoSo"
as = "int"
[[row]]
to = "due_on"
from = "body.result[0].NgayHenTra"
format = "yyyyMMddHHmmss"
"""
FOUND = {"error_code": "0", "result": [{"MaHoSo": CODE, "TrangThaiHoSo": "4", "NgayHenTra": "20260310170000"}]}
SOAP = """
id = "business_registry"
role = "system"
adapter = "soap"
name = { vi = "Đăng ký kinh doanh" }
[options]
wsdl = "wsdl/business_registry.wsdl"
[options.queries.receipt]
operation = "traCuu"
mapping = "question"
[options.queries.receipt.request.code]
[[options.queries.receipt.outcomes]]
path = "tonTai"
equals = ["true"]
then = "found"
[[options.queries.receipt.outcomes]]
path = "tonTai"
equals = ["false"]
then = "none"
"""
QUESTION = """
version = "1"
[[row]]
to = "maGiaoDich"
from = "asked.id"
required = true
[[row]]
to = "maHoSo"
from = "request.code"
required = true
"""
ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:traCuuResponse xmlns:t="{0}">
<t:tonTai>{1}</t:tonTai></t:traCuuResponse></s:Body></s:Envelope>"""


XML = {"Content-Type": "text/xml; charset=utf-8"}


def a_query(operation="dossier", **request):
    return Query(
        id=QueryId("0195-query-1"),
        system=SystemId("national_portal"),
        operation=operation,
        request=request or {"code": CODE},
        officer=Officer(name="Nguyễn Thị Mẫu", code="CB-07", unit="Phòng mẫu"),
        purpose="Trả lời công dân",
        actor=Actor(kind=ActorKind.SYSTEM, name="portal", key_id=KeyId("k1")),
    )


def a_context():
    return context_of(
        secrets={"env:USER": "sample", "env:PASS": "sample-only"},
        mappings={
            "dossier_in": ANSWER,
            "optional_in": ANSWER.replace("required = true", ""),
            "question": QUESTION,
        },
        directory=ROOT / "config",
    )


class Door:
    """The partner's login: gives a new session on every call."""

    logins = 0

    async def __call__(self, seen):
        if not seen.path.startswith("/mapi/login"):
            return None
        self.logins += 1
        return Says.json({"error_code": "0", "session": f"s{self.logins}"})


@asynccontextmanager
async def talking(*script, text=NATIONAL):
    async with LoopbackPartner(*script, aside=Door()) as partner:
        table = tomllib.loads(text) | {"endpoint": {"sandbox": partner.address}}
        async with opened(build(msgspec.convert(table, SystemConfig), a_context())) as adapter:
            yield adapter, partner


async def asked(*script, text=NATIONAL, query=None):
    async with talking(*script, text=text) as (adapter, partner):
        return await adapter.query(query or a_query(), deadline=5.0), partner.seen


async def test_a_dossier_is_asked_for_by_code_in_the_national_dialect():
    """Session in the body, officer in a header; our answer in canonical names; no idempotency key for a question."""
    answer, (_, call) = await asked(Says.json(FOUND))
    assert isinstance(answer, Found)
    assert json.loads(answer.document.body) == {"code": CODE, "status": 4, "due_on": "2026-03-10T17:00:00+07:00"}
    assert call.path == "/mapi/g?dstcode=VN:GOV:sample"
    assert call.json == {"service": "TraCuuHoSo", "mahoso": CODE, "madonvi": "G22", "session": "s1"}
    assert call.headers["X-Officer"] == "CB-07"
    assert "Idempotency-Key" not in call.headers


@pytest.mark.parametrize(
    ("says", "kind", "why"),
    [
        (Says.json({"error_code": "-1", "message": "Hồ sơ KHÔNG TỒN TẠI"}), Nothing, None),
        (Says.json({"error_code": "-1", "message": "Không được phép"}), Declined, Why.REFUSED_BY_PARTNER),
        (Says.json({"error_code": "7"}), Unanswered, Why.REPLY_UNMATCHED),
        (Says.json({"error_code": "0", "result": []}), Unanswered, Why.REPLY_UNMATCHED),
        (Says(body=b"<html>"), Unanswered, Why.REPLY_UNREADABLE),
        (Says(status=500), Unanswered, Why.SERVER_ERROR),
        (Says(status=404), Unanswered, Why.CLIENT_ERROR),
        (Says(status=429), Unanswered, Why.THROTTLED),
        (Drops(), Unanswered, Why.RESET),
    ],
)
async def test_only_what_a_rule_names_is_an_answer(says, kind, why):
    """G5's rule for questions: a 200 can be a failure, and silence is no «not found»."""
    answer, seen = await asked(says)
    assert isinstance(answer, kind)
    assert (answer.reason.code if why else None) is why
    assert len(seen) == 2


async def test_what_is_no_document_is_no_empty_answer():
    """Where a rule looks at the status only, and the answer's mapping insists on nothing."""
    text = NATIONAL.replace('path = "result[0].MaHoSo"\nthen', "http = [200]\nthen").replace(
        "dossier_in", "optional_in"
    )
    answer, _ = await asked(Says(body="Hệ thống bận".encode()), text=text)
    assert isinstance(answer, Unanswered)
    assert answer.reason.code is Why.REPLY_UNREADABLE


async def test_an_expired_session_is_replaced_once():
    """As for a send; nothing else is repeated."""
    expired = Says.json({"error_code": "-2"})
    answer, seen = await asked(expired, Says.json(FOUND))
    assert isinstance(answer, Found)
    assert [one.json.get("session") for one in seen] == [None, "s1", None, "s2"]
    answer, seen = await asked(expired)
    assert isinstance(answer, Unanswered)
    assert answer.reason.code is Why.CREDENTIALS
    assert len(seen) == 4


async def test_a_question_that_cannot_be_written_is_not_sent():
    """What a template refers to is missing: nobody is asked something else."""
    answer, seen = await asked(Says.json(FOUND), query=a_query(scheme="national"))
    assert answer.reason.code is Why.CANNOT_RENDER
    assert seen == []
    answer, _ = await asked(Says.json(FOUND), query=a_query("nothing"))
    assert answer == Unanswered(reason=answer.reason)
    assert answer.reason.code is Why.NO_OPERATION


async def test_a_register_is_asked_over_soap():
    """The request from a mapping of the question; without a mapping of the answer, the reply's own fields."""
    yes, no = (Says(body=ENVELOPE.format(_namespace(), word).encode(), headers=XML) for word in ("true", "false"))
    answer, (call,) = await asked(yes, text=SOAP, query=a_query("receipt"))
    assert isinstance(answer, Found)
    assert json.loads(answer.document.body)["tonTai"] is True
    assert CODE.encode() in call.body
    assert b"0195-query-1" in call.body
    answer, _ = await asked(no, text=SOAP, query=a_query("receipt"))
    assert isinstance(answer, Nothing)


def _namespace():
    text = (ROOT / "config/wsdl/business_registry.wsdl").read_text(encoding="utf-8")
    return text.split('<xs:schema targetNamespace="')[1].split('"')[0]


async def test_a_form_says_what_can_be_asked():
    """The door checks a question by it before anything is kept."""
    async with talking(Says.json(FOUND)) as (adapter, _):
        (form,) = adapter.queries().values()
        assert [(one.name, one.required, one.longest) for one in form.fields] == [
            ("code", True, 100),
            ("scheme", False, 100),
        ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('then = "found"', 'then = "delivered"', "options.queries.dossier.outcomes[0]"),
        ('then = "found"', 'then = "none"', "no reply is an answer"),
        ("{request.code}", "{dossier.code}", "options.queries.dossier"),
        ('answer = "dossier_in"', 'answer = "missing"', "no mapping `missing`"),
        ("'[A-Z]\\d{2}.*'", "'['", "is no regular expression"),
        ("[options.queries.dossier.request.scheme]", "[options.queries.dossier.request.Scheme]", "is no name"),
        ('answer = "dossier_in"', 'codes = { unit = "x" }', "belong to an operation"),
        ('answer = "dossier_in"', 'answr = "dossier_in"', "answr"),
        ('path = "message"\ncontains = ["không tồn tại"]', "empty = true", "`empty` needs a `path`"),
        ('path = "/mapi/g"', 'path = "mapi/g"', "a path starts with /"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(old, new, problem):
    """Before a port is opened."""
    assert old in NATIONAL
    table = tomllib.loads(NATIONAL.replace(old, new)) | {"endpoint": {"sandbox": "http://127.0.0.1:9"}}
    with pytest.raises(ConfigError) as caught:
        build(msgspec.convert(table, SystemConfig), a_context())
    assert problem in str(caught.value)


def test_a_system_that_is_neither_sent_nor_asked_anything_is_a_mistake():
    """A forgotten table."""
    table = tomllib.loads('id = "x1"\nrole = "system"\nadapter = "rest"\nname = { vi = "X" }\n[options]\n')
    table["endpoint"] = {"sandbox": "http://127.0.0.1:9"}
    with pytest.raises(ConfigError, match=r"options\.queries"):
        build(msgspec.convert(table, SystemConfig), a_context())
