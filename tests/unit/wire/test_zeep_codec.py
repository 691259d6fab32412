"""Plain values to SOAP messages of a WSDL and back, on both sides."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion
from gateway.wire.soap_message import http_headers
from gateway.wire.zeep_codec import (
    CodecError,
    CodecSettings,
    SoapFault,
    WsdlError,
    load_wsdl,
)
from tests.soap_service import fault_detail, read_request, write_fault, write_reply

WSDL = Path(__file__).parent / "wsdl" / "registry.wsdl"
BOTH = pytest.mark.parametrize("version", list(SoapVersion))
DOSSIER = {
    "code": "H1",
    "procedure": "1.001",
    "pages": 3,
    "urgent": True,
    "submitted": datetime(2026, 3, 1, 8, tzinfo=UTC),
    "fee": Decimal("12.50"),
    "file": [{"name": "Đơn.pdf", "content": b"\r\n\0PDF\n", "kind": "form"}, {"name": "b"}],
}


def headers_of(operation):
    return http_headers(operation.version, operation.soap_action)


@pytest.fixture(scope="module")
def wsdl():
    return load_wsdl(WSDL)


def submit(wsdl, **changes):
    return wsdl.operation("submit").write({"dossier": DOSSIER | changes})


def reply(version, body):
    return f"<e:Envelope xmlns:e='{version.namespace}'><e:Body>{body}</e:Body></e:Envelope>".encode()


def test_says_where_and_how_an_operation_is_called(wsdl):
    """Address, action and headers of each version."""
    first, second = (wsdl.operation("submit", version) for version in SoapVersion)
    assert wsdl.operation("submit") is first
    assert (first.address, second.address) == ("http://registry.example/soap", "http://registry.example/soap12")
    assert headers_of(first) == {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"urn:example:service/submit"',
    }
    assert headers_of(second) == {
        "Content-Type": 'application/soap+xml; charset=utf-8; action="urn:example:service/submit"'
    }


def test_names_the_nearest_operation(wsdl):
    """A misspelt operation is the operator's mistake."""
    with pytest.raises(WsdlError, match=r"registry\.wsdl.*'sumbit'.*submit"):
        wsdl.operation("sumbit")
    assert wsdl.operations == ("ping", "submit")


@BOTH
def test_a_request_arrives_as_it_was_meant(wsdl, version):
    """Written on one side, read on the other."""
    operation = wsdl.operation("submit", version)
    call = read_request(wsdl, operation.write({"dossier": DOSSIER}), headers_of(operation)["Content-Type"])
    assert (call.operation, call.version, call.values) == ("submit", version, {"dossier": DOSSIER})


@BOTH
def test_a_reply_arrives_as_it_was_meant(wsdl, version):
    """Absent fields are left out, lists stay lists."""
    data = write_reply(wsdl, "submit", version, {"receipt": "R1", "warning": ["một", "hai"]})
    assert wsdl.operation("submit", version).read(data) == {"receipt": "R1", "warning": ["một", "hai"]}
    assert wsdl.operation("submit").read(data) == {"receipt": "R1", "warning": ["một", "hai"]}


@BOTH
def test_a_single_value_goes_under_a_fixed_name(wsdl, version):
    """A body that is one text, not fields."""
    operation = wsdl.operation("ping", version)
    call = read_request(wsdl, operation.write({"_value_1": "hello"}), None)
    assert (call.operation, call.values) == ("ping", {"_value_1": "hello"})
    assert operation.read(write_reply(wsdl, "ping", version, {"_value_1": 7})) == {"_value_1": 7}


