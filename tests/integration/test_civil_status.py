"""Civil status with its shipped file and mappings: what leaves, how replies are read, and every golden exchange."""

import base64
import json
import tomllib
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.message import Payload, Snapshot
from gateway.core.outcome import Ambiguous, Delivered, Rejected, Retryable
from gateway.core.reason import Why
from gateway.sdk import Context, build
from gateway.testing.adapter_contract import AdapterContract
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets
from tests.adapters import opened

ROOT = Path(__file__).parents[2]
EXCHANGES = sorted((ROOT / "adapters" / "civil_status" / "exchanges").glob("*.json"))
SYSTEM = tomllib.loads((ROOT / "config" / "systems" / "civil_status.toml").read_text())
MAPPINGS = {
    f"civil_status/{file.stem}": tomllib.loads(file.read_text())
    for file in (ROOT / "config" / "mappings" / "civil_status").glob("*.toml")
}
SECRETS = {
    "env:CIVIL_STATUS_KEY": "sample",
    "env:CIVIL_STATUS_SECRET": "sample-only",
    "env:ACCESS": "a",
    "env:LGSP": "s",
}
TIME = 5.0
GOOD = {"status": "1", "statusDescription": "Thành công"}
BIRTH = {"nksHoTen": "Lò Thị Mẫu", "nksGioiTinh": "2", "nksNgaySinh": "2026-02-20", "meHoTen": "Quàng Thị Mẫu"}


class Lgsp:
    """Gives a new token on every call."""

    def __init__(self, *, expires_in=3600, says=None):
        self.expires_in = expires_in
        self.says = says
        self.seen = []

    async def __call__(self, seen):
        if not seen.path.startswith("/token"):
            return None
        self.seen.append(seen)
        granted = {"access_token": f"t{len(self.seen)}", "token_type": "Bearer", "expires_in": self.expires_in}
        return self.says or Says.json({**granted, "scope": "default"})


def a_system(address, **options):
    table = {**SYSTEM, "endpoint": {"sandbox": address}, "options": {**SYSTEM["options"], **options}}
    table["secrets"] = {**SYSTEM["secrets"], "access": "env:ACCESS", "lgsp": "env:LGSP"}
    return msgspec.convert(table, SystemConfig)


def a_context(clock, blobs=None):
    return Context(
        clock=clock,
        secrets=FakeSecrets(SECRETS),
        blobs=blobs or MemoryBlobs(),
        mappings=MAPPINGS,
        directory=ROOT / "config",
    )


def a_dossier(procedure="1.001193", form=BIRTH, **changes):
    return {
        "code": "H52.11-260302-0001",
        "procedure": {"code": procedure},
        "registration_unit": {"code": "H52.11"},
        "owner": {"name": {"whole": "Quàng Thị Mẫu"}, "identities": [{"number": "014000000001"}]},
        "form": {"media_type": "application/json", "data": json.dumps(form)},
        "received_at": "2026-03-02T08:00:00+07:00",
        **changes,
    }


def registration(dossier=None, kind="dossier.submitted", blobs=(), **changes):
    document = Payload(body=json.dumps(dossier or a_dossier()).encode(), media_type="application/json")
    snapshot = Snapshot(dossier_id="d-1", revision=1, document=document)
    return a_delivery(a_message(kind, blobs=blobs), dossier=snapshot, destination="civil_status", **changes)


@asynccontextmanager
async def talking(*script, door=None, blobs=None, **options):
    clock = FakeClock()
    async with (
        LoopbackPartner(*script, aside=door or Lgsp()) as partner,
        opened(a_system(partner.address, **options), a_context(clock, blobs)) as adapter,
    ):
        yield adapter, partner, clock


async def sent(*script, delivery=None, **options):
    async with talking(*script, **options) as (adapter, partner, clock):
        outcome = await adapter.send(delivery or registration(), deadline=clock.monotonic() + TIME)
        return outcome, [one for one in partner.seen if not one.path.startswith("/token")]


