"""WS-Security at ``/soap/v1/events``: who calls is proved in the envelope; what is shown twice is done once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from gateway.ports.secrets import Secret
from gateway.security.certificates import read_key_pair
from gateway.security.wsse.agreement import Agreement
from gateway.security.wsse.believing import believe
from gateway.security.wsse.names import WSA, wsse, wsu
from gateway.security.wsse.partners import Partners
from gateway.security.wsse.policy import Expected, Sending, Signing
from gateway.security.wsse.protecting import protect
from gateway.security.wsse.usernames import Account, Login
from gateway.testing.books import CIVIL_STATUS, LAND, TAX
from gateway.testing.certificates import certified
from gateway.testing.clock import MONDAY_MORNING
from gateway.testing.secured import Counter, crowded
from gateway.wire.soap import SoapVersion, envelope_of
from gateway.wire.soap_message import SoapMessage, pack
from gateway.wire.xml import XmlLimits, parse
from tests.machine import resident
from tests.threads import Counting

from .conftest import Slow

NS = "urn:provincial-gateway:events:v1"
V11 = SoapVersion.V11
REGISTER, OURS, STRANGER = (read_key_pair(certified(name)[0]) for name in ("register", "gateway", "stranger"))
LIFE = timedelta(minutes=5)
SIGNED = Sending(timestamp=LIFE, signing=Signing(pairs=(REGISTER,)))
PARTNERS = Partners(
    {
        CIVIL_STATUS: Agreement(
            sending=Sending(timestamp=LIFE, signing=Signing(pairs=(OURS,))),
            expected=Expected(certificates=(REGISTER.certificate,)),
        ),
        LAND: Agreement(expected=Expected(account=Account(user="land", passwords=(Secret("mật khẩu"),)))),
    }
)
ITEM = "<item><dossier><code>H01-1</code></dossier>{id}<statusChanged><status>{status}</status></statusChanged></item>"


@pytest.fixture
async def door(gate_with, body):
    """A door behind which the dossier that everything here speaks of has begun."""
    async with gate_with(partners=PARTNERS) as gate:
        await gate.post("/v1/dossiers", body())
        yield gate


@pytest.fixture
async def named(gate_with, body):
    """A door at which the same system says its name and its password instead."""
    account = Account(user="civil", passwords=(Secret("mật khẩu"),))
    partners = Partners({CIVIL_STATUS: Agreement(expected=Expected(account=account))})
    async with gate_with(partners=partners) as gate:
        await gate.post("/v1/dossiers", body())
        yield gate


def submit(*statuses, id_=""):
    items = "".join(ITEM.format(status=status, id=id_) for status in statuses)
    return f'<submitEvents xmlns="{NS}">{items}</submitEvents>'


RANDOM = Counter()


def written(gate, body, sending=SIGNED, *, at=None, headers=()):
    """Return the bytes of a message as its sender secured it."""
    message = SoapMessage(version=V11, envelope=envelope_of(V11, parse(body.encode())))
    for name, text in dict(headers).items():
        etree.SubElement(message.header(), f"{{{WSA}}}{name}").text = text
    protect(message, sending, now=at or gate.clock.now(), random=RANDOM)
    return pack(message).body


async def sent(gate, raw, who=None):
    reply = await gate.post("/soap/v1/events", raw=raw, headers={"Content-Type": "text/xml"}, who=who)
    return parse(reply.body)


async def call(gate, body, sending=SIGNED, who=None, **options):
    return await sent(gate, written(gate, body, sending, **options), who)


def receipts(root):
    return root.xpath("//*[local-name()='receipt']/*[local-name()='messageId']/text()")


def refusal(root):
    assert root.findtext(".//faultcode").endswith(":Client")
    return root.xpath("string(//*[local-name()='code'])")


async def heard(gate):
    """Return the statuses that were accepted, in order, each with the key that it came by."""
    (view,) = await gate.store.dossiers("H01-1")
    messages = (await gate.store.timeline(view.id)).messages
    return [(one.actor.name, one.actor.key_id) for one in messages if one.kind == "status.changed"]


async def test_a_signature_says_who_calls_and_the_answer_proves_itself(door):
    """No key in the HTTP header; the evidence names the certificate."""
    answer = await call(door, submit(4))
    assert len(receipts(answer)) == 1
    assert await heard(door) == [(CIVIL_STATUS, f"wsse-{REGISTER.certificate.name}")]
    expected = Expected(certificates=(OURS.certificate,))
    assert believe(answer, expected, now=door.clock.now(), limits=XmlLimits()).signer == OURS.certificate.name


async def test_a_fault_to_a_caller_that_is_known_is_signed_too(door):
    fault = await call(door, submit("secret-7"))
    assert refusal(fault) == "body.invalid"
    believe(fault, Expected(certificates=(OURS.certificate,)), now=door.clock.now(), limits=XmlLimits())


async def test_an_honest_repetition_gets_the_first_receipt(door):
    """G7: the reply was lost, and the stack sends the same bytes again, after others were said."""
    raw = written(door, submit(4, 5))
    first = receipts(await sent(door, raw))
    await call(door, submit(6))
    again = await sent(door, raw)
    assert receipts(again) == first
    assert again.xpath("//*[local-name()='duplicate']/text()") == ["true", "true"]
    assert len(await heard(door)) == 3


async def test_a_repetition_while_the_first_call_goes_on_gets_the_first_receipt_too(gate_with, body):
    """G7: the stack has not waited for the reply; a Fault would be taken for a refusal of what is accepted."""
    inboxes = []

    def slow(store):
        inboxes.append(Slow(store))
        return inboxes[0]

    async with gate_with(partners=PARTNERS, inbox=slow) as gate:
        inboxes[0].may_commit.set()
        await gate.post("/v1/dossiers", body())
        raw, calls = written(gate, submit(4, 5)), []
        inboxes[0].may_commit.clear()
        for _ in range(2):
            inboxes[0].begun.clear()
            calls.append(asyncio.create_task(sent(gate, raw)))
            begun = asyncio.create_task(inboxes[0].begun.wait())
            await asyncio.wait((calls[-1], begun), return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()
        inboxes[0].may_commit.set()
        first, again = [receipts(await one) for one in calls]
        assert len(first) == 2
        assert again == first
        assert len(await heard(gate)) == 2


async def test_the_same_words_signed_anew_are_said_anew(door):
    """A, B, A are three events; only the same proof is the same call."""
    for status in (4, 5, 4):
        assert receipts(await call(door, submit(status)))
    assert len(await heard(door)) == 3


async def test_another_message_id_in_front_of_a_recorded_call_makes_it_no_other(door):
    """WS-Addressing stands outside what was signed here: who records a call may put anything there."""
    action = f"{NS}:submitEvents"
    raw = written(door, submit(4), headers={"Action": action, "MessageID": "urn:uuid:1"})
    first = receipts(await sent(door, raw))
    await call(door, submit(5))
    again = receipts(await sent(door, raw.replace(b"urn:uuid:1", b"urn:uuid:2")))
    assert again == first
    assert len(await heard(door)) == 2


async def test_an_own_id_is_known_again_under_any_signature(door):
    one = "<sourceEventId>e-1</sourceEventId>"
    first, again = [receipts(await call(door, submit(4, id_=one))) for _ in range(2)]
    assert first == again


async def test_what_only_shows_is_shown_once_for_one_signature(door):
    """G9: who records a question must not read the answers; who acknowledges twice does no harm."""
    asks = written(door, f'<getEvents xmlns="{NS}"/>')
    assert "Fault" not in (await sent(door, asks)).find("{*}Body")[0].tag
    assert refusal(await sent(door, asks)) == "security.replayed"
    cursor = (await call(door, f'<getEvents xmlns="{NS}"/>')).xpath("string(//*[local-name()='next'])")
    settles = written(door, f'<acknowledge xmlns="{NS}"><cursor>{cursor}</cursor></acknowledge>')
    for _ in range(2):
        assert "Fault" not in (await sent(door, settles)).find("{*}Body")[0].tag


async def test_a_name_with_its_password_says_who_calls(named):
    login = Sending(login=Login(user="civil", password=Secret("mật khẩu")))
    raw = written(named, submit(4), login)
    first = receipts(await sent(named, raw))
    await call(named, submit(5), login)
    assert receipts(await sent(named, raw)) == first
    assert await heard(named) == [(CIVIL_STATUS, "wsse-username")] * 2


async def test_a_nonce_in_front_of_another_body_is_a_forgery(named):
    """G7: the first body is its own, however often another is tried."""
    raw = written(named, submit(4), Sending(login=Login(user="civil", password=Secret("mật khẩu"))))
    await sent(named, raw)
    for _ in range(2):
        assert refusal(await sent(named, raw.replace(b">4<", b">5<"))) == "security.replayed"
    assert len(await heard(named)) == 1


async def test_whom_a_stranger_claims_to_be_is_found_out_beside_the_event_loop(named):
    """G6: each id of the message is compared with the others: 100,000 take 0.2 s, and nobody was answered."""
    threads = Counting(1)
    asyncio.get_running_loop().set_default_executor(threads)
    stranger = Sending(timestamp=LIFE, login=Login(user="nobody", password=Secret("mật khẩu")))
    assert refusal(await call(named, submit(1), stranger)) == "security.credentials"
    assert threads.given == 1


async def test_guessing_a_password_takes_longer_than_anybody_has(named):
    wrong = Sending(login=Login(user="civil", password=Secret("guess")))
    right = Sending(login=Login(user="civil", password=Secret("mật khẩu")))
    assert [refusal(await call(named, submit(4), wrong)) for _ in range(3)] == ["security.credentials"] * 3
    assert refusal(await call(named, submit(4), right)) == "login.barred"
    named.clock.advance(61)
    assert receipts(await call(named, submit(4), right))


def moved(raw):
    """Put the signed Body into the header, and another in its place."""
    root = parse(raw)
    body = root.find("{*}Body")
    evil = etree.fromstring(etree.tostring(body).replace(b">4<", b">9<"))
    del evil.attrib[wsu("Id")]
    root.find("{*}Header").append(body)
    root.append(evil)
    return etree.tostring(root)


FORGED = {
    "moved": (moved, "security.unsigned"),
    "changed": (lambda raw: raw.replace(b">4<", b">9<"), "security.signature"),
    "without": (lambda raw: raw.replace(b"wsse:Security", b"wsse:Insecurity"), "key.missing"),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_was_tampered_with_is_a_client_fault_and_does_nothing(door, name):
    spoil, code = FORGED[name]
    assert refusal(await sent(door, spoil(written(door, submit(4))))) == code
    assert await heard(door) == []


def second_header(raw):
    root = parse(raw)
    etree.SubElement(root.find("{*}Header"), wsse("Security"))
    return etree.tostring(root)


def same_id(raw):
    root = parse(raw)
    root.find("{*}Body")[0].set("ID", root.find("{*}Body").get(wsu("Id")))
    return etree.tostring(root)


@pytest.mark.parametrize(
    ("sending", "spoil", "at", "code"),
    [
        (replace(SIGNED, signing=None), None, 0, "security.missing"),
        (replace(SIGNED, signing=Signing(pairs=(STRANGER,))), None, 0, "security.unknown_key"),
        (replace(SIGNED, signing=Signing(pairs=(REGISTER,), algorithm="rsa-sha1")), None, 0, "security.algorithm"),
        (replace(SIGNED, signing=Signing(pairs=(REGISTER,), digest="sha1")), None, 0, "security.algorithm"),
        (SIGNED, None, -361, "security.expired"),
        (SIGNED, None, 61, "security.early"),
        (SIGNED, second_header, 0, "security.repeated"),
        (SIGNED, same_id, 0, "security.repeated"),
    ],
)
async def test_what_proves_nothing_is_a_client_fault_and_does_nothing(door, sending, spoil, at, code):
    raw = written(door, submit(4), sending, at=door.clock.now() + timedelta(seconds=at))
    fault = await sent(door, spoil(raw) if spoil else raw)
    assert refusal(fault) == code
    assert fault.xpath("string(//*[local-name()='textEn'])")
    assert await heard(door) == []


async def test_a_doctype_and_endless_depth_are_refused_before_anybody_is_known(door):
    for raw in (
        b"<!DOCTYPE s [<!ENTITY a 'b'>]>" + written(door, submit(4)).partition(b"?>")[2],
        written(door, submit(4)).replace(b"<status>", b"<a>" * 200 + b"<status>"),
    ):
        root = await sent(door, raw)
        assert root.findtext(".//faultcode").endswith(":Client")
    assert await heard(door) == []


MIB = 1024 * 1024


async def test_many_strangers_at_once_are_read_by_twos(gate_with, server):
    """G6: of a small document of many elements a tree is seventy times as large; nobody has shown a key for it."""
    raw = crowded()
    async with gate_with(server=server(body_limit=MIB, bodies=32 * MIB), partners=PARTNERS) as gate:
        await sent(gate, raw)
        before = resident(forget=True)
        faults = await asyncio.gather(*(sent(gate, raw) for _ in range(24)))
    assert {refusal(fault) for fault in faults} == {"security.missing"}
    assert resident() - before < 160 * MIB


async def test_a_key_alone_is_not_enough_where_a_signature_was_agreed(door):
    assert refusal(await call(door, submit(4), Sending(), who=CIVIL_STATUS)) == "security.missing"
    assert receipts(await call(door, submit(4), who=CIVIL_STATUS))


async def test_the_key_of_one_and_the_signature_of_another_prove_nobody(door):
    """Whose key it is decides whose certificates count."""
    fault = await call(door, submit(4), SIGNED, who=LAND)
    assert refusal(fault) == "security.missing"
    assert await heard(door) == []


async def test_who_agreed_on_nothing_comes_in_by_a_key_as_before(door):
    shown = await call(door, f'<getEvents xmlns="{NS}"/>', Sending(), who=TAX)
    assert "Fault" not in shown.find("{*}Body")[0].tag
    assert refusal(await call(door, submit(4), Sending())) == "key.missing"


async def test_without_any_agreement_the_door_asks_for_a_key_before_it_reads(gate):
    assert refusal(await call(gate, submit(4))) == "key.missing"


async def test_every_other_door_asks_for_a_key_all_the_same(door):
    """G9: only an envelope can say who calls."""
    for reply in (await door.get("/v1/dossiers/H01-1", who=None), await door.post("/v1/events", {}, who=None)):
        assert (reply.status, reply.code) == (401, "key.missing")


async def test_who_is_named_by_its_envelope_is_heard_as_by_a_key(gate_with):
    """A system that calls is there, and what waits for it is tried sooner; a stranger in its name wakes nobody."""
    there = []
    async with gate_with(partners=PARTNERS, heard=there.append) as gate:
        await call(gate, submit(4), replace(SIGNED, signing=Signing(pairs=(STRANGER,))))
        assert there == []
        await call(gate, submit(4))
        assert there == [CIVIL_STATUS]
        await call(gate, submit(4), who=CIVIL_STATUS)
        assert there == [CIVIL_STATUS, CIVIL_STATUS]


async def test_an_answer_that_cannot_be_signed_is_given_all_the_same(gate_with, body):
    """What was accepted is accepted; the caller that wants a signature asks again, and gets its receipt."""
    over = read_key_pair(certified("over", ends=MONDAY_MORNING - LIFE)[0])
    agreed = replace(PARTNERS.of(CIVIL_STATUS), sending=Sending(timestamp=LIFE, signing=Signing(pairs=(over,))))
    async with gate_with(partners=Partners({CIVIL_STATUS: agreed})) as gate:
        await gate.post("/v1/dossiers", body())
        assert receipts(await call(gate, submit(4)))


RESULT = f"""<submitEvents xmlns="{NS}"><item><dossier><code>H01-1</code></dossier><resultIssued><name>Giấy</name>
<files><name>kq.pdf</name><content>
<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:1"/></content></files>
</resultIssued></item></submitEvents>"""
FILE = b"--b\r\nContent-ID: <1>\r\n\r\n%PDF\r\n"
PACKAGE = 'multipart/related; type="application/xop+xml"; start-info="text/xml"; start="<r>"; boundary=b'


async def packaged(gate, login, *, first=b"", then=FILE):
    """Send a result whose envelope says a name and a password, with its file beside it."""
    root = b"--b\r\nContent-ID: <r>\r\n\r\n" + written(gate, RESULT, login) + b"\r\n"
    raw = first + root + then + b"--b--"
    reply = await gate.post("/soap/v1/events", raw=raw, headers={"Content-Type": PACKAGE}, who=None)
    return parse(reply.body)


async def test_whoever_says_a_name_and_its_password_may_send_a_file_beside_the_envelope(named):
    answer = await packaged(named, Sending(login=Login(user="civil", password=Secret("mật khẩu"))))
    assert len(receipts(answer)) == 1
    assert list(named.blobs.objects.values()) == [b"%PDF"]


@pytest.mark.parametrize(("password", "first"), [("guess", False), ("guess", True), ("mật khẩu", True)])
async def test_nobody_puts_a_file_on_disk_before_he_is_known(named, password, first):
    """Not with a wrong password, and not by sending the file before the envelope that would prove him."""
    login = Sending(login=Login(user="civil", password=Secret(password)))
    parts = {"first": FILE, "then": b""} if first else {}
    fault = await packaged(named, login, **parts)
    assert refusal(fault) == ("attachments.invalid" if first else "security.credentials")
    assert not named.blobs.objects
