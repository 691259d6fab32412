"""``/soap/v1/events``: what the ministries' generated stubs speak to."""

import base64
import gzip
import hashlib
import io
import json

import pytest
from lxml import etree
from structlog.testing import capture_logs
from zeep import Client
from zeep.transports import Transport

from gateway.ingress.soap import wsdl
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX
from gateway.wire.soap import SoapVersion
from tests.machine import resident

NS = "urn:provincial-gateway:events:v1"
TYPES = {SoapVersion.V11: "text/xml; charset=utf-8", SoapVersion.V12: "application/soap+xml; charset=utf-8"}
ENGLISH = {"Accept-Language": "en"}
MIB = 1024 * 1024
VERSIONS = pytest.mark.parametrize("version", list(SoapVersion))
STATUS = """<item><dossier><code>H01-1</code></dossier><sourceEventId>{id}</sourceEventId>
<statusChanged><status>{status}</status>{more}</statusChanged></item>"""


def envelope(body: str, version: SoapVersion = SoapVersion.V11) -> bytes:
    return f'<s:Envelope xmlns:s="{version.namespace}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def submit(*items: str) -> str:
    return f'<submitEvents xmlns="{NS}">{"".join(items)}</submitEvents>'


def status(number: object = 4, *, id_: str = "e-1", more: str = "") -> str:
    return STATUS.format(id=id_, status=number, more=more)


async def call(gate, body, *, version=SoapVersion.V11, who=CIVIL_STATUS, raw=None, headers=None):
    sent = {"Content-Type": TYPES[version], **(headers or {})}
    content = io.BytesIO(raw or envelope(body, version)) if raw is None or len(raw) > MIB else raw
    reply = await gate.post("/soap/v1/events", raw=content, headers=sent, who=who)
    assert reply.headers["Content-Type"] == TYPES[version]
    root = etree.fromstring(reply.body)
    child = root.find(f"{{{version.namespace}}}Body")[0]
    if reply.status == 200:
        assert wsdl.compiled().validate(child), wsdl.compiled().error_log
    else:
        assert reply.status == 500
        assert child.tag == version.tag("Fault")
    return child


def text(element, *names):
    return element.findtext(
        "/".join(f".//{{{NS}}}{name}" if not i else f"{{{NS}}}{name}" for i, name in enumerate(names))
    )


def test_the_committed_wsdl_is_what_the_model_says():
    """Ministries generate their clients from the committed file: after a change, regenerate it on purpose."""
    assert wsdl.generate() == wsdl.committed()


async def test_the_wsdl_names_the_address_it_was_asked_at(gate, gate_with, server):
    reply = await gate.get("/soap/v1/events?wsdl", who=None)
    assert f'location="{gate.url}/soap/v1/events"'.encode() in reply.body
    async with gate_with(server=server(public_url="https://relay.example/")) as public:
        shown = await public.get("/soap/v1/events?WSDL", who=None)
        assert b'location="https://relay.example/soap/v1/events"' in shown.body


async def test_who_asks_for_no_wsdl_is_told_how_to(gate):
    """The address is there, and so is its description: «nothing at this address» would send them elsewhere."""
    for query in ("", "?singleWsdl"):
        reply = await gate.get(f"/soap/v1/events{query}", who=None)
        assert (reply.status, reply.code, "?wsdl" in reply.json["detail"]) == (400, "parameter.invalid", True)


def test_zeep_reads_the_wsdl_as_wrapped(tmp_path):
    """A client of another make understands it: both versions, typed choice."""
    path = tmp_path / "events.wsdl"
    path.write_bytes(wsdl.committed())
    client = Client(str(path), transport=Transport())
    binding = client.wsdl.bindings[f"{{{NS}}}EventsSoap12"]
    signature = binding.get("submitEvents").input.signature()
    assert "statusChanged" in str(client.get_type(f"{{{NS}}}NewEvent").signature(schema=client.wsdl.types))
    assert "item" in signature


