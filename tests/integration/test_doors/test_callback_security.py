"""A partner's own SOAP calls that prove themselves by WS-Security, at a path of its own and in its own format."""

import asyncio
import re
from datetime import timedelta

import pytest
from lxml import etree

from gateway.ports.secrets import Secret
from gateway.sdk import build
from gateway.security.certificates import read_key_pair
from gateway.security.wsse.agreement import Agreement
from gateway.security.wsse.believing import believe
from gateway.security.wsse.names import CONFIRMATION
from gateway.security.wsse.partners import Partners
from gateway.security.wsse.policy import Expected, Sending, Signing
from gateway.security.wsse.protecting import protect
from gateway.security.wsse.refusal import Unbelievable
from gateway.security.wsse.usernames import Account, Login
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, LAND
from gateway.testing.certificates import certified
from gateway.testing.secured import Counter, crowded
from gateway.wire.soap import SoapVersion, envelope_of
from gateway.wire.soap_message import SoapMessage, pack
from gateway.wire.xml import XmlLimits, parse
from tests.adapters import context_of, system_of
from tests.machine import resident
from tests.packages import packaged

V11 = SoapVersion.V11
NAMES = ("register", "other", "stranger", "ours")
REGISTER, OTHER, STRANGER, OURS = (read_key_pair(certified(name)[0]) for name in NAMES)
LIFE = timedelta(minutes=5)
SIGNED = Sending(timestamp=LIFE, signing=Signing(pairs=(REGISTER,)))
ANSWER = Sending(timestamp=LIFE, signing=Signing(pairs=(OURS,)), confirms=True)
XML = {"Content-Type": "text/xml"}
LOGIN = Sending(timestamp=LIFE, login=Login(user="civil", password=Secret("mật khẩu"), kind="digest"))
SYSTEM = f"""
id = "{CIVIL_STATUS}"
role = "system"
adapter = "rest"
mode = "off"
name = {{ vi = "Hộ tịch" }}
[security.expect]
certificates = ["certificates/register.pem"]
[security.send]
confirm = true
signature = {{}}
[options.receive.tt]
mapping = "in"
format = "xml"
media_type = "text/xml"
reply = "<nhan>{{receipt.message_id}}</nhan>"
refusal = "<loi>{{reason}}</loi>"
auth_status = 500
auth = [{{ kind = "ws_security" }}]
[options.receive.signed]
mapping = "in"
format = "xml"
media_type = "text/xml"
reply = "<s:Envelope xmlns:s='{V11.namespace}'><s:Body><nhan>{{receipt.message_id}}</nhan></s:Body></s:Envelope>"
refusal = "<s:Envelope xmlns:s='{V11.namespace}'><s:Body><loi>{{reason}}</loi></s:Body></s:Envelope>"
auth_status = 500
secure_replies = true
auth = [{{ kind = "ws_security" }}]
"""
MAPPING = """
version = "1"
row = [
  { to = "kind", value = "status.changed" },
  { to = "dossier.code", from = "body.Envelope.Body.TrangThai.Ma", required = true },
  { to = "data.status", from = "body.Envelope.Body.TrangThai.So", as = "int" },
  { to = "text", from = "body.Envelope.Header.Ghi" },
]
"""
RANDOM = Counter()
REFUSED = (500, "<loi>không rõ bên gọi</loi>")


@pytest.fixture
def opened(gate_with):
    def open_with(settings=None, **expected):
        blobs = MemoryBlobs()
        partners = Partners(
            {
                CIVIL_STATUS: Agreement(sending=ANSWER, expected=Expected(**expected)),
                LAND: Agreement(expected=Expected(certificates=(OTHER.certificate,))),
            }
        )
        adapter = build(system_of(SYSTEM), context_of(blobs=blobs, mappings={"in": MAPPING}))
        options = {} if settings is None else {"server": settings}
        return gate_with(receivers={CIVIL_STATUS: adapter}, partners=partners, blobs=blobs, **options)

    return open_with


def written(gate, status=4, sending=SIGNED, *, at=None, note=""):
    """Return the bytes of a call as its sender secured it."""
    said = f'<k:TrangThai xmlns:k="urn:mau"><k:Ma>H01-1</k:Ma><k:So>{status}</k:So></k:TrangThai>'
    message = SoapMessage(version=V11, envelope=envelope_of(V11, parse(said.encode())))
    if note:
        etree.SubElement(message.header(), "{urn:mau}Ghi").text = note
    protect(message, sending, now=at or gate.clock.now(), random=RANDOM)
    return pack(message).body


async def call(gate, raw, declared="text/xml"):
    path = f"/callbacks/{CIVIL_STATUS}/tt"
    reply = await gate.post(path, raw=raw, headers={"Content-Type": declared}, who=None)
    return reply.status, reply.body.decode()


async def receipt(gate, raw):
    status, said = await call(gate, raw)
    assert status == 200, said
    return re.fullmatch("<nhan>(.+)</nhan>", said)[1]


MIB = 1024 * 1024


async def test_many_strangers_at_once_are_read_by_twos(opened, server):
    """G6: as at the SOAP door; nobody has proved anything yet."""
    raw = crowded()
    settings = server(body_limit=MIB, bodies=32 * MIB)
    async with opened(settings, certificates=(REGISTER.certificate,)) as gate:
        await call(gate, raw)
        before = resident(forget=True)
        answers = await asyncio.gather(*(call(gate, raw) for _ in range(24)))
    assert set(answers) == {REFUSED}
    assert resident() - before < 160 * MIB


