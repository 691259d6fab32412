"""What zeep, lxml and old stacks are known to get wrong, each under its name; none of it may reach a dossier."""

import base64
import threading
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.wire.soap import SoapProblem, SoapVersion
from gateway.wire.soap_message import http_headers
from gateway.wire.xml import XmlError, XmlLimits, parse
from gateway.wire.zeep_codec import CodecError, CodecSettings, SoapFault, WsdlError, load_wsdl
from tests.soap_service import read_request, write_reply

FOLDER = Path(__file__).parent / "wsdl"
V11, V12 = SoapVersion
P = "urn:example:pitfalls"
CALLS = "urn:example:rpc:calls"
XSI = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
MIB = 1024 * 1024


def headers_of(operation):
    return http_headers(operation.version, operation.soap_action)


@pytest.fixture(scope="module")
def wsdl():
    return load_wsdl(FOLDER / "pitfalls.wsdl")


@pytest.fixture(scope="module")
def lax():
    """The same for a partner that does not keep its own WSDL: nothing but our own care stands before zeep."""
    return load_wsdl(FOLDER / "pitfalls.wsdl", settings=CodecSettings(validate_replies=False))


@pytest.fixture(scope="module")
def rpc():
    return load_wsdl(FOLDER / "rpc.wsdl")


def envelope(body, version=V11, header=""):
    header = f"<e:Header>{header}</e:Header>" if header else ""
    return f"<e:Envelope xmlns:e='{version.namespace}'>{header}<e:Body>{body}</e:Body></e:Envelope>".encode()


def told(inner, must="<must>x</must>"):
    return envelope(f"<told xmlns='{P}' {XSI}>{inner}{must}</told>")


def read(wsdl, data, operation="tell"):
    return wsdl.operation(operation).read(data)


LOST = [
    ("<when>yesterday</when>", "told.when"),
    ("<when>2026-03-01T24:00:00Z</when>", "told.when"),
    ("<when>-0044-03-15T12:00:00</when>", "told.when"),
    ("<fee>a lot</fee>", "told.fee"),
    ("<numbers>1 two 3</numbers>", "told.numbers"),
    ("<noted at='yesterday'>1</noted>", "told.noted.at"),
    ("<noted at='2026-03-01T08:00:00Z'>one</noted>", "told.noted"),
    ("<file>AAAA!!!</file>", "told.file"),
    ("<file>AAA</file>", "told.file"),
    ("<base xsi:type='p:Dated' xmlns:p='urn:example:pitfalls'><day>yesterday</day></base>", "told.base.day"),
    ("<base><name xmlns='urn:other'>x</name></base>", "told.base.name"),
    ("<base><name>x</name><unknown>secret</unknown></base>", "told.base.unknown"),
    ("<when xsi:nil='true'>2026-03-01T08:00:00Z</when>", "told.when"),
]


@pytest.mark.parametrize(("inner", "path"), LOST)
def test_silent_none_a_value_that_zeep_cannot_read_is_an_error(wsdl, lax, inner, path):
    """G5: zeep logs it and says None; we name the field, with the types' validation and without, never the value."""
    with pytest.raises(CodecError) as refused:
        read(lax, told(inner))
    assert refused.value.path == path
    with pytest.raises(CodecError) as judged:
        read(wsdl, told(inner))
    assert path.startswith(judged.value.path)
    assert "yesterday" not in f"{refused.value} {judged.value}"


def test_silent_none_is_no_error_where_nothing_is_lost(wsdl, lax):
    """Everything that stands there comes through, by its type."""
    inner = (
        "<when xsi:nil='true'/><fee> 12.50 </fee><numbers>1 2</numbers><noted at='2026-03-01T08:00:00Z'>1.5</noted>"
        "<file>AAAA\nBBBB</file><base xsi:type='p:Dated' xmlns:p='urn:example:pitfalls'><name>n</name>"
        "<day>2026-03-01T08:00:00Z</day></base>"
    )
    day = datetime(2026, 3, 1, 8, tzinfo=UTC)
    for codec in (wsdl, lax):
        assert read(codec, told(inner)) == {
            "fee": Decimal("12.50"),
            "numbers": [1, 2],
            "noted": {"_value_1": Decimal("1.5"), "at": day},
            "file": [base64.b64decode("AAAABBBB")],
            "base": {"name": "n", "day": day},
            "must": "x",
        }