@VERSIONS
async def test_events_are_answered_one_by_one(gate, body, version):
    """A receipt for one, a problem for its neighbour, in the sender's own element names."""
    await gate.post("/v1/dossiers", body())
    answer = await call(gate, submit(status(4), status(3, id_="e-2")), version=version)
    good, bad = answer
    assert text(good, "receipt", "matched") == "true"
    assert text(bad, "problem", "code") == "body.invalid"
    assert text(bad, "problem", "errors", "path") == "statusChanged/reason"
    shown = (await gate.get("/v1/dossiers/H01-1")).json
    assert [(item["system"], item["status"]) for item in shown["statuses"]] == [(CIVIL_STATUS, 4)]


async def test_lines_and_blanks_round_a_code_are_the_printers(gate, body):
    """G2: what prints XML may break lines round every text; a blank that XML does not know is another code."""
    await gate.post("/v1/dossiers", body())
    item = status(4, id_="\n  e-1\n").replace("H01-1", "\n      H01-1\t\r\n   ")
    assert text(await call(gate, submit(item)), "receipt", "matched") == "true"
    again = await call(gate, submit(status(4)))
    assert text(again, "receipt", "duplicate") == "true"
    strange = await call(gate, submit(item.replace("H01-1", "H01-1\u00a0")))
    assert text(strange, "problem", "errors", "path") == "dossier/code"


async def test_the_same_event_again_gets_the_first_receipt(gate, body):
    """G7, by sourceEventId."""
    await gate.post("/v1/dossiers", body())
    first = await call(gate, submit(status(4)))
    again = await call(gate, submit(status(4)))
    assert text(again, "receipt", "messageId") == text(first, "receipt", "messageId")
    assert text(again, "receipt", "duplicate") == "true"
    other = await call(gate, submit(status(5)))
    assert text(other, "problem", "code") == "idempotency.conflict"


async def test_an_operation_in_another_namespace_is_told_which_one_is_meant(gate):
    raw = envelope('<submitEvents xmlns="urn:else"/>')
    answer = await gate.post("/soap/v1/events", raw=raw, headers={"Content-Type": "text/xml"}, who=CIVIL_STATUS)
    assert (answer.status, NS in answer.body.decode()) == (500, True)


RESULT = """<item><dossier><code>H01-1</code></dossier><sourceEventId>r-1</sourceEventId><resultIssued>
<name>Giấy chứng nhận</name><files><name>kq.pdf</name><mediaType>application/pdf</mediaType>
<content>{content}</content></files></resultIssued></item>"""


async def test_a_file_inside_the_message_is_stored_and_reaches_the_portal(gate, body):
    """Sent again, it is the same file: G7 holds."""
    await gate.post("/v1/dossiers", body())
    content = b"%PDF-1.7\r\n" + bytes(range(256))
    item = RESULT.format(content=base64.b64encode(content).decode())
    first = await call(gate, submit(item))
    again = await call(gate, submit(item))
    assert text(first, "receipt", "files") == "ready"
    assert text(again, "receipt", "duplicate") == "true"
    assert len(gate.blobs.objects) == 1
    message = await gate.store.message(text(first, "receipt", "messageId"))
    assert message.blobs[0].sha256 == hashlib.sha256(content).hexdigest()
    assert (await gate.get(f"/v1/files/{message.blobs[0].file_id}")).body == content


async def test_bytes_that_are_not_base64_refuse_their_item(gate, body):
    """libxml2 lets some of them pass; we do not, and say which file of the item it is."""
    await gate.post("/v1/dossiers", body())
    item = RESULT.format(content="JVBERi0xLjQgc2Ft!!cGxl").replace("<files>", "<files><id>x</id></files><files>", 1)
    answer = await call(gate, submit(item, status(4)))
    assert text(answer[0], "problem", "code") == "body.invalid"
    assert text(answer[0], "problem", "errors", "path") == "resultIssued/files[2]/content"
    assert text(answer[1], "receipt", "matched") == "true"
    assert not gate.blobs.objects