async def test_a_signed_call_is_its_systems_and_counts_once(opened, body):
    """G7: a recorded call gets the first receipt, whatever was said since; whose certificate signed is kept."""
    async with opened(certificates=(REGISTER.certificate,)) as gate:
        await gate.post("/v1/dossiers", body())
        first = written(gate)
        told = await receipt(gate, first)
        assert await receipt(gate, written(gate, 5)) != told
        assert await receipt(gate, first) == told
        kept = await gate.store.message(told)
        assert kept.actor.key_id == f"wsse-{REGISTER.certificate.name}"


async def test_only_the_body_of_a_signed_call_counts(opened, body):
    """G9: what its signature does not cover is as if it were not there, whatever it is called."""
    async with opened(certificates=(REGISTER.certificate,)) as gate:
        await gate.post("/v1/dossiers", body())
        raw = written(gate, note="không ai ký")
        end = raw.rindex(b"</")
        told = await receipt(gate, raw[:end] + b"<x:Body xmlns:x='urn:x'><TrangThai/></x:Body>" + raw[end:])
        assert "không ai ký" not in (await gate.store.message(told)).payload.body.decode()


async def test_what_proves_nothing_is_refused_in_the_partners_words_and_leaves_nothing(opened, body):
    async with opened(certificates=(REGISTER.certificate,)) as gate:
        await gate.post("/v1/dossiers", body())
        before = await gate.store.find()
        good = written(gate)
        signed = [
            good.replace(b">4<", b">5<"),
            written(gate, sending=Sending()),
            written(gate, sending=Sending(timestamp=LIFE)),
            written(gate, sending=LOGIN),
            written(gate, sending=Sending(timestamp=LIFE, signing=Signing(pairs=(STRANGER,)))),
            written(gate, sending=Sending(timestamp=LIFE, signing=Signing(pairs=(OTHER,)))),
            written(gate, at=gate.clock.now() - timedelta(minutes=7)),
            written(gate, at=gate.clock.now() + timedelta(minutes=2)),
            b"<a/>",
            b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            b"nothing",
        ]
        for raw in signed:
            assert await call(gate, raw) == REFUSED
        assert await call(gate, *packaged(good, [("1", b"one")])) == REFUSED
        assert await gate.store.find() == before
        assert not gate.blobs.objects


async def test_a_system_of_which_nothing_is_agreed_proves_nothing(opened, body):
    """G9: whoever has a certificate of anybody's could speak for it."""
    async with opened() as gate:
        await gate.post("/v1/dossiers", body())
        for sending in (SIGNED, LOGIN, Sending(timestamp=LIFE)):
            assert await call(gate, written(gate, sending=sending)) == REFUSED
        assert "statuses" not in (await gate.get("/v1/dossiers/H01-1")).json


async def test_whoever_was_believed_gets_its_answers_signed_and_its_own_signature_confirmed(opened, body):
    """The reply and the refusal after it was let in; a stranger proves nothing, and is shown nothing that we signed."""
    async with opened(certificates=(REGISTER.certificate,)) as gate:
        await gate.post("/v1/dossiers", body())
        for status, http, told in ((4, 200, "nhan"), (99, 400, "loi")):
            raw = written(gate, status)
            reply = await gate.post(f"/callbacks/{CIVIL_STATUS}/signed", raw=raw, headers=XML, who=None)
            assert (reply.status, reply.headers["Content-Type"]) == (http, "text/xml")
            root = parse(reply.body)
            believed = believe(
                root, Expected(certificates=(OURS.certificate,)), now=gate.clock.now(), limits=XmlLimits()
            )
            assert etree.QName(believed.envelope.find("{*}Body")[0]).localname == told
            confirmation = root.find(f".//{CONFIRMATION}")
            assert confirmation.get("Value") == parse(raw).findtext(".//{*}SignatureValue")
            confirmation.set("Value", "AAAA")
            with pytest.raises(Unbelievable, match="signature"):
                believe(root, Expected(certificates=(OURS.certificate,)), now=gate.clock.now(), limits=XmlLimits())
        stranger = written(gate, sending=Sending(timestamp=LIFE, signing=Signing(pairs=(STRANGER,))))
        reply = await gate.post(f"/callbacks/{CIVIL_STATUS}/signed", raw=stranger, headers=XML, who=None)
        assert (reply.status, b"Signature" in reply.body) == (500, False)


async def test_a_name_and_its_password_open_the_path_once_for_one_body(opened, body):
    """The digest covers no Body, so a nonce in front of another one is a forgery."""
    account = Account(user="civil", passwords=(Secret("mật khẩu"),), kinds=frozenset({"digest"}))
    async with opened(account=account, timestamp=True) as gate:
        await gate.post("/v1/dossiers", body())
        raw = written(gate, sending=LOGIN, note="ghi")
        told = await receipt(gate, raw)
        assert "ghi" in (await gate.store.message(told)).payload.body.decode()
        assert await receipt(gate, raw) == told
        assert await call(gate, raw.replace(b">4<", b">5<")) == REFUSED
        wrong = Login(user="civil", password=Secret("khác"), kind="digest")
        assert await call(gate, written(gate, sending=Sending(timestamp=LIFE, login=wrong))) == REFUSED
