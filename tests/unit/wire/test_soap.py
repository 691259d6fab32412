"""Envelopes of both versions, and the faults that answer bad ones."""

import pytest
from lxml import etree

from gateway.wire.content_type import ContentType
from gateway.wire.soap import (
    FaultCode,
    SoapProblem,
    SoapVersion,
    envelope_of,
    fault_of,
    open_envelope,
    parse_envelope,
)
from gateway.wire.soap_fault import parse_fault
from gateway.wire.xml import parse, to_bytes

NS = {version: version.namespace for version in SoapVersion}
BOTH = pytest.mark.parametrize("version", list(SoapVersion))


def envelope(version, body="<x xmlns='urn:x'/>", header=""):
    return f"<s:Envelope xmlns:s='{version.namespace}'>{header}<s:Body>{body}</s:Body></s:Envelope>".encode()


def read_envelope(data, content_type=None, understood=()):
    return open_envelope(parse_envelope(data, content_type), content_type, understood=understood)


@BOTH
def test_reads_version_headers_and_body(version):
    """The envelope taken apart."""
    header = "<s:Header><h xmlns='urn:h'/><i/></s:Header>"
    read = read_envelope(envelope(version, header=header), version.content_type("urn:act"))
    assert read.version is version
    assert [block.tag for block in read.headers] == ["{urn:h}h", "i"]
    assert read.body.tag == "{urn:x}x"
    assert read.action == ("urn:act" if version is SoapVersion.V12 else None)


@BOTH
@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain; charset=utf-8"])
def test_refuses_an_envelope_under_a_foreign_type(version, content_type):
    """The type and the envelope must agree; one that is of no version at all is no question of versions."""
    with pytest.raises(SoapProblem) as refused:
        read_envelope(envelope(version), content_type)
    assert refused.value.code is FaultCode.CLIENT


def test_refuses_one_version_under_the_type_of_the_other():
    """SOAP 1.1 in application/soap+xml is neither."""
    with pytest.raises(SoapProblem) as refused:
        read_envelope(envelope(SoapVersion.V11), SoapVersion.V12.content_type())
    assert refused.value.code is FaultCode.VERSION_MISMATCH


@pytest.mark.parametrize("data", [b"<Envelope/>", b"<s:Envelope xmlns:s='http://www.w3.org/2001/06/soap-envelope'/>"])
def test_refuses_an_unknown_version(data):
    """An envelope of another namespace."""
    with pytest.raises(SoapProblem) as refused:
        read_envelope(data)
    assert refused.value.code is FaultCode.VERSION_MISMATCH


@BOTH
@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<s:Body/>",
        "<s:Body><a/><b/></s:Body>",
        "<s:Body><a/></s:Body><s:Body><a/></s:Body>",
        "<s:Body><a/></s:Body><s:Header/>",
        "<s:Header/><s:Header/><s:Body><a/></s:Body>",
        "<s:Body><a/></s:Body><c/>",
    ],
)
def test_refuses_a_strange_structure(version, inner):
    """One header at most, one body, one child."""
    data = f"<s:Envelope xmlns:s='{version.namespace}'>{inner}</s:Envelope>".encode()
    with pytest.raises(SoapProblem) as refused:
        read_envelope(data)
    assert refused.value.code is FaultCode.CLIENT


@pytest.mark.parametrize("data", [b"<!DOCTYPE a><a/>", b"<a>secret", b"<?x secret?><a/>"])
def test_bad_xml_is_the_clients_fault(data):
    """And the fault repeats nothing of it."""
    with pytest.raises(SoapProblem) as refused:
        read_envelope(data, "text/xml")
    assert refused.value.code is FaultCode.CLIENT
    assert all("secret" not in text for text in refused.value.reasons.values())


def test_reads_the_charset_of_the_header():
    """UTF-8 and UTF-16 are read, whatever else is refused with a remedy."""
    assert read_envelope(envelope(SoapVersion.V11), 'text/xml; charset="UTF-8"').version is SoapVersion.V11
    utf16 = envelope(SoapVersion.V11).decode().encode("utf-16")
    assert read_envelope(utf16, "text/xml; charset=utf-16").version is SoapVersion.V11
    with pytest.raises(SoapProblem, match="UTF-8"):
        read_envelope(envelope(SoapVersion.V11), "text/xml; charset=utf-7")


@BOTH
@pytest.mark.parametrize("must", ["1", "true"])
def test_refuses_a_header_it_must_understand_and_does_not(version, must):
    """Unless the caller says that it does."""
    data = envelope(version, header=f"<s:Header><h xmlns='urn:h' s:mustUnderstand='{must}'/></s:Header>")
    with pytest.raises(SoapProblem) as refused:
        read_envelope(data)
    assert refused.value.code is FaultCode.MUST_UNDERSTAND
    assert read_envelope(data, understood={"{urn:h}h"}).headers


def test_leaves_headers_for_others_alone():
    """A header for another actor binds that actor."""
    header = "<s:Header><h s:mustUnderstand='1' s:actor='urn:somebody'/></s:Header>"
    assert read_envelope(envelope(SoapVersion.V11, header=header)).headers