def operations(**changes):
    return {"dossier.submitted": {**SYSTEM["options"]["operations"]["dossier.submitted"], **changes}}


class TestCivilStatusContract(AdapterContract):
    """The adapter keeps what every adapter keeps."""

    def build(self, address, clock):
        return build(a_system(address), a_context(clock))

    def delivery(self):
        return registration()

    def accepted(self):
        return Says.json(GOOD)

    async def aside(self, seen):
        return await Lgsp()(seen)


async def test_a_registration_leaves_in_the_newer_form():
    """Module by procedure, the form as a text of JSON inside the JSON, dates as this operation writes them."""
    outcome, (seen,) = await sent(Says.json(GOOD))
    assert isinstance(outcome, Delivered)
    assert seen.path == "/hotich/1.0/dangKyHoTich"
    assert seen.headers["Authorization"] == "Bearer t1"
    body = seen.json
    data = json.loads(body.pop("data"))
    assert body == {
        "maDonVi": "H52.11",
        "module": "KS",
        "maHoSoMCDT": "H52.11-260302-0001",
        "ngayTiepNhan": "02/03/2026 08:00:00",
    }
    assert data == {
        "nksHoTen": "Lò Thị Mẫu",
        "nksGioiTinh": "2",
        "nksNgaySinh": "20/02/2026",
        "meHoTen": "Quàng Thị Mẫu",
        "nycHoTen": "Quàng Thị Mẫu",
        "nycSoDDCN": "014000000001",
    }


async def test_a_registration_leaves_in_the_older_form():
    """The form as a text of XML, escaped, with its own date format."""
    form = {**BIRTH, "nksHoTen": "Lò & <Mẫu>", "nksNoiSinh": {"maTinh": "14", "quocGia": "VN"}}
    _, (seen,) = await sent(
        Says.json(GOOD),
        delivery=registration(a_dossier(form=form)),
        operations=operations(form="xml", mapping="civil_status/registration_xml"),
    )
    assert seen.json["maHoSo"] == "H52.11-260302-0001"
    assert seen.json["ngayTiepNhan"] == "2026-03-02"
    assert seen.json["data"] == (
        "<hotich><hoso><nksHoTen>Lò &amp; &lt;Mẫu&gt;</nksHoTen><nksGioiTinh>2</nksGioiTinh>"
        "<nksNgaySinh>2026-02-20</nksNgaySinh><nksNoiSinh><maTinh>14</maTinh><quocGia>VN</quocGia></nksNoiSinh>"
        "<meHoTen>Quàng Thị Mẫu</meHoTen><nycHoTen>Quàng Thị Mẫu</nycHoTen><nycSoDDCN>014000000001</nycSoDDCN>"
        "</hoso></hotich>"
    )


@pytest.mark.parametrize(
    ("procedure", "module", "path"),
    [
        ("1.000656", "KT", "/hotich/1.0/dangKyHoTich"),
        ("2.000635", "BS", "/hotich/1.0/dangKyHoTich"),
        ("2.002621", "LTKS", "/apiLienThongKSKT/1.0/nhanHoSoDKHT"),
    ],
)
async def test_the_procedure_decides_module_and_address(procedure, module, path):
    _, (seen,) = await sent(Says.json(GOOD), delivery=registration(a_dossier(procedure)))
    assert (seen.json["module"], seen.path) == (module, path)


@pytest.mark.parametrize("module", ["LTKT", "LTKH"])
async def test_the_other_joint_modules_have_the_joint_address_too(module):
    """Seen: LTKS, LTKT and LTKH; which procedures of a province they are is for its file to say."""
    modules = {**SYSTEM["options"]["modules"], "2.009999": module}
    _, (seen,) = await sent(Says.json(GOOD), delivery=registration(a_dossier("2.009999")), modules=modules)
    assert (seen.json["module"], seen.path) == (module, "/apiLienThongKSKT/1.0/nhanHoSoDKHT")