@pytest.mark.parametrize(
    "inner",
    [
        "<kind>letter</kind>",
        "<code>X1</code>",
        "<when></when>",
        "<fee>1</fee><when>2026-03-01T08:00:00Z</when>",
        "<fee xsi:nil='true'/>",
        "<rate>ten</rate>",
        "<base><other>x</other></base>",
        "<numbers>9999999999</numbers>",
        "<base xsi:type='p:Unheard' xmlns:p='urn:example:pitfalls'/>",
        "<fee>" + "9" * 100_000 + "x</fee>",
    ],
)
def test_lenient_types_zeep_lets_them_pass_and_the_schema_does_not(wsdl, inner):
    """Enumerations, patterns, order, nil, unknown types and children, numbers that are none."""
    with pytest.raises(CodecError) as refused:
        read(wsdl, told(inner))
    assert refused.value.path.startswith("told")


def test_missing_required_is_found_on_the_way_in_and_on_the_way_out(wsdl):
    """zeep reads a reply without it."""
    with pytest.raises(CodecError, match="told"):
        read(wsdl, told("<fee>1</fee>", must=""))
    with pytest.raises(CodecError, match=r"tell\.code"):
        wsdl.operation("tell").write({"must": "x", "code": "X1"})


def test_bad_decimals_and_unknown_types_are_not_zeeps_own_errors(lax):
    """InvalidOperation and LookupError would pass every except clause that names zeep's."""
    for inner in (
        "<fee>1,5</fee>",
        "<noted>1,5</noted>",
        "<base xsi:type='p:No' xmlns:p='urn:x'><name>x</name></base>",
    ):
        try:
            read(lax, told(inner))
        except CodecError:
            continue
        assert "base" in inner  # an unknown type is read as the declared one, and nothing of it is lost


def test_fraction_a_time_keeps_its_microseconds_and_no_more(wsdl):
    """zeep cuts what is finer; a time that a partner compares as text must be declared as text."""
    found = read(wsdl, told("<when>2026-03-01T08:00:00.123456789Z</when>"))
    assert found["when"] == datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)


def test_nil_is_written_where_a_value_is_missing_and_must_be_there(wsdl):
    """xsi:nil for what is nillable, read back as nothing at all."""
    data = wsdl.operation("tell").write({"must": None})
    assert b'xsi:nil="true"' in data
    assert read_request(wsdl, data, None).values == {}


def test_any_unknown_children_come_as_text_and_known_ones_by_their_type(wsdl, lax):
    """Neither is lost, and a known one is checked."""
    found = read(wsdl, told("", "<must>x</must><o:other xmlns:o='urn:o'>Đơn</o:other>"))
    assert "Đơn" in str(found["_value_1"])
    assert "7" in str(read(wsdl, told("", "<must>x</must><trace>7</trace>"))["_value_1"])
    for codec in (wsdl, lax):
        with pytest.raises(CodecError, match=r"told\.trace"):
            read(codec, told("", "<must>x</must><trace>seven</trace>"))


def test_control_characters_are_refused_before_they_are_sent(wsdl):
    """lxml raises a ValueError with the value in it; we name the place."""
    for value in ("a\x00b", "a\x0bb", "\ud800", "\ufffe"):
        with pytest.raises(CodecError, match=r"tell\.must: holds a control character"):
            wsdl.operation("tell").write({"must": value})
    with pytest.raises(CodecError, match=r"session\.token: holds a control character"):
        wsdl.operation("tell").write({"must": "x"}, {"session": {"token": "\x00"}})