def test_text_stands_for_typed_values(wsdl):
    """Numbers, dates, truth and Base64 may come as the text they have in XML."""
    data = submit(
        wsdl, pages="3", urgent="1", submitted="2026-03-01T08:00:00Z", file=[{"name": "a", "content": "AAE="}]
    )
    dossier = read_request(wsdl, data, None).values["dossier"]
    assert (dossier["pages"], dossier["urgent"], dossier["submitted"]) == (3, True, DOSSIER["submitted"])
    assert dossier["file"] == [{"name": "a", "content": b"\0\1"}]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"code": "secret\x00"}, "submit.dossier.code"),
        ({"code": "secret\ud800"}, "submit.dossier.code"),
        ({"code": "secret" * 9}, "submit.dossier.code"),
        ({"code": {"secret": 1}}, "submit.dossier.code"),
        ({"code": None}, "submit.dossier.code"),
        ({"procedure": "secret"}, "submit.dossier.procedure"),
        ({"pages": "secret"}, "submit.dossier.pages"),
        ({"pages": 2**40}, "submit.dossier.pages"),
        ({"urgent": "secret"}, "submit.dossier.urgent"),
        ({"urgent": 7}, "submit.dossier.urgent"),
        ({"submitted": "secret"}, "submit.dossier.submitted"),
        ({"fee": "secret"}, "submit.dossier.fee"),
        ({"page": 3}, "submit.dossier.page"),
        ({"file": "secret"}, "submit.dossier.file"),
        ({"file": [{"name": "a"}, {"name": "secret\x01"}]}, "submit.dossier.file[1].name"),
        ({"file": [{"name": "a", "content": "secret!"}]}, "submit.dossier.file[0].content"),
    ],
)
def test_names_the_field_that_does_not_fit_and_not_its_value(wsdl, changes, path):
    """What zeep alone would let pass is refused, with the field's path."""
    with pytest.raises(CodecError) as refused:
        submit(wsdl, **changes)
    assert refused.value.path == path
    assert "secret" not in str(refused.value)


def test_names_a_missing_field(wsdl):
    """A required field that is not there."""
    with pytest.raises(CodecError) as refused:
        wsdl.operation("submit").write({"dossier": {"code": "H1"}})
    assert refused.value.path == "submit.dossier.procedure"
    with pytest.raises(CodecError) as refused:
        wsdl.operation("submit").write({})
    assert refused.value.path == "submit.dossier"


def test_cannot_be_told_to_write_headers(wsdl):
    """zeep's own arguments are no fields."""
    with pytest.raises(CodecError, match="no such field"):
        wsdl.operation("submit").write({"dossier": DOSSIER, "_soapheaders": []})


@BOTH
def test_returns_the_fault_of_a_reply(wsdl, version):
    """With the detail that the WSDL declares."""
    problem = SoapProblem(FaultCode.CLIENT, vi="Hồ sơ sai.", en="Bad dossier.")
    data = write_fault(version, problem, fault_detail(wsdl.operation("submit", version), "refused", {"number": 42}))
    fault = wsdl.operation("submit", version).read(data)
    assert isinstance(fault, SoapFault)
    assert (fault.code, fault.reason) == ("Client", "Hồ sơ sai.")
    assert fault.detail is not None
    assert fault.detail.findtext(".//{urn:example:service}number") == "42"


RECEIPT = "<submitResponse xmlns='urn:example:service'><receipt>{}</receipt>{}</submitResponse>"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"", "line 1, column 0"),
        (b"<html><body>502 secret</body></html>", "html"),
        (b"<!DOCTYPE a><a/>", "prologue"),
        (reply(SoapVersion.V11, ""), "Body"),
        (reply(SoapVersion.V11, "<a/><b/>"), "Body"),
        (reply(SoapVersion.V11, "<secretless xmlns='urn:x'/>"), "secretless"),
        (reply(SoapVersion.V11, "<submitResponse xmlns='urn:example:service'/>"), "submitResponse"),
        (reply(SoapVersion.V11, RECEIPT.format("R", "<received>secret</received>")), "submitResponse.received"),
        (
            reply(SoapVersion.V11, RECEIPT.format("R", "<received>2026-03-01T24:00:00Z</received>")),
            "submitResponse.received",
        ),
        (reply(SoapVersion.V11, RECEIPT.format("R", "<other>secret</other>")), "submitResponse.other"),
    ],
)
def test_refuses_a_reply_that_breaks_the_wsdl(wsdl, data, path):
    """A reply that cannot be read says nothing, and no value quietly becomes None."""
    with pytest.raises(CodecError) as refused:
        wsdl.operation("submit").read(data)
    assert refused.value.path == path
    assert "secret " not in str(refused.value)


