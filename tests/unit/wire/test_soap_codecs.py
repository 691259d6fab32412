"""The codecs compiled from a WSDL's types against zeep, their model: the same bytes, values and errors."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.wire.codec_plan import Plans
from gateway.wire.codec_reader import Reader
from gateway.wire.codec_writer import Writer
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import parse, to_bytes
from gateway.wire.zeep_codec import CodecError, CodecSettings, load_wsdl
from gateway.wire.zeep_types import TEXT, named
from tests.soap_service import write_reply

ROOT = Path(__file__).parents[3]
SHIPPED = ("gateway/ingress/soap", "config/wsdl", "interop/wsdl", "tests/unit/wire/wsdl")
FILES = sorted(path for folder in SHIPPED for path in (ROOT / folder).glob("*.wsdl"))
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: Requests and replies that zeep keeps, by the WSDL's name.
ZEEPS = {
    "events-v1": {"submitEvents<"},
    "pitfalls": {"note<"},
    "plain": {"choose<", "choose>"},
    "registry": {"ping<", "ping>"},
}


def both(path, **settings):
    """Load a WSDL twice: with its compiled codecs, and without."""
    return tuple(load_wsdl(path, settings=CodecSettings(compiled=one, **settings)) for one in (True, False))


@pytest.fixture(scope="module")
def shipped():
    return {path.stem: both(path) for path in FILES}


@pytest.fixture(scope="module")
def lax():
    return {path.stem: both(path, validate=False, validate_replies=False) for path in FILES}


def outcome(work):
    """Return what comes of it: a value, or which field is wrong and how."""
    try:
        return work()
    except CodecError as error:
        return error.path, error.problem


def messages(wsdl):
    """Return every request and reply, by name and direction."""
    found = {}
    for name in wsdl.operations:
        for number in wsdl.versions(name):
            version = SoapVersion.V11 if number == "1.1" else SoapVersion.V12
            operation = wsdl.operation(name, version)
            for way, source in (("<", operation.source.input), (">", operation.source.output)):
                if source is not None and source.body is not None:
                    found[f"{name}{way}", version] = source.body
    return found


def write(wsdl, message, values):
    name, version = message
    operation = wsdl.operation(name[:-1], version)
    return operation.write(values) if name[-1] == "<" else write_reply(wsdl, name[:-1], version, values)


def taken(wsdl, child):
    return wsdl.operation("take").request.read([child], validate=True)


def read(wsdl, message, child):
    name, version = message
    operation = wsdl.operation(name[:-1], version)
    return (
        operation.request.read([child], validate=True)
        if name[-1] == "<"
        else operation.read_root(child.getroottree().getroot())
    )


WORDS = st.sampled_from(
    [
        "",
        " ",
        "Đơn",
        "a & b",
        "<x/>",
        "]]>",
        "a\rb\nc\td",
        " 7 ",
        "7",
        "-1.50",
        "true",
        "form",
        "\x00",
        "\ufffe",
        "\ud800",
    ]
) | st.text(max_size=6)
MOMENTS = st.datetimes(timezones=st.sampled_from([None, dt.UTC, dt.timezone(dt.timedelta(hours=7))]))
#: What a mapping may give for any field, fitting or not.
SCALARS = (
    st.none()
    | WORDS
    | st.integers(-9, 2**33)
    | st.sampled_from([True, Decimal("1E+3"), b"", b"ab", 1.5, (2026, None), ["a", None], {"a": "b"}])
    | st.sampled_from([dt.date(2026, 3, 1), dt.time(8), dt.timedelta(3)])
    | MOMENTS
)
FITTING = {
    "int": st.integers(-9, 9),
    "nonNegativeInteger": st.integers(0, 2**70) | st.just("7"),
    "decimal": st.decimals(-9, 9, places=2) | st.just(Decimal("1E+3")),
    "double": st.floats(-9, 9),
    "float": st.just("1.5"),
    "boolean": st.booleans() | st.sampled_from(["true", "0"]),
    "date": st.dates(dt.date(1000, 1, 1)) | st.just("2026-03-01"),
    "time": st.times() | st.just("08:00:00Z"),
    "dateTime": MOMENTS | st.just("2026-03-01T08:00:00.5+07:00"),
    "duration": st.just("P1Y2DT3H"),
    "base64Binary": st.binary(min_size=1, max_size=9) | st.just("AAE="),
    "hexBinary": st.just("0aFF"),
    "gYear": st.just((2026, dt.UTC)),
    "Kind": st.sampled_from(["form", "map"]),
}


@st.composite
def values_of(draw, kind, levels=5):
    """Values that mostly fit a type: now and then a field too few or too many, or of another type."""
    if not hasattr(kind, "elements"):
        fitting = FITTING.get(
            kind.qname.localname, st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=9)
        )
        return draw(SCALARS if draw(st.integers(0, 29)) == 0 else fitting)
    values = {}
    for name, element in named(kind).items():
        if levels == 0 or draw(st.integers(0, 99)) == 0 or (element.min_occurs == 0 and draw(st.booleans())):
            continue
        one = values_of(element.type, levels - 1)
        values[name] = draw(st.lists(one, min_size=1, max_size=3)) if element.max_occurs != 1 else draw(one)
    if draw(st.integers(0, 99)) == 0:
        values[draw(st.sampled_from(["unknown", "_value_1", "origin"]))] = draw(WORDS)
    return values


quickly = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def one_message(data, shipped, lax):
    wsdls = shipped if data.draw(st.booleans()) else lax
    compiled, zeeps = wsdls[data.draw(st.sampled_from(sorted(wsdls)))]
    found = messages(compiled)
    message = data.draw(st.sampled_from(sorted(found, key=str)))
    return compiled, zeeps, message, found[message].type


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_of_a_shipped_wsdl_is_compiled_but_those_named(path, shipped):
    """A choice, an attribute that must be there, one value in place of fields: these are zeep's."""
    wsdl, _ = shipped[path.stem]
    plans = Plans()
    assert {name for (name, _), body in messages(wsdl).items() if plans.of(body.type) is None} == ZEEPS.get(
        path.stem, set()
    )