def test_text_of_more_than_10_mb_is_read_where_the_limit_allows_it():
    """libxml2 stops at 10 million characters: 7 MiB of a file in base64."""
    big = load_wsdl(FOLDER / "pitfalls.wsdl", settings=CodecSettings(limits=XmlLimits(max_bytes=40 * MIB)))
    small = load_wsdl(FOLDER / "pitfalls.wsdl", settings=CodecSettings(limits=XmlLimits(max_bytes=10_000_000)))
    content = bytes(9 * MIB)
    data = told(f"<file>{base64.b64encode(content).decode()}</file>")
    assert read(big, data)["file"] == [content]
    with pytest.raises(CodecError, match="bytes"):
        read(small, data)
    assert (
        content in read_request(big, big.operation("tell").write({"must": "x", "file": [content]}), None).values["file"]
    )


def test_depth_is_limited_even_where_texts_may_be_large():
    """libxml2 then allows 2,048 levels; ours is the limit that counts."""
    limits = XmlLimits(max_bytes=40 * MIB)
    for depth in (101, 2_000, 10_000, 100_000):
        with pytest.raises(XmlError):
            parse(b"<a>" * depth + b"</a>" * depth, limits=limits)


def test_missing_soap_action_is_no_action_called_none(wsdl):
    """zeep writes action="None"; SOAP 1.1 wants the header even where it is empty."""
    assert headers_of(wsdl.operation("note", V12)) == {"Content-Type": "application/soap+xml; charset=utf-8"}
    assert headers_of(wsdl.operation("note", V11))["SOAPAction"] == '""'


def test_headers_are_written_and_read_by_their_elements_names(wsdl):
    """Declared ones only; those of a reply are read where they are there."""
    operation = wsdl.operation("tell")
    data = operation.write({"must": "x"}, {"session": {"token": "t"}})
    assert parse(data).findtext("{*}Header/{*}session/{*}token") == "t"
    assert read_request(wsdl, data, None).headers == {"session": {"token": "t"}}
    reply = parse(envelope(f"<told xmlns='{P}'><must>x</must></told>", header=f"<trace xmlns='{P}'>7</trace><x/>"))
    assert operation.read_headers(reply) == {"trace": 7}
    assert operation.reply_headers == {f"{{{P}}}trace"}
    for headers, path in (
        ({"sesion": {"token": "t"}}, r"sesion: .*declares session"),
        ({"session": {}}, r"session\.token"),
        ({"session": {"tokn": "t"}}, r"session\.tokn"),
    ):
        with pytest.raises(CodecError, match=path):
            operation.write({"must": "x"}, headers)


def test_headers_that_are_declared_may_be_missing(wsdl):
    """node soap and JAX-WS leave them out unless told; so may a partner in its reply."""
    operation = wsdl.operation("tell")
    assert parse(operation.write({"must": "x"})).find("{*}Header") is None
    assert operation.read_headers(parse(told(""))) == {}


def test_headers_of_a_reply_are_checked_like_the_body(wsdl, lax):
    """A value that would be lost is an error here too."""
    reply = parse(envelope("<x/>", header=f"<trace xmlns='{P}'>seven</trace>"))
    for codec in (wsdl, lax):
        with pytest.raises(CodecError, match="trace"):
            codec.operation("tell").read_headers(reply)


def test_one_way_operations_have_no_reply(wsdl):
    """A body that says nothing is a whole answer to them."""
    operation = wsdl.operation("note")
    assert operation.is_one_way
    assert operation.read(envelope("")) == {}