@BOTH
def test_writes_a_reply_that_it_reads(version):
    """Out and in."""
    child = etree.Element("{urn:x}y")
    child.text = "Hồ sơ"
    assert read_envelope(to_bytes(envelope_of(version, child)), version.content_type()).body.text == "Hồ sơ"


@BOTH
def test_writes_a_fault_that_it_reads(version):
    """Code under its 1.1 name, the Vietnamese text, the detail."""
    detail = etree.Element("{urn:x}why")
    detail.text = "42"
    reasons = {"vi": "Hồ sơ sai.", "en": "Bad dossier."}
    root = parse(to_bytes(fault_of(version, FaultCode.CLIENT, reasons, detail)))
    fault = parse_fault(root)
    assert fault is not None
    assert (fault.code, fault.reason) == ("Client", "Hồ sơ sai.")
    assert fault.detail is not None
    assert fault.detail[0].text == "42"
    if version is SoapVersion.V12:
        texts = root.findall(".//{*}Text")
        assert [text.text for text in texts] == ["Hồ sơ sai.", "Bad dossier."]


V11, V12 = (version.namespace for version in SoapVersion)
FAULTS = {
    "1.1": f"""<s:Envelope xmlns:s='{V11}'><s:Body><s:Fault><faultcode>s:Server.Busy</faultcode>
        <faultstring> late </faultstring><faultactor>urn:a</faultactor><detail><d/></detail></s:Fault></s:Body>
        </s:Envelope>""",
    "1.1 default namespace, children without": f"""<Envelope xmlns='{V11}'><Body><Fault>
        <faultcode xmlns=''>Server.Busy</faultcode><faultstring xmlns=''>late</faultstring>
        <faultactor xmlns=''>urn:a</faultactor><detail xmlns=''><d/></detail></Fault></Body></Envelope>""",
    "1.1 children in the namespace": f"""<Envelope xmlns='{V11}'><Body><Fault><faultcode>Server.Busy</faultcode>
        <faultstring>late</faultstring><faultactor>urn:a</faultactor><detail><d/></detail></Fault></Body></Envelope>""",
    "1.2": f"""<s:Envelope xmlns:s='{V12}'><s:Body><s:Fault><s:Code><s:Value>s:Server.Busy</s:Value></s:Code>
        <s:Reason><s:Text xml:lang='fr'>tard</s:Text><s:Text xml:lang='en-GB'>late</s:Text></s:Reason>
        <s:Role>urn:a</s:Role><s:Detail><d/></s:Detail></s:Fault></s:Body></s:Envelope>""",
    "1.2 shape in 1.1": f"""<s:Envelope xmlns:s='{V11}'><s:Body><s:Fault>
        <s:Code><s:Value>s:Server.Busy</s:Value></s:Code><s:Reason><s:Text>late</s:Text></s:Reason><s:Node>urn:a</s:Node><s:Detail><d/></s:Detail></s:Fault></s:Body>
        </s:Envelope>""",
}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS.keys())
def test_knows_a_fault_by_its_shape(text):
    """Whatever the stack mixed up."""
    fault = parse_fault(parse(text.encode()))
    assert fault is not None
    assert (fault.code, fault.reason, fault.actor) == ("Server.Busy", "late", "urn:a")
    assert fault.detail is not None
    assert len(fault.detail) == 1


def test_reads_codes_and_subcodes_of_12():
    """Sender is Client; subcodes from the outside in."""
    code = """<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:m='urn:m'>m:Duplicate</s:Value>
        <s:Subcode><s:Value>Deeper</s:Value></s:Subcode></s:Subcode></s:Code>"""
    fault = parse_fault(parse(envelope(SoapVersion.V12, body=f"<s:Fault>{code}</s:Fault>")))
    assert fault is not None
    assert (fault.code, fault.subcodes, fault.reason) == ("Client", ("Duplicate", "Deeper"), "")


@pytest.mark.parametrize("data", [b"<a/>", envelope(SoapVersion.V11), b"<html><body>Fault</body></html>"])
def test_sees_no_fault_where_there_is_none(data):
    """A page of a proxy is no fault."""
    assert parse_fault(parse(data)) is None


def test_an_empty_fault_is_still_a_fault():
    """No code, no reason; but surely not a success."""
    fault = parse_fault(parse(envelope(SoapVersion.V11, body="<s:Fault/>")))
    assert fault is not None
    assert (fault.code, fault.reason, fault.detail) == ("", "", None)


@pytest.mark.parametrize(
    ("value", "media_type", "charset", "action"),
    [
        ("text/xml", "text/xml", None, None),
        ('Application/SOAP+XML; charset="UTF-8"; action="urn:a;b"', "application/soap+xml", "utf-8", "urn:a;b"),
        (r'a/b; action="q\"q" ; charset=x; charset=y', "a/b", "x", 'q"q'),
        ("nonsense", "", None, None),
        ("", "", None, None),
        ("text/xml junk", "", None, None),
    ],
)
def test_reads_a_content_type(value, media_type, charset, action):
    """Quoted or not, in any case, however broken."""
    read = ContentType.parse(value)
    assert (read.media_type, read.charset, read.action) == (media_type, charset, action)