async def test_a_procedure_without_a_module_is_refused_before_anything_leaves():
    outcome, seen = await sent(Says.json(GOOD), delivery=registration(a_dossier("1.999999")))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.CANNOT_RENDER
    assert "options.modules" in outcome.reason.detail
    assert seen == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Lò Thị Bích Mẫu", {"Ho": "Lò", "ChuDem": "Thị Bích", "Ten": "Mẫu"}),
        ("Lò Mẫu", {"Ho": "Lò", "ChuDem": "", "Ten": "Mẫu"}),
        ("Mẫu", {"Ho": "", "ChuDem": "", "Ten": "Mẫu"}),
    ],
)
async def test_names_and_dates_leave_in_their_parts_where_the_file_says_so(name, parts):
    """A date known only in part (năm sinh) can be said only so."""
    mapping = {"version": "1", "row": [{"to": "data", "from": "form", "as": "raw"}]}
    form = {"nktHoTen": name, "nktNgaySinh": "1958"}
    MAPPINGS["civil_status/raw"] = mapping
    try:
        _, (seen,) = await sent(
            Says.json(GOOD),
            delivery=registration(a_dossier("1.000656", form)),
            operations=operations(mapping="civil_status/raw", split_names=["nktHoTen"], split_dates=["nktNgaySinh"]),
        )
    finally:
        del MAPPINGS["civil_status/raw"]
    data = json.loads(seen.json["data"])
    assert data == {"nktHoTen": parts, "nktNgaySinh": {"ngaySinh": "", "thangSinh": "", "namSinh": "1958"}}


async def test_files_leave_as_base64_inside_the_registration():
    """Every byte arrives, the length was announced exactly, and the same bytes leave on every try (G8)."""
    blobs = MemoryBlobs()
    contents = [b"", b"a", b"ab", b"abc" * 50_000 + b"d"]
    files = tuple(blobs.hold(data, name=f"Giấy {size}.pdf") for size, data in enumerate(contents))
    outcome, (seen,) = await sent(Says.json(GOOD), delivery=registration(blobs=files), blobs=blobs)
    again, (twice,) = await sent(Says.json(GOOD), delivery=registration(blobs=files), blobs=blobs)
    assert isinstance(outcome, Delivered)
    assert [base64.b64decode(file["duLieuTepDinhKem"]) for file in seen.json["fileDinhKem"]] == contents
    assert seen.json["fileDinhKem"][1]["tenTepDinhKem"] == "Giấy 1.pdf"
    assert int(seen.headers["Content-Length"]) == len(seen.body)
    assert seen.body == twice.body
    assert outcome.trace.request_digest == again.trace.request_digest != ""


async def test_a_file_that_changed_on_disk_never_leaves():
    """G8: what leaves is what was accepted; it is proved before the first byte, or half of it would be in doubt."""
    blobs = MemoryBlobs()
    file = blobs.hold(b"the birth certificate", name="a.pdf")
    blobs.objects[file.key] = b"the birth certificatE"
    outcome, seen = await sent(Says.json(GOOD), delivery=registration(blobs=(file,)), blobs=blobs)
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.FILE_MISSING
    assert seen == []


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
async def test_every_golden_exchange_ends_as_it_says(file):
    exchange = json.loads(file.read_text(encoding="utf-8"))
    reply = exchange["reply"]
    body = reply["body"] if isinstance(reply["body"], str) else json.dumps(reply["body"], ensure_ascii=False)
    says = Says(status=reply["http"], body=body.encode(), headers=reply.get("headers", {}))
    kind = exchange.get("kind", "dossier.submitted")
    delivery = registration(a_dossier(exchange["procedure"], exchange["form"]), kind)
    if exchange.get("in_doubt"):
        delivery = replace(delivery, in_doubt_since=delivery.due_at)
    outcome, seen = await sent(*(Drops() if reply["http"] == 0 else says,), delivery=delivery)
    assert type(outcome).__name__.lower() == exchange["outcome"]
    if exchange.get("reason"):
        assert outcome.reason.code == exchange["reason"]
    assert seen[0].path == exchange["path"]
    assert seen[0].json == exchange["request"]


