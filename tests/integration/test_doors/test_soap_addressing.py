"""WS-Addressing at the SOAP door: named messages are answered by name, and done once."""

import pytest
from lxml import etree

from gateway.testing.books import CIVIL_STATUS
from gateway.wire.soap import SoapVersion

NS = "urn:provincial-gateway:events:v1"
V2005 = "http://www.w3.org/2005/08/addressing"
V2004 = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
V11, V12 = SoapVersion
TYPES = {V11: "text/xml; charset=utf-8", V12: "application/soap+xml; charset=utf-8"}
MESSAGE = "urn:uuid:0195c0de-0000-7000-8000-000000000001"
STATUS = """<submitEvents xmlns="{ns}"><item><dossier><code>H01-1</code></dossier>{id}
<statusChanged><status>{status}</status></statusChanged></item></submitEvents>"""


def header(*, space=V2005, action=f"{NS}:submitEvents", message=MESSAGE, more=""):
    blocks = f"<a:MessageID>{message}</a:MessageID>" if message else ""
    blocks += f'<a:Action s:mustUnderstand="1">{action}</a:Action>' if action else ""
    return f"<s:Header xmlns:a='{space}'>{blocks}<a:To s:mustUnderstand='1'>https://gateway.example/</a:To>{more}</s:Header>"


async def call(gate, head, *, version=V11, status=4, id_=""):
    body = STATUS.format(ns=NS, status=status, id=id_ and f"<sourceEventId>{id_}</sourceEventId>")
    raw = f'<s:Envelope xmlns:s="{version.namespace}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()
    reply = await gate.post("/soap/v1/events", raw=raw, headers={"Content-Type": TYPES[version]}, who=CIVIL_STATUS)
    return etree.fromstring(reply.body)


def said(root, name, space=V2005):
    return root.findtext(f"{{*}}Header/{{{space}}}{name}")


@pytest.mark.parametrize("space", [V2005, V2004])
@pytest.mark.parametrize("version", [V11, V12])
async def test_the_reply_says_which_message_it_answers(gate, body, version, space):
    """RelatesTo is the request's MessageID; Action is what the WSDL implies for the output."""
    await gate.post("/v1/dossiers", body())
    root = await call(gate, header(space=space), version=version)
    assert root.findtext(f".//{{{NS}}}receipt/{{{NS}}}messageId")
    assert said(root, "RelatesTo", space) == MESSAGE
    assert said(root, "Action", space) == f"{NS}:Events:submitEventsResponse"
    assert said(root, "MessageID", space) not in ("", MESSAGE, None)


async def test_a_message_without_the_headers_gets_none(gate, body):
    """Nobody who does not speak it is made to."""
    await gate.post("/v1/dossiers", body())
    root = await call(gate, "")
    assert root.find("{*}Header") is None


async def test_the_same_message_id_again_gets_the_first_receipt(gate, body):
    """G7: where the events have no ids of their own, the message's id is what a repetition is known by."""
    await gate.post("/v1/dossiers", body())
    first = await call(gate, header())
    assert first.findtext(f".//{{{NS}}}duplicate") == "false"
    await call(gate, header(message="urn:uuid:another"), status=5)
    again = await call(gate, header())
    assert again.findtext(f".//{{{NS}}}duplicate") == "true"
    assert again.findtext(f".//{{{NS}}}messageId") == first.findtext(f".//{{{NS}}}messageId")
    other = await call(gate, header(), status=5)
    assert other.findtext(f".//{{{NS}}}problem/{{{NS}}}code") == "idempotency.conflict"


async def test_an_events_own_id_counts_for_more_than_the_messages(gate, body):
    """A stack that gives every message the same id would otherwise lose what follows."""
    await gate.post("/v1/dossiers", body())
    for number, status in ((1, 4), (2, 5)):
        root = await call(gate, header(), status=status, id_=f"e-{number}")
        assert root.findtext(f".//{{{NS}}}duplicate") == "false"


ELSEWHERE = "<a:{0}><a:Address>http://127.0.0.1:1/replies</a:Address></a:{0}>"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (header(more=ELSEWHERE.format("ReplyTo")), "OnlyAnonymousAddressSupported"),
        (header(more=ELSEWHERE.format("FaultTo")), "OnlyAnonymousAddressSupported"),
        (header(action=f"{NS}:getEvents"), "ActionNotSupported"),
        (header(action=""), "MessageAddressingHeaderRequired"),
        (header(more=f"<a:MessageID>{MESSAGE}</a:MessageID>"), "InvalidAddressingHeader"),
        (header(more=f"<b:To xmlns:b='{V2004}'>x</b:To>"), "InvalidAddressingHeader"),
    ],
)
@pytest.mark.parametrize("version", [V11, V12])
async def test_headers_that_cannot_be_kept_refuse_the_message(gate, body, version, head, code):
    """Nothing is sent to an address that a caller names; nothing is stored."""
    await gate.post("/v1/dossiers", body())
    root = await call(gate, head, version=version)
    name = root.findtext(".//faultcode") or root.findtext(".//{*}Subcode/{*}Value")
    assert name.rpartition(":")[2] == code
    if code != "InvalidAddressingHeader":
        assert said(root, "RelatesTo") == MESSAGE
        assert said(root, "Action") == f"{V2005}/soap/fault"
    shown = (await gate.get("/v1/dossiers/H01-1")).json
    assert "statuses" not in shown


async def test_an_anonymous_reply_address_is_where_the_answer_goes(gate, body):
    """WCF and JAX-WS write it out."""
    await gate.post("/v1/dossiers", body())
    more = ELSEWHERE.format("ReplyTo").replace("http://127.0.0.1:1/replies", f"{V2005}/anonymous")
    root = await call(gate, header(more=more))
    assert root.findtext(f".//{{{NS}}}receipt/{{{NS}}}messageId")