FAULTS = [
    # SOAP 1.1 by the book; unqualified children
    (V11, "<e:Fault><faultcode>e:Server</faultcode><faultstring>r</faultstring><detail>{}</detail></e:Fault>"),
    # a default namespace on the envelope, children taken out of it: zeep sees Fault(None, None) (#1164, #1254)
    (
        V11,
        (
            "<Fault xmlns='{ns}'><faultcode xmlns=''>s:Server</faultcode><faultstring xmlns=''>r</faultstring>"
            "<detail xmlns=''>{}</detail></Fault>"
        ),
    ),
    # SOAP 1.2
    (
        V12,
        (
            "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang='vi'>r</e:Text>"
            "</e:Reason><e:Detail>{}</e:Detail></e:Fault>"
        ),
    ),
    # gSOAP from a WSDL of both versions: the shape of 1.2 in an envelope of 1.1
    (
        V11,
        (
            "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>r</e:Text></e:Reason>"
            "<e:Detail>{}</e:Detail></e:Fault>"
        ),
    ),
    # qualified children of 1.1, as some hand-written servers have them
    (
        V11,
        "<e:Fault><e:faultcode>Server</e:faultcode><e:faultstring>r</e:faultstring><e:detail>{}</e:detail></e:Fault>",
    ),
]


@pytest.mark.parametrize(("version", "text"), FAULTS)
def test_faults_are_known_by_shape_and_their_details_by_name(wsdl, version, text):
    """Whatever the envelope's version and the children's namespaces; the WSDL says what a declared one is called."""
    detail = f"<refusal xmlns='{P}'><number>12</number><field>a</field><field>b</field></refusal>"
    found = read(wsdl, envelope(text.replace("{ns}", version.namespace).replace("{}", detail), version))
    assert isinstance(found, SoapFault)
    assert (found.code, found.reason, found.name) == ("Server", "r", "refused")
    assert found.values() == {"refusal": {"number": "12", "field": ["a", "b"]}}


@pytest.mark.parametrize(
    ("detail", "name", "values"),
    [
        (f"<limit xmlns='{P}'>9</limit>", "limited", {"limit": "9"}),
        ("<limit>9</limit>", "limited", {"limit": "9"}),  # npm soap forgets the namespace,
        ("<e:limit>9</e:limit>", "limited", {"limit": "9"}),  # or writes the envelope's
        ("<limit xmlns='urn:other'>9</limit>", "", {"limit": "9"}),
        ("<error code='E01'>Sai mã</error>", "", {"error": {"code": "E01", "_value_1": "Sai mã"}}),
        ("at line 12", "", "at line 12"),
        ("", "", ""),
    ],
)
def test_faults_that_nobody_declared_are_read_as_they_stand(wsdl, detail, name, values):
    """.NET's ExceptionDetail, PHP's arrays and plain texts."""
    found = read(wsdl, envelope(FAULTS[0][1].format(detail)))
    assert isinstance(found, SoapFault)
    assert (found.name, found.values()) == (name, values)


def test_a_headerfault_and_a_policy_do_not_stand_in_the_way(tmp_path):
    """zeep implements neither; the WSDL is read without them."""
    text = (FOLDER / "pitfalls.wsdl").read_text()
    policy = "<wsp:Policy xmlns:wsp='http://www.w3.org/ns/ws-policy'><wsp:All/></wsp:Policy>"
    header = '<soap:header message="p:heads" part="s" use="literal"/>'
    fault = header.replace("/>", '><soap:headerfault message="p:heads" part="t" use="literal"/></soap:header>')
    path = tmp_path / "p.wsdl"
    path.write_text(text.replace("<wsdl:types>", f"{policy}<wsdl:types>").replace(header, fault))
    assert load_wsdl(path).operation("tell").write({"must": "x"})


def test_rpc_literal_goes_both_ways_with_its_parts_validated(rpc):
    """The wrapper is in no schema, so one is made: named after the operation, its parts without a namespace."""
    operation = rpc.operation("gui")
    data = operation.write({"hoSo": {"code": "H1", "part": [{"code": "p"}]}, "gap": "1"})
    assert [child.tag for child in parse(data).iterfind("{*}Body/*")] == [f"{{{CALLS}}}gui"]
    assert read_request(rpc, data, None).values == {"hoSo": {"code": "H1", "part": [{"code": "p"}]}, "gap": True}
    reply = write_reply(rpc, "gui", V11, {"maLoi": 0, "hoSo": {"code": "H1"}})
    assert [child.tag for child in parse(reply).iterfind("{*}Body/*")] == [f"{{{CALLS}}}guiResponse"]
    assert operation.read(reply) == {"maLoi": 0, "hoSo": {"code": "H1"}}
    with pytest.raises(CodecError) as refused:
        operation.write({"hoSo": {"code": "H1", "pages": "many"}, "gap": True})
    assert refused.value.path == "gui.hoSo.pages"