@pytest.mark.parametrize(
    ("content", "is_plain"),
    [
        ("<xs:sequence>{one}{rest}</xs:sequence>", True),
        ("<xs:sequence>{rest}{one}</xs:sequence>", False),
        ("<xs:sequence maxOccurs='unbounded'>{one}</xs:sequence>", False),
        ("<xs:sequence><xs:sequence minOccurs='0'>{one}</xs:sequence></xs:sequence>", False),
        ("<xs:sequence>{one}<xs:element name='b' type='xs:int' minOccurs='0' maxOccurs='0'/></xs:sequence>", False),
    ],
)
def test_only_one_sequence_of_elements_that_may_be_there_is_plain(tmp_path, content, is_plain):
    """What repeats as a whole, takes whatever comes before the rest, or may never be there, is zeep's."""
    one = "<xs:element name='a' type='xs:string'/>"
    rest = "<xs:any namespace='##other' processContents='lax' minOccurs='0' maxOccurs='unbounded'/>"
    kind = f"<xs:complexType>{content.format(one=one, rest=rest)}</xs:complexType>"
    text = (ROOT / "tests/unit/wire/wsdl/plain.wsdl").read_text(encoding="utf-8")
    taken = '<xs:element name="take" type="a:Dossier"/>'
    assert taken in text
    path = tmp_path / "other.wsdl"
    path.write_text(text.replace(taken, f'<xs:element name="take">{kind}</xs:element>'), encoding="utf-8")
    body = load_wsdl(path).operation("take").source.input.body
    assert (Plans().of(body.type) is not None) is is_plain


DOSSIER = {
    "code": "H52 & <b>]]></b>",
    "note": "một\r\nhai",
    "state": "mới",
    "values": [
        {"text": 7, "whole": "1", "urgent": "1", "file": [b"\r\n\0PDF", "AAE="], "day": dt.date(2026, 3, 1)},
        {"fee": Decimal("1E+3"), "moment": dt.datetime(2026, 3, 1, tzinfo=dt.UTC), "term": "P1D"},
        {},
    ],
    "owner": {"name": "A", "born": "1990-01-01", "child": [{"name": "B"}, {"name": "C", "child": {"name": "D"}}]},
    "official": {"name": "E", "rank": "1"},
    "two": ["một", "hai"],
}