def test_reads_a_lax_partner_without_losing_values():
    """Replies may be left unvalidated; unreadable values are still errors."""
    operation = load_wsdl(WSDL, settings=CodecSettings(validate_replies=False)).operation("submit")
    late = RECEIPT.format("R", "<warning>w</warning><received>2026-03-01T08:00:00Z</received>")
    with pytest.raises(CodecError):
        operation.read(reply(SoapVersion.V11, late))
    assert operation.read(reply(SoapVersion.V11, RECEIPT.format("", "<warning>w</warning>"))) == {"warning": ["w"]}
    with pytest.raises(CodecError, match="cannot be read"):
        operation.read(reply(SoapVersion.V11, RECEIPT.format("R", "<received>secret</received>")))


def changed(folder, *changes, name="registry.wsdl"):
    for source in WSDL.parent.iterdir():
        text = source.read_text()
        for old, new in changes:
            text = text.replace(old, new)
        (folder / source.name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("dossier_types.xsd", "http://ministry.example/types.xsd"), "ministry.example"),
        (("dossier_types.xsd", "https://127.0.0.1:1/types.xsd"), "127.0.0.1"),
        (("dossier_types.xsd", "file:///etc/hostname"), "outside"),
        (("dossier_types.xsd", "/etc/hostname"), "outside"),
        (("dossier_types.xsd", "../../../../../../etc/hostname"), "outside"),
        (("dossier_types.xsd", "missing.xsd"), "missing.xsd"),
        (('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE a>"), "DOCTYPE"),
        (("<wsdl:types>", "<wsdl:typos>"), "not well-formed"),
        (("xs:decimal", "xs:decimalo"), "registry.wsdl"),
        (('message="s:submitIn"', 'message="s:nothing"'), "registry.wsdl"),
        (("wsdl:binding ", "wsdl:bounding "), "registry.wsdl"),
        (('type="s:Registry"', 'type="s:Other"'), "registry.wsdl"),
    ],
)
def test_refuses_a_wsdl_it_cannot_use_and_names_the_file(tmp_path, change, problem):
    """Nothing is fetched, nothing outside the folder is opened."""
    with pytest.raises(WsdlError, match=problem):
        load_wsdl(changed(tmp_path, change))


def test_refuses_a_wsdl_that_is_not_there(tmp_path):
    """The file is named."""
    with pytest.raises(WsdlError, match=r"nothing\.wsdl"):
        load_wsdl(tmp_path / "nothing.wsdl")


def test_loads_nothing_at_run_time(tmp_path):
    """Once loaded, the files may go; a reply's schemaLocation is not followed."""
    path = changed(tmp_path)
    loaded = load_wsdl(path)
    for file in tmp_path.iterdir():
        file.unlink()
    assert read_request(loaded, submit(loaded), None).operation == "submit"
    hint = """<submitResponse xmlns='urn:example:service' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'
        i:schemaLocation='urn:example:service http://127.0.0.1:1/x.xsd'><receipt>R</receipt></submitResponse>"""
    assert loaded.operation("submit").read(reply(SoapVersion.V11, hint)) == {"receipt": "R"}


def test_an_rpc_binding_works_without_validation(tmp_path):
    """The wrapper of rpc style is not among the types; its fields still go both ways."""
    path = changed(
        tmp_path,
        ('<wsdl:part name="parameters" element="s:ping"/>', '<wsdl:part name="text" type="xs:string"/>'),
        ('<wsdl:part name="parameters" element="s:pong"/>', '<wsdl:part name="number" type="xs:int"/>'),
        ('<soap:operation soapAction="urn:example:service/ping"/>', '<soap:operation style="rpc" soapAction="p"/>'),
        ('<soap12:operation soapAction="urn:example:service/ping"/>', '<soap12:operation style="rpc" soapAction="p"/>'),
    )
    loaded = load_wsdl(path)
    call = read_request(loaded, loaded.operation("ping").write({"text": "x"}), None)
    assert (call.operation, call.values) == ("ping", {"text": "x"})
    assert loaded.operation("ping").read(write_reply(loaded, "ping", SoapVersion.V11, {"number": 7})) == {"number": 7}