def test_rpc_literal_messages_without_parts(rpc):
    """An empty wrapper, or none at all: both are whole."""
    operation = rpc.operation("xoa")
    assert read_request(rpc, operation.write({}), None).values == {}
    for body in ("", f"<r:xoaResponse xmlns:r='{CALLS}'/>"):
        assert operation.read(envelope(body)) == {}
    with pytest.raises(CodecError):
        operation.read(envelope("<a><b/></a>"))


def test_rpc_literal_keeps_the_prefixes_that_values_use(rpc):
    """A copy of the part alone would lose them, and xsi:type could not be resolved."""
    body = f"<c:guiResponse xmlns:c='{CALLS}' xmlns:q='urn:example:rpc' {XSI}><maLoi>0</maLoi>"
    body += "<hoSo xsi:type='q:Dossier'><code>H1</code></hoSo></c:guiResponse>"
    assert read(rpc, envelope(body), "gui") == {"maLoi": 0, "hoSo": {"code": "H1"}}


def bomb(levels):
    """Each level refers twice to the next: zeep would expand 2 to the power of the levels."""
    parts = [f"<m id='i{n}'><part href='#i{n + 1}'/><part href='#i{n + 1}'/></m>" for n in range(levels)]
    return "".join(parts) + f"<m id='i{levels}'><code>x</code></m>"


@pytest.mark.parametrize(
    "body",
    [
        f"<c:guiResponse xmlns:c='{CALLS}'><maLoi>0</maLoi><hoSo href='#i0'/></c:guiResponse>{bomb(30)}",
        f"<c:guiResponse xmlns:c='{CALLS}'><maLoi>0</maLoi><hoSo href='#i0'/>{bomb(30)}</c:guiResponse>",
        f"<c:guiResponse xmlns:c='{CALLS}'><maLoi>0</maLoi><hoSo id='s' href='#s'/></c:guiResponse>",
    ],
)
def test_multiref_bombs_are_refused_and_never_expanded(rpc, body):
    """661 bytes become 540 kB and seconds of CPU in zeep; a reference to itself its RecursionError."""
    lax = load_wsdl(FOLDER / "rpc.wsdl", settings=CodecSettings(validate_replies=False))
    tracemalloc.start()
    try:
        with pytest.raises(CodecError):
            read(rpc, envelope(body), "gui")
        assert "hoSo" not in _values_or_nothing(lax, envelope(body))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


def _values_or_nothing(codec, data):
    try:
        return {name for name, value in codec.operation("gui").read(data).items() if value}
    except CodecError:
        return set()