def compiled_of(wsdl, name, version=SoapVersion.V11):
    """Return what is compiled of an operation's request."""
    body = wsdl.operation(name).source.input.body
    plain = Plans().of(body.type)
    return plain, Writer.of(plain, body.qname.text, version)


def test_a_message_of_several_namespaces_is_written_as_zeep_writes_it(shipped):
    """G8: each namespace where it is first needed, with the number that lxml would give its prefix; nothing is lost."""
    wsdl, zeeps = shipped["plain"]
    plain, writer = compiled_of(wsdl, "take")
    envelope = writer.write(DOSSIER)
    assert to_bytes(envelope) == zeeps.operation("take").write(DOSSIER)
    assert Reader().read(plain, envelope[-1][0])["values"][0]["file"] == [b"\r\n\0PDF", b"\0\1"]
    assert Reader().read(plain, envelope[-1][0]) == taken(zeeps, envelope[-1][0])


@pytest.mark.parametrize("value", ["&lt;x/&gt;", "<x/>", "a < b", "]]>", "a\rb"])
def test_each_sign_of_markup_stands_as_text(shipped, value):
    """G8: alone, too; what a citizen writes begins no element."""
    wsdl, zeeps = shipped["plain"]
    _, writer = compiled_of(wsdl, "take")
    values = {**DOSSIER, "code": value}
    assert to_bytes(writer.write(values)) == zeeps.operation("take").write(values)


@pytest.mark.parametrize("value", ["a\x00b", "a\x0bb", "\ud800", "\ufffe", "", {"a": "b"}, ["a"], None])
def test_what_is_not_plain_is_not_written(shipped, value):
    """What XML cannot carry, what zeep writes in another way, and what does not fit."""
    _, writer = compiled_of(shipped["plain"][0], "take")
    assert writer.write({**DOSSIER, "code": value}) is None
    assert writer.write({**DOSSIER, "two": [value]}) is None
    assert writer.write({**DOSSIER, "unknown": value}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"values": [{"either": 1}]},
        {"values": [{"whole": {"a": "b"}}]},
        {"two": ["một", "hai", "ba"]},
        {"owner": {"name": "A", "child": [{"name": "B"}] * 4}},
    ],
)
def test_what_zeep_alone_can_write_or_refuse_is_left_to_it(shipped, change):
    """G8: a value of a type that is not plain would be missing, and nobody told; so would be how many there may be."""
    _, writer = compiled_of(shipped["plain"][0], "take")
    assert writer.write({**DOSSIER, **change}) is None


def test_a_list_that_must_hold_something_and_holds_nothing_is_left_to_zeep(shipped):
    """It says what is missing."""
    body = shipped["plain"][0].operation("take").source.output.body
    writer = Writer.of(Plans().of(body.type), body.qname.text, SoapVersion.V11)
    assert writer.write({"dossier": [DOSSIER]}) is not None
    assert writer.write({"dossier": []}) is None


@pytest.mark.parametrize(
    "inner",
    [
        "<code>x</code><note>n</note>",
        "<note>n</note><code>x</code><state>s</state>",
        "<code>x</code><code>x</code><note>n</note><state>s</state>",
        "<code>x</code><note>n</note><state origin='x'>s</state>",
        f"<code>x</code><note xmlns:i='{XSI}' i:nil='true'>n</note><state>s</state>",
        f"<code>x</code><note>n</note><state xmlns:i='{XSI}' i:type='i:x'/>",
        "<code>x<code>y</code></code><note>n</note><state>s</state>",
        "<code xmlns='urn:other'>x</code><note>n</note><state>s</state>",
        "<code>x</code><note>n</note><state>s</state><values><whole>one</whole></values>",
        "<code>x</code><note>n</note><state>s</state><values><file>AAA</file></values>",
        "<code>x</code><note>n</note><state>s</state><values><either>1</either></values>",
        "<code>x</code><note>n</note><state>s</state><owner/>",
        "<code>x</code><note>n</note><state>s</state><two xmlns=''>1</two><two xmlns=''>2</two><two xmlns=''>3</two>",
        "<code>x</code><note>n</note><state>s</state><more xmlns='urn:other'>x</more>",
    ],
)
def test_what_is_not_plain_is_not_read(lax, inner):
    """A field too few, too many, out of place, unknown, below a value; an attribute; a text that is no value."""
    plain, _ = compiled_of(lax["plain"][0], "take")
    child = parse(f"<take xmlns='urn:example:plain:a'>{inner}</take>".encode())
    assert Reader().read(plain, child) is None
    first, second = (outcome(lambda one=one: taken(one, child)) for one in lax["plain"])
    assert first == second


