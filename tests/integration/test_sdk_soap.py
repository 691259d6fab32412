"""The SOAP adapter against a server made of the same WSDL, and against faults of every shape."""

import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.core.outcome import Absent, Ambiguous, Delivered, Rejected, Retryable, Shadowed, Unknown
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.adapter_contract import AdapterContract
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion
from gateway.wire.zeep_codec import load_wsdl
from tests.adapters import context_of, opened, system_of
from tests.soap_service import read_request, write_fault, write_reply

WSDL = Path(__file__).parents[1] / "samples" / "soap" / "dossiers.wsdl"
SYSTEM = """
id = "business_registry"
role = "system"
adapter = "soap"
name = { vi = "Đăng ký kinh doanh" }
doubt = { "dossier.*" = { doubt = "lookup" } }
[options]
wsdl = "sample.wsdl"
words = ["maLoi", "fault.reason"]
[options.operations."dossier.submitted"]
operation = "gui"
mapping = "dossier"
codes = { receipt = "soBienNhan" }
[options.operations."dossier.submitted".lookup]
operation = "hoi"
mapping = "question"
found = [{ path = "co", equals = [true] }]
absent = [{ path = "co", equals = ["false"] }]
[[options.outcomes]]
path = "maLoi"
equals = ["00"]
then = "delivered"
[[options.outcomes]]
path = "maLoi"
equals = ["01"]
then = "reject"
[[options.outcomes]]
http = ["2xx", "4xx", "5xx"]
path = "fault.reason"
contains = ["thiếu trường"]
then = "reject"
"""
MAPPING = """
version = "1"
[[row]]
to = "giaoDich"
from = "delivery.id"
[[row]]
to = "maHoSo"
from = "code:province"
[[row]]
to = "tep[]"
each = "files"
rows = [{ to = "ten", from = "item.name" }, { to = "noiDung", from = "item.content" }]
"""
QUESTION = 'version = "1"\n[[row]]\nto = "giaoDich"\nfrom = "delivery.id"'
TIME = 5.0
V11 = SoapVersion.V11


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A configuration directory with the sample WSDL."""
    path = tmp_path_factory.mktemp("config")
    shutil.copy(WSDL, path / "sample.wsdl")
    return path


@pytest.fixture(scope="module")
def wsdl(folder):
    return load_wsdl(folder / "sample.wsdl")


@pytest.fixture(scope="module")
def conversation(folder, wsdl):
    return folder, wsdl


def a_system(address, text=SYSTEM):
    return system_of(text, f"{address}/ws")


def a_context(folder, blobs=None, clock=None):
    mappings = {"dossier": MAPPING, "question": QUESTION}
    return context_of(clock=clock, blobs=blobs, mappings=mappings, directory=folder)


def xml(body, status=200):
    return Says(status=status, body=body, headers={"Content-Type": "text/xml; charset=utf-8"})


@asynccontextmanager
async def talking(folder, *script, blobs=None):
    async with (
        LoopbackPartner(*script) as partner,
        opened(a_system(partner.address), a_context(folder, blobs)) as adapter,
    ):
        yield adapter, partner


async def sent(folder, *script, delivery=None, blobs=None):
    async with talking(folder, *script, blobs=blobs) as (adapter, partner):
        return await adapter.send(delivery or a_delivery(), deadline=TIME), partner.seen


class TestSoapContract(AdapterContract):
    """The SOAP adapter keeps what every adapter keeps."""

    @pytest.fixture(autouse=True)
    def _files(self, folder, wsdl):
        self.folder, self.wsdl = folder, wsdl

    def build(self, address, clock):
        return build(a_system(address), a_context(self.folder, clock=clock))

    def delivery(self):
        return a_delivery()

    def accepted(self):
        return xml(write_reply(self.wsdl, "gui", V11, {"maLoi": "00", "soBienNhan": "BN-1"}))


async def test_speaks_the_partners_own_wsdl(folder, wsdl):
    """The server reads what the WSDL declares; codes come from the reply."""
    reply = xml(write_reply(wsdl, "gui", V11, {"maLoi": "00", "soBienNhan": "BN-1"}))
    outcome, seen = await sent(folder, reply)
    assert isinstance(outcome, Delivered)
    assert dict(outcome.codes) == {"receipt": "BN-1"}
    assert seen[0].path == "/ws"
    assert seen[0].headers["SOAPAction"] == '"urn:sample:1/gui"'
    call = read_request(wsdl, seen[0].body, seen[0].headers["Content-Type"])
    assert (call.operation, call.values) == ("gui", {"giaoDich": "0195-delivery-1", "maHoSo": CODE})


async def test_files_travel_as_base64_binary(folder, wsdl):
    """The bytes arrive as they were stored."""
    blobs = MemoryBlobs()
    content = b"\r\n%PDF\n" * 50_000
    delivery = a_delivery(a_message(blobs=(blobs.hold(content, name="đơn.pdf"),)))
    reply = xml(write_reply(wsdl, "gui", V11, {"maLoi": "00"}))
    outcome, seen = await sent(folder, reply, delivery=delivery, blobs=blobs)
    assert isinstance(outcome, Delivered)
    call = read_request(wsdl, seen[0].body, seen[0].headers["Content-Type"])
    assert call.values["tep"] == [{"ten": "đơn.pdf", "noiDung": content}]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("code", "reason", "means"),
    [
        (FaultCode.CLIENT, "Thiếu trường maTTHC", (Rejected, Why.REFUSED_BY_PARTNER)),
        (FaultCode.CLIENT, "bad request", (Retryable, Why.CLIENT_ERROR)),
        (FaultCode.MUST_UNDERSTAND, "header", (Retryable, Why.CLIENT_ERROR)),
    ],
)
async def test_a_fault_is_read_under_any_status(conversation, status, code, reason, means):
    """Stacks send faults with 200, 400 and 500 alike: the body decides."""
    folder, _ = conversation
    fault = write_fault(V11, SoapProblem(code, vi=reason, en=reason))
    outcome, _ = await sent(folder, xml(fault, status))
    assert (type(outcome), outcome.reason.code) == means
    assert outcome.reason.detail == reason


async def test_a_server_fault_may_have_had_its_effect(folder):
    """G5: it is no yes and no no."""
    fault = write_fault(V11, SoapProblem(FaultCode.SERVER, vi="lỗi hệ thống", en="error"))
    outcome, _ = await sent(folder, xml(fault, 500))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.SERVER_ERROR


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Maintenance</body></html>",
        b'{"maLoi": "00"}',
        b'<!DOCTYPE x [<!ENTITY a "00">]><x>&a;</x>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><maLoi>00</maLoi></s:Body></s:Envelope>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    ],
)
async def test_a_200_that_is_not_the_wsdls_reply_is_ambiguous(folder, body):
    """G5: what cannot be read is no yes."""
    outcome, _ = await sent(folder, xml(body))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNREADABLE


async def test_codes_in_the_reply_are_judged_by_the_rules(folder, wsdl):
    """An error inside a good envelope."""
    outcome, _ = await sent(folder, xml(write_reply(wsdl, "gui", V11, {"maLoi": "01"})))
    assert isinstance(outcome, Rejected)
    outcome, _ = await sent(folder, xml(write_reply(wsdl, "gui", V11, {"maLoi": "77"})))
    assert isinstance(outcome, Ambiguous)


async def test_a_lookup_asks_another_operation(folder, wsdl):
    """G4: yes, no, and everything else."""
    yes, no = (xml(write_reply(wsdl, "hoi", V11, {"co": value})) for value in (True, False))
    found = []
    for says in (yes, no, Drops(), Says(status=503, headers={"Retry-After": "4"})):
        async with talking(folder, says) as (adapter, _):
            found.append(type(await adapter.lookup(a_delivery(), deadline=TIME)))
    assert found == [Delivered, Absent, Unknown, Unknown]


async def test_what_breaks_the_wsdl_is_rejected_without_a_call(folder):
    """The partner's own types are the gate; the field is named."""
    unnamed = a_delivery(replace(a_message(), codes=()), codes={})
    async with talking(folder, Drops()) as (adapter, partner):
        rehearsed = await adapter.rehearse(a_delivery())
        outcome = await adapter.rehearse(unnamed)
    assert isinstance(rehearsed, Shadowed)
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.CANNOT_RENDER
    assert partner.seen == []


async def test_an_operation_that_the_wsdl_lacks_is_named_at_the_start(folder):
    """Fail before the first dossier, with what there is."""
    config = a_system("http://127.0.0.1:9", SYSTEM.replace('operation = "hoi"', 'operation = "hoii"'))
    adapter = build(config, a_context(folder))
    with pytest.raises(ConfigError, match="hoii"):
        await adapter.open()


def test_a_wsdl_outside_the_configuration_is_refused(folder):
    """Paths lead nowhere else."""
    config = a_system("http://127.0.0.1:9", SYSTEM.replace("sample.wsdl", "../sample.wsdl"))
    with pytest.raises(ConfigError, match=r"options\.wsdl"):
        build(config, a_context(folder))