async def test_the_words_of_a_refusal_are_kept():
    says = {"status": "0", "errorCode": "01", "errorDescription": "Trường nksHoTen có độ dài vượt quá 100 ký tự"}
    outcome, _ = await sent(Says.json(says))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.REFUSED_BY_PARTNER
    assert outcome.reason.detail == "Trường nksHoTen có độ dài vượt quá 100 ký tự"


async def test_what_it_has_already_is_delivered_only_in_doubt():
    """Model rule 6: «đã được tiếp nhận» to what was surely never sent is for a person."""
    says = {"status": "0", "errorDescription": "Hồ sơ đã được tiếp nhận"}
    first, _ = await sent(Says.json(says))
    assert isinstance(first, Rejected)
    assert first.holds
    delivery = registration()
    again, _ = await sent(Says.json(says), delivery=replace(delivery, in_doubt_since=delivery.due_at))
    assert isinstance(again, Delivered)


async def test_a_failure_without_known_words_is_in_doubt():
    """G5: the same `status` "0" may come after the commit."""
    outcome, _ = await sent(Says.json({"status": "0", "errorCode": "99", "errorDescription": "Lỗi hệ thống"}))
    assert isinstance(outcome, Ambiguous)


async def test_the_token_is_asked_for_once_and_once_more_when_it_is_refused():
    door = Lgsp()
    script = (Says.json({"fault": {"code": 900901}}, status=401), Says.json(GOOD))
    async with talking(*script, door=door) as (adapter, partner, clock):
        for _ in range(3):
            outcome = await adapter.send(registration(), deadline=clock.monotonic() + TIME)
            assert isinstance(outcome, Delivered)
    login = door.seen[0]
    assert len(door.seen) == 2
    assert login.body == b"grant_type=client_credentials"
    assert login.headers["Authorization"] == "Basic " + base64.b64encode(b"sample:sample-only").decode()
    assert [one.headers["Authorization"] for one in partner.seen if one.path != "/token"][1:] == ["Bearer t2"] * 3


async def test_a_token_is_not_used_to_the_end_of_its_time():
    door = Lgsp(expires_in=100)
    async with talking(Says.json(GOOD), door=door) as (adapter, _, clock):
        for _ in range(3):
            await adapter.send(registration(), deadline=clock.monotonic() + TIME)
            clock.advance(60)
    assert len(door.seen) == 2


async def test_id_and_secret_may_go_in_the_form_and_a_header_along_with_every_request():
    access = {"AccessKey": "{secret:access}", "SecretKey": "{secret:lgsp}", "AppName": "mot-cua"}
    auth = {**SYSTEM["options"]["auth"], "shown": "form", "lgspaccesstoken": access}
    door = Lgsp()
    _, (seen,) = await sent(Says.json(GOOD), door=door, auth=auth)
    (login,) = door.seen
    assert login.body == b"grant_type=client_credentials&client_id=sample&client_secret=sample-only"
    assert "Authorization" not in login.headers
    for one in (login, seen):
        held = json.loads(base64.b64decode(one.headers["lgspaccesstoken"]))
        assert held == {"AccessKey": "a", "SecretKey": "s", "AppName": "mot-cua"}


async def test_a_refused_login_is_never_the_dossiers_fault():
    outcome, seen = await sent(Says.json(GOOD), door=Lgsp(says=Says(status=401)))
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.CREDENTIALS
    assert seen == []


def test_a_login_that_names_a_missing_secret_is_a_problem_of_the_file():
    auth = {**SYSTEM["options"]["auth"], "lgspaccesstoken": {"AccessKey": "{secret:nobody}"}}
    with pytest.raises(ConfigError, match="nobody"):
        build(a_system("http://127.0.0.1:9", auth=auth), a_context(FakeClock()))