@VERSIONS
async def test_what_does_not_fit_the_schema_is_placed_without_its_value(gate, version):
    """A Client fault with the place and the rule; in 1.2 in both languages."""
    fault = await call(gate, submit(status("secret-7")), version=version)
    words = "".join(fault.itertext())
    assert "Client" in words or "Sender" in words
    assert "secret-7" not in words
    assert text(fault, "errors", "path") == "item/statusChanged/status"
    languages = fault.xpath(".//@xml:lang")
    assert languages == (["vi"] if version is SoapVersion.V11 else ["vi", "en"])
    assert await gate.is_empty()


async def test_what_the_schema_wants_is_said_in_its_own_words(gate):
    """Whoever writes a client reads what may stand there, not libxml2's name of the rule."""
    wrong = "<stat>1</stat>|<status>44</status>|<status>4</status><closing>'Expected is ( secret ).</closing>"
    wrong += "|<status>4</status><dueAt>Expected is ( secret ).</dueAt>|<status>secret</status>"
    whose = "<item><dossier><code>H01-1</code></dossier>"
    said = [submit(f"{whose}<statusChanged>{data}</statusChanged></item>") for data in wrong.split("|")]
    faults = [await call(gate, body) for body in said]
    assert [text(fault, "errors", "expected") for fault in faults] == [
        "one of: status, sourceStatus, reason, closing, dueAt, unit",
        "maxInclusive 10",
        "enumeration granted, refused, returned, withdrawn",
        "xs:dateTime",
        "xs:int",
    ]
    codes = ["element", "range", "enum", "type", "type"]
    assert [text(fault, "errors", "code") for fault in faults] == codes
    assert "maxInclusive 10" in text(faults[1], "errors", "message")
    nothing = await call(gate, submit(f"{whose}</item>"))
    assert text(nothing, "errors", "expected").startswith("one of: sourceEventId, occurredAt,")
    misplaced = f"{whose.replace('<dossier>', '<sourceEventId>7</sourceEventId><dossier>')}</item>"
    assert "sai thứ tự" in text(await call(gate, submit(misplaced)), "errors", "message")


@pytest.mark.parametrize(
    ("item", "meant"),
    [
        ("<dossier><code>H01-1</code></dossier><statusChange><status>4</status></statusChange>", "«statusChanged»"),
        ('<dossier xmlns=""/>', f"«{{{NS}}}dossier»"),
        ("<dossier><code>H01-1</code></dossier><nguyen_van_mau/>", None),
        ("<statusChanged><status>4</status></statusChanged>", None),
    ],
)
async def test_a_misspelt_element_is_told_the_name_that_was_meant(gate, item, meant):
    """libxml2 names ten kinds at most; a name without its namespace looks right. No strange name is repeated."""
    said = text(await call(gate, submit(f"<item>{item}</item>")), "errors", "message")
    assert (f"Có phải ý bạn là {meant}?" in said) if meant else ("Có phải" not in said)
    assert "nguyen" not in said


@pytest.mark.parametrize(
    ("data", "path", "code", "said"),
    [
        ("<status>4</status></statusChanged><sourceEventId>7</sourceEventId>", "sourceEventId", "order", "thứ tự"),
        ("<status>4</status></statusChanged><statusChanged/>", "statusChanged[2]", "order", "đã có rồi"),
        ('<status xsi:nil="true"/></statusChanged>', "statusChanged/status", "nil", "bỏ hẳn phần tử"),
        ('<status xsi:type="n:int">4</status></statusChanged>', "statusChanged/status", "not_allowed", "bỏ xsi:type"),
        ('<status id="secret">4</status></statusChanged>', "statusChanged/status", "not_allowed", "thuộc tính"),
        ("<status><secret/></status></statusChanged>", "statusChanged/status", "not_allowed", "phần tử con"),
        ("<status>4</status>secret</statusChanged>", "statusChanged", "not_allowed", "không có chữ"),
    ],
)
async def test_what_stacks_write_by_habit_is_refused_in_words(gate, data, path, code, said):
    """Elements out of order or twice, xsi:nil, xsi:type, attributes: once each, and never by libxml2's own name."""
    whose = "<item><dossier><code>H01-1</code></dossier><statusChanged>"
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="http://www.w3.org/2001/XMLSchema"'
    fault = await call(gate, submit(f"{whose}{data}</item>".replace("<item>", f"<item {xsi}>")))
    (error,) = fault.iterfind(f".//{{{NS}}}errors")
    assert (text(fault, "errors", "path"), text(fault, "errors", "code")) == (f"item/{path}", code)
    words = "".join(error.itertext())
    assert said in words
    assert "SCHEMAV" not in words
    assert "secret" not in words