@pytest.mark.parametrize(
    ("file", "old", "new", "operation", "problem"),
    [
        ("rpc.wsdl", 'use="literal"', 'use="encoded"', "gui", "encoded"),
        ("rpc.wsdl", 'type="r:Dossier"/><wsdl:part', 'element="r:D"/><wsdl:part', "gui", "parts that are elements"),
        (
            "pitfalls.wsdl",
            '<wsdl:part name="parameters" element="p:tell"/>',
            '<wsdl:part name="a" element="p:tell"/><wsdl:part name="b" element="p:limit"/>',
            "tell",
            "several parts",
        ),
    ],
)
def test_what_ws_i_forbids_is_refused_by_name_when_it_is_used(tmp_path, file, old, new, operation, problem):
    """Loading shows the other operations; calling this one cannot be got right."""
    text = (FOLDER / file).read_text().replace(old, new)
    path = tmp_path / file
    path.write_text(text.replace("</xs:schema>", '<xs:element name="D" type="r:Dossier"/></xs:schema>', 1))
    if "pitfalls" in file:
        path.write_text(text)
    loaded = load_wsdl(path)
    assert operation in loaded.operations
    with pytest.raises(WsdlError, match=problem):
        loaded.operation(operation)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('element="p:tell"', 'element="p:nothing"'),
        ('type="p:Pitfalls"', 'type="q:Pitfalls"'),
        ('message="p:tellIn"', 'message="p:"'),
        ('binding="p:Pitfalls11"', 'binding="Pitfalls11"'),
        ('part="s"', 'part="nothing"'),
        ('message="p:heads"', 'message="p:nothing"'),
        ('<soap:operation soapAction="urn:example:pitfalls/tell"/>', ""),
        ('base="xs:decimal"', 'base="p:Noted"'),
        ('name="Pitfalls11" type', 'nam="Pitfalls11" type'),
        ('<wsdl:operation name="tell">', "<wsdl:operation>"),
        ('itemType="xs:int"', 'itemType="p:Numbers"'),
        ("<wsdl:types>", "<wsdl:types><nonsense/>"),
        ('name="tellIn"', 'name=""'),
        ('type="xs:double"', 'type="xs:dubble"'),
        ('location="http://pitfalls.example/soap"', ""),
    ],
)
def test_zeep_raises_anything_on_a_bad_wsdl_and_we_one_thing(tmp_path, old, new):
    """LookupError, IndexError, AttributeError, KeyError, RecursionError: one error, with the file's name."""
    path = tmp_path / "bad.wsdl"
    path.write_text((FOLDER / "pitfalls.wsdl").read_text().replace(old, new))
    try:
        load_wsdl(path)
    except WsdlError as error:
        assert "bad.wsdl" in str(error)  # noqa: PT017 - what zeep forgives may pass


def test_one_loaded_wsdl_serves_many_threads_without_mix_ups(wsdl):
    """No settings are switched and no state is shared: what was asked is what comes."""
    mixed: list[str] = []

    def work(worker: int) -> None:
        for number in range(40):
            name = f"{worker}/{number}"
            found = read_request(wsdl, wsdl.operation("tell").write({"must": name}), None).values
            if found != {"must": name}:
                mixed.append(name)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not mixed


@pytest.mark.parametrize("text", ["<!DOCTYPE a [<!ENTITY x 'y'>]>", "<?xml-stylesheet href='x'?>"])
def test_a_dtd_or_an_instruction_is_refused_before_any_validation(wsdl, text):
    """XMLSchema.validate raises an internal error on unresolved entities; SOAP forbids both."""
    with pytest.raises(CodecError):
        read(wsdl, text.encode() + told(""))
    with pytest.raises(SoapProblem):
        read_request(wsdl, text.encode() + told(""), "text/xml")


def test_a_comment_does_not_cut_a_value(wsdl):
    """`.text` stops at one: adm<!-- -->in would be adm."""
    assert read(wsdl, told("", "<must>adm<!-- -->in</must>"))["must"] == "admin"


def test_two_schemas_of_one_namespace_both_count():
    """libxml2 heeds one import per namespace: without one wrapper round both, the second would be unknown."""
    registry = load_wsdl(FOLDER / "registry.wsdl")
    assert registry.operation("ping").read(write_reply(registry, "ping", V11, {"_value_1": 7})) == {"_value_1": 7}
    with pytest.raises(CodecError, match="pong"):
        registry.operation("ping").read(envelope("<pong xmlns='urn:example:service'>seven</pong>"))


def test_actions_of_ws_addressing_come_from_the_wsdl(wsdl, rpc):
    """The port type's own word, else soapAction, else what follows from the names (#777)."""
    assert wsdl.operation("tell").addressing_action == "urn:example:pitfalls/told-so"
    assert rpc.operation("gui").addressing_action == "urn:example:rpc#gui"
    assert wsdl.operation("note").addressing_action == "urn:example:pitfalls:Pitfalls:note"
