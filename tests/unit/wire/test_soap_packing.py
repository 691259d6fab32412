"""SOAP messages with files, three ways: read back by Python's own MIME parser, and byte for byte the same each time."""

import base64
import email
import hashlib
import re

import pytest
from lxml import etree

from gateway.wire.attachments import Attachment
from gateway.wire.content_type import ContentType
from gateway.wire.request_body import StreamBody
from gateway.wire.soap import SoapVersion
from gateway.wire.soap_message import SoapMessage
from gateway.wire.soap_packing import Inline, Mtom, Swa
from gateway.wire.xml import parse
from gateway.wire.xop import XopError, detach

FILES = [b"\r\n\0PDF\r\n", b"", b"x" * 100_001, b"--MIME_\r\n"]


def attachment(content, media_type="application/pdf"):
    async def chunks():
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    digest = hashlib.sha256(content).hexdigest()
    return Attachment(size=len(content), sha256=digest, media_type=media_type, chunks=chunks)


def message(packing, contents=FILES, version=SoapVersion.V11):
    """An envelope with one element for each file, in turned order."""
    files = [attachment(content) for content in contents]
    tokens = {packing.token(number, file): file for number, file in enumerate(files)}
    body = "".join(f"<f>{token}</f>" for token in reversed(tokens))
    envelope = parse(f'<s:Envelope xmlns:s="{version.namespace}"><s:Body><a>{body}</a></s:Body></s:Envelope>'.encode())
    return SoapMessage(version=version, envelope=envelope, action="urn:a", attachments=tokens)


async def sent(packed):
    """The bytes as they go on the wire; exactly as many as announced."""
    if isinstance(packed.body, bytes):
        return packed.body
    data = b"".join([chunk async for chunk in packed.body.chunks()])
    assert len(data) == packed.body.size
    return data


async def opened(packed):
    """Root and parts, as another program reads them."""
    head = "".join(f"{name}: {value}\r\n" for name, value in packed.headers.items())
    whole = email.message_from_bytes(head.encode() + b"\r\n" + await sent(packed))
    assert not whole.defects
    root, *parts = whole.get_payload()
    assert whole.get_param("start") == root["Content-ID"] == "<root@gateway>"
    return whole, root, {part["Content-ID"][1:-1]: part for part in parts}


@pytest.mark.parametrize("version", list(SoapVersion))
async def test_mtom_puts_every_file_beside_the_envelope(version):
    """Each where its Include says, with its own bytes, and its own type."""
    packed = Mtom().pack(message(Mtom(), version=version))
    whole, root, parts = await opened(packed)
    assert root.get_content_type() == "application/xop+xml"
    assert root.get_param("type") == whole.get_param("start-info") == version.media_type
    assert whole.get_param("type") == "application/xop+xml"
    assert whole.get_param("action") == ("urn:a" if version is SoapVersion.V12 else None)
    assert packed.headers.get("SOAPAction") == ('"urn:a"' if version is SoapVersion.V11 else None)
    envelope = parse(root.get_payload(decode=True))
    markers = detach(envelope)
    found = [parts.pop(markers[element.text]) for element in envelope.iter("f")]
    assert [part.get_payload(decode=True) for part in found] == FILES[::-1]
    assert {part.get_content_type() for part in found} == {"application/pdf"}
    assert parts == {}


async def test_mtom_packs_a_message_without_files_too():
    """Stacks that are told to speak MTOM refuse plain XML."""
    packed = Mtom().pack(message(Mtom(), []))
    assert isinstance(packed.body, bytes)
    _, root, parts = await opened(packed)
    assert etree.QName(parse(root.get_payload(decode=True))).localname == "Envelope"
    assert parts == {}


@pytest.mark.parametrize("version", list(SoapVersion))
async def test_swa_refers_to_every_file_by_its_address(version):
    packed = Swa().pack(message(Swa(), version=version))
    whole, root, parts = await opened(packed)
    assert root.get_content_type() == whole.get_param("type") == version.media_type
    places = [element.text for element in parse(root.get_payload(decode=True)).iter("f")]
    assert [
        parts[place.removeprefix("cid:").replace("%40", "@")].get_payload(decode=True) for place in places
    ] == FILES[::-1]


async def test_swa_sends_a_message_without_files_alone():
    packed = Swa().pack(message(Swa(), []))
    assert packed.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert etree.QName(parse(packed.body)).localname == "Envelope"


async def test_inline_encodes_every_file_where_it_stands():
    """The envelope is what it would have been with the base64 in it, and never whole in memory."""
    packed = Inline().pack(message(Inline()))
    assert isinstance(packed.body, StreamBody)
    assert packed.headers["Content-Type"] == "text/xml; charset=utf-8"
    places = [element.text or "" for element in parse(await sent(packed)).iter("f")]
    assert [base64.b64decode(place, validate=True) for place in places] == FILES[::-1]


async def test_inline_leaves_a_message_without_files_as_it_is():
    assert isinstance(Inline().pack(message(Inline(), [])).body, bytes)


@pytest.mark.parametrize("packing", [Inline(), Mtom(), Swa()])
async def test_the_same_message_has_the_same_bytes(packing):
    """What is in doubt is sent again byte for byte, though markers are drawn anew."""
    first, second = (packing.pack(message(packing)) for _ in range(2))
    assert first.headers == second.headers
    assert await sent(first) == await sent(second)
    assert first.body.digest == second.body.digest
    other = packing.pack(message(packing, [*FILES[:-1], b"other"]))
    assert other.body.digest != first.body.digest


@pytest.mark.parametrize("packing", [Inline(), Mtom()])
def test_refuses_a_file_that_has_no_element_of_its_own(packing):
    """Rather than send an envelope without it."""
    for place in ('<f b="{}"/>', "<f>{} and more</f>", "<f>{}<g/></f>", "<f/>"):
        token = packing.token(0, attachment(b"x"))
        envelope = parse(f"<a>{place.format(token)}</a>".encode())
        files = {token: attachment(b"x")}
        with pytest.raises(XopError, match="element of its own"):
            packing.pack(SoapMessage(version=SoapVersion.V11, envelope=envelope, attachments=files))


async def test_a_files_type_cannot_write_headers():
    """It came from whoever uploaded the file."""
    token = Mtom().token(0, attachment(b"x"))
    envelope = parse(f"<a>{token}</a>".encode())
    files = {token: attachment(b"x", "text/plain\r\nX-Evil: 1")}
    packed = Mtom().pack(SoapMessage(version=SoapVersion.V11, envelope=envelope, attachments=files))
    _, _, (part,) = (*(await opened(packed))[:2], list((await opened(packed))[2].values()))
    assert part.get_content_type() == "application/octet-stream"
    assert "X-Evil" not in part


def test_no_file_can_hold_its_own_boundary():
    """The boundary follows from the file's digest."""
    boundaries = set()
    content = b""
    for _ in range(5):
        packed = Mtom().pack(message(Mtom(), [content]))
        boundary = ContentType.parse(packed.headers["Content-Type"]).parameters["boundary"]
        assert re.fullmatch(r"MIME_[0-9a-f]{40}", boundary)
        boundaries.add(boundary)
        content = f"\r\n--{boundary}--\r\n".encode()
    assert len(boundaries) == 5