@VERSIONS
@pytest.mark.parametrize("asked", ["vi", "en"])
async def test_every_fault_speaks_the_callers_language_and_holds_both(gate, version, asked):
    """As the REST door does, by Accept-Language: SOAP 1.1 has one faultstring, and the detail has both languages."""
    bad = {
        "body.invalid": envelope(submit(status(44)), version),
        "xml.invalid": b"<a>",
        "soap.version": b"<a/>",
        "soap.envelope": envelope("", version),
        "soap.operation": envelope("<x/>", version),
    }
    for code, raw in bad.items():
        fault = await call(gate, "", version=version, raw=raw, headers={"Accept-Language": asked})
        english, vietnamese = text(fault, "textEn"), text(fault, "text")
        assert text(fault, "code") == code
        assert english.isascii()
        assert not vietnamese.isascii()
        told = fault.findtext("faultstring") if version is SoapVersion.V11 else fault[1][0].text
        assert told == (english if asked == "en" else vietnamese)
    wrong = await call(gate, "", version=version, raw=bad["body.invalid"], headers={"Accept-Language": asked})
    assert text(wrong, "errors", "message").startswith("Out of range" if asked == "en" else "Ngoài khoảng")


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [(envelope(submit(status(44))), "body.invalid"), (b"<a>", "xml.invalid"), (b"<a/>", "soap.version")],
)
async def test_the_log_says_what_a_fault_was_about(gate, raw, refusal):
    """All of them are 500, which looks like a failure of ours."""
    with capture_logs() as lines:
        await call(gate, "", raw=raw)
    assert [line["refusal"] for line in lines if line["event"] == "request"] == [refusal]


async def test_what_is_wrong_with_an_envelope_is_said_in_one_language(gate):
    """Where, what, and what to do; English words inside a Vietnamese sentence help nobody."""
    fault = await call(gate, "", raw=b"<!DOCTYPE a><a/>")
    assert text(fault, "text") == (
        "XML bị từ chối: phần mở đầu: không được có khai báo kiểu tài liệu (DOCTYPE); hãy bỏ nó khỏi XML."
    )


async def test_warnings_and_problems_of_items_speak_the_callers_language(gate, body):
    await gate.post("/v1/dossiers", body())
    answer = await call(gate, submit(status(4), status(3, id_="e-2")).replace("H01-1", "X-1", 1), headers=ENGLISH)
    assert text(answer[0], "warnings", "text").isascii()
    assert text(answer[1], "errors", "message").startswith("Required")


async def test_who_is_called_is_told_that_nothing_gets_into_its_feed(gate):
    """As at the REST door: its pages look like those of a reader who has read everything."""
    page = await call(gate, f'<getEvents xmlns="{NS}"/>', headers=ENGLISH)
    assert text(page, "warnings", "code") == "feed.unused"
    assert "set adapter" in text(page, "warnings", "text")
    assert text(await call(gate, f'<getEvents xmlns="{NS}"/>', who=TAX), "warnings", "code") is None