def test_what_is_nil_is_plain_as_dot_net_writes_it(lax):
    """Fields without a value stand there, nil; one that must be there is written so, too."""
    inner = "<code>x</code><note i:nil='true'/><state>s</state><values i:nil='true'/><owner i:nil='true'/>"
    plain, writer = compiled_of(lax["plain"][0], "take")
    child = parse(f"<take xmlns='urn:example:plain:a' xmlns:i='{XSI}'>{inner}</take>".encode())
    assert Reader().read(plain, child) == {"code": "x", "state": "s", "values": [{}], "owner": {}}
    assert Reader().read(plain, child) == taken(lax["plain"][1], child)
    empty = {"code": "x", "note": None, "state": "s"}
    assert to_bytes(writer.write(empty)) == lax["plain"][1].operation("take").write(empty)


def test_an_attribute_on_the_message_itself_is_not_plain(lax):
    """It is a value, too, and zeep has it."""
    plain, _ = compiled_of(lax["plain"][0], "take")
    child = parse(b"<take xmlns='urn:example:plain:a' origin='x'><code>x</code><note>n</note><state>s</state></take>")
    assert Reader().read(plain, child) is None
    assert taken(lax["plain"][0], child)["origin"] == "x"


def test_a_text_beside_attributes_is_not_plain(shipped):
    """zeep has it in a field of its own, which is no element."""
    noted = named(shipped["pitfalls"][0].operation("tell").source.input.body.type)["noted"]
    assert Plans().of(noted.type) is None


@quickly
@given(data=st.data())
def test_writes_the_bytes_that_zeep_writes_or_its_error(data, shipped, lax):
    """Of every operation of every shipped WSDL, both ways; with the types' validation and without."""
    compiled, zeeps, message, kind = one_message(data, shipped, lax)
    values = data.draw(values_of(kind)) if hasattr(kind, "elements") else {TEXT: data.draw(values_of(kind))}
    assert outcome(lambda: write(compiled, message, values)) == outcome(lambda: write(zeeps, message, values))


def spoil(data, child):
    """Change a document so that it may no longer follow its types."""
    one = data.draw(st.sampled_from(list(child.iter())))
    if data.draw(st.booleans()):
        one.text = data.draw(st.sampled_from(["yesterday", " 1 ", "24:00:00", "AAA", "1_0", " ", None]))
    if data.draw(st.booleans()):
        one.set(
            *data.draw(st.sampled_from([(f"{{{XSI}}}nil", "true"), (f"{{{XSI}}}type", "xs:string"), ("origin", "x")]))
        )
    for below in one if data.draw(st.booleans()) else ():
        one.remove(below)
    if one is not child and data.draw(st.booleans()):
        place(data.draw(st.integers(0, 4)), one, etree.QName(one).localname)


def place(way, one, name):
    """Take an element away, put it first, have it twice, in another namespace, or something unknown below it."""
    if way == 0:
        one.getparent().remove(one)
    elif way == 1:
        one.getparent().insert(0, one)
    elif way == 2:
        one.addnext(etree.fromstring(etree.tostring(one, with_tail=False)))
    elif way == 3:
        one.tag = f"{{urn:other}}{name}"
    else:
        one.append(etree.Element("{urn:other}x"))


@quickly
@given(data=st.data())
def test_reads_the_values_that_zeep_reads_or_its_error(data, shipped, lax):
    """Documents that follow their types, and such as a careless partner sends."""
    compiled, zeeps, message, kind = one_message(data, shipped, lax)
    values = data.draw(values_of(kind)) if hasattr(kind, "elements") else {TEXT: data.draw(values_of(kind))}
    written = outcome(lambda: write(zeeps, message, values))
    if not isinstance(written, bytes):
        return
    child = parse(written)[-1][0]
    if data.draw(st.booleans()):
        spoil(data, child)
    assert outcome(lambda: read(compiled, message, child)) == outcome(lambda: read(zeeps, message, child))