async def test_places_are_found_whatever_prefix_the_sender_writes(gate):
    """PHP and gSOAP qualify every element with a prefix of theirs."""
    body = f"""<n:submitEvents xmlns:n="{NS}"><n:item/><n:item><n:dossier><n:code>H01-1</n:code></n:dossier>
    <n:statusChanged><n:status>secret-7</n:status></n:statusChanged></n:item></n:submitEvents>"""
    fault = await call(gate, body)
    places = [one.text for one in fault.iterfind(f".//{{{NS}}}errors/{{{NS}}}path")]
    assert places == ["item[1]", "item[2]/statusChanged/status"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a>",
        b"<a/>",
        b'<!DOCTYPE s [<!ENTITY e "x">]><s/>',
        envelope(""),
        envelope("<x/>"),
        envelope(f'<submitEvents xmlns="{NS}"/>'),
        envelope(f'<dropEverything xmlns="{NS}"/>'),
        envelope(submit(*[status()] * 201)),
        envelope(submit(status()), SoapVersion.V12),
        envelope(submit(status())).replace(
            b"<s:Body>", b'<s:Header><h xmlns="u" s:mustUnderstand="1"/></s:Header><s:Body>'
        ),
        b"<a>" * 300,
        envelope(submit(status(more="<reason>" + "x" * 70_000 + "</reason>"))),
    ],
)
async def test_hostile_messages_are_faults_and_store_nothing(gate, raw):
    """DTDs, wrong envelopes, unknown operations, too many items, too large: HTTP 500 and a Fault."""
    await call(gate, "", raw=raw)
    assert await gate.is_empty()


#: Made where they are used, not by every process that looks for tests.
BOMBS = {
    "100,001 elements": lambda: envelope(f'<submitEvents xmlns="{NS}">' + "<item/>" * 100_001 + "</submitEvents>"),
    "depth 10,000": lambda: envelope("<a>" * 10_000 + "</a>" * 10_000),
    "200,000 attributes": lambda: envelope("<a " + " ".join(f"a{n}='x'" for n in range(200_000)) + "/>"),
    "multiref": lambda: envelope(
        "<a href='#i0'/>" + "".join(f"<m id='i{n}'><a href='#i{n + 1}'/></m>" for n in range(10_000))
    ),
    "billion laughs": lambda: (
        b"<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>" + envelope("<a>&b;</a>")
    ),
    "quadratic blow-up": lambda: (
        b"<!DOCTYPE s [<!ENTITY a '" + b"x" * MIB + b"'>]>" + envelope("<a>" + "&a;" * 10_000 + "</a>")
    ),
    "XInclude": lambda: envelope(
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/hostname' parse='text'/>"
    ),
    "an instruction": lambda: envelope("<?php x?><a/>"),
    "a long text": lambda: envelope(submit(status(more="<reason>" + "x" * 12 * MIB + "</reason>"))),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_bombs_are_faults_and_memory_stays_bounded(gate_with, server, name):
    """At the shipped limit of 16 MiB: refused before they become anything, and nothing is stored."""
    async with gate_with(server=server(body_limit=16 * MIB)) as gate:
        raw = BOMBS[name]()
        before = resident(forget=True)
        fault = await call(gate, "", raw=raw)
        assert "root:" not in "".join(fault.itertext())
        assert await gate.is_empty()
    assert resident() - before < 96 * MIB


async def test_a_compressed_message_is_refused_unread(gate):
    """What a few bytes become would be the sender's choice."""
    raw = gzip.compress(envelope(submit(status())))
    fault = await call(gate, "", raw=raw, headers={"Content-Encoding": "gzip"})
    assert "encoding.unsupported" in "".join(fault.itertext())
    assert await gate.is_empty()


async def test_a_file_of_more_than_10_mb_travels_in_one_element(gate_with, server, body):
    """libxml2 stops at 10 million characters of text unless it is told that more may come."""
    async with gate_with(server=server(body_limit=16 * MIB, bodies=64 * MIB, file_limit=16 * MIB)) as gate:
        await gate.post("/v1/dossiers", body())
        answer = await call(gate, submit(RESULT.format(content="QUJD" * (3 * MIB))))
        assert text(answer, "receipt", "messageId")


async def test_without_a_live_key_there_is_only_a_fault(gate):
    fault = await call(gate, submit(status()), who=None)
    assert "key.missing" in "".join(fault.itertext())


async def test_an_operators_key_states_nothing(gate):
    fault = await call(gate, submit(status()), who="operator")
    assert "key.forbidden" in "".join(fault.itertext())


async def test_old_stacks_log_in_by_basic(gate, body):
    """User = system id, password = key."""
    await gate.post("/v1/dossiers", body())
    given = base64.b64encode(f"{CIVIL_STATUS}:{gate.keys[CIVIL_STATUS]}".encode()).decode()
    answer = await call(gate, submit(status()), who=None, headers={"Authorization": f"Basic {given}"})
    assert text(answer, "receipt", "matched") == "true"


async def test_a_system_without_a_part_in_the_dossier_is_refused(gate, body):
    """G9."""
    await gate.post("/v1/dossiers", body())
    answer = await call(gate, submit(status()), who=LAND)
    assert text(answer, "problem", "code") == "dossier.not_yours"


async def test_a_ministry_that_pulls_gets_its_events_and_acknowledges(gate, body):
    """getEvents shows, acknowledge settles."""
    await gate.post("/v1/dossiers", body())
    await gate.post("/v1/dossiers", body("H01-2"))
    page = await call(gate, f'<getEvents xmlns="{NS}"><limit>1</limit></getEvents>', who=TAX)
    assert text(page, "more") == "true"
    assert text(page, "dossierSubmitted", "summary") == "Đăng ký kết hôn"
    assert text(page, "event", "kind") == "dossier.submitted"
    cursor = text(page, "next")
    done = await call(gate, f'<acknowledge xmlns="{NS}"><cursor>{cursor}</cursor></acknowledge>', who=TAX)
    assert text(done, "acknowledged") == "1"
    rest = await call(gate, f'<getEvents xmlns="{NS}"><after>{cursor}</after></getEvents>', who=TAX)
    assert text(rest, "event", "dossier", "code") == "H01-2"
    expired = await call(gate, f'<acknowledge xmlns="{NS}"><cursor>0000.1</cursor></acknowledge>', who=TAX)
    assert "cursor.expired" in "".join(expired.itertext())
    nonsense = await call(gate, f'<acknowledge xmlns="{NS}"><cursor>0000-1</cursor></acknowledge>', who=TAX)
    assert "cursor.invalid" in "".join(nonsense.itertext())


async def test_elements_of_others_are_left_out(gate, body):
    """xs:any ##other: a newer client's additions do no harm."""
    await gate.post("/v1/dossiers", body())
    extra = '<x xmlns="urn:other"><y>1</y></x>'
    answer = await call(gate, submit(status(more=extra)))
    assert text(answer, "receipt", "matched") == "true"


async def test_an_opaque_kind_is_carried(gate, body):
    await gate.post("/v1/dossiers", body())
    item = f"""<item><dossier><code>H01-1</code></dossier>
    <opaque><kind>x.{CIVIL_STATUS}.note</kind><data>a &lt; b</data></opaque></item>"""
    answer = await call(gate, submit(item))
    assert text(answer, "receipt", "matched") == "true"


async def test_who_pulls_gets_an_opaque_kind_as_it_was_stated(gate, body):
    await gate.post("/v1/dossiers", body())
    note = {"kind": f"x.{TAX}.note", "dossier": {"code": "H01-1"}, "data": {"đã": ["a < b"]}}
    assert (await gate.post("/v1/events", note, who=PORTAL)).status == 202
    page = await call(gate, f'<getEvents xmlns="{NS}"/>', who=TAX)
    assert text(page, "opaque", "kind") == note["kind"]
    assert json.loads(text(page, "opaque", "data")) == note["data"]


@pytest.mark.parametrize("strange", ["s:Body", "o:own", "own", "ô:của-tôi.1"])
async def test_a_strange_element_is_placed_whatever_its_prefix(gate, strange):
    """A prefix may be declared anywhere, and means nothing to whoever looks for the place. G9: its name is not said."""
    fault = await call(gate, submit(f'<{strange} xmlns:o="urn:own" xmlns:ô="urn:own"/>', status()))
    assert text(fault, "code") == "body.invalid"
    assert text(fault, "errors", "path") == "*[1]"
