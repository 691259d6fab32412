"""Encrypted messages that are not what they say: refused in the same words, whatever is wrong inside."""

import base64
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from gateway.security.certificates import read_key_pair
from gateway.security.wsse.believing import believe
from gateway.security.wsse.names import DS, WSSE, XENC, XENC11
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.testing.certificates import certified
from gateway.testing.secured import NOON
from gateway.wire.xml import XmlLimits, parse

OURS = read_key_pair(certified("gateway")[0])
ANY = Expected(keys=(OURS,), ciphers=("aes128-gcm", "aes256-gcm", "aes256-cbc"))
GCM, CBC_256 = XENC11 + "aes256-gcm", XENC + "aes256-cbc"
OLD_OAEP = f'<x:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"/>'
NEW_OAEP = (
    f'<x:EncryptionMethod Algorithm="{XENC11}rsa-oaep"><d:DigestMethod xmlns:d="{DS}" Algorithm="{XENC}sha256"/>'
    f'<y:MGF xmlns:y="{XENC11}" Algorithm="{XENC11}mgf1sha256"/></x:EncryptionMethod>'
)


def wrapped(key, padding=None):
    usual = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303 - what rsa-oaep-mgf1p prescribes; nothing collides here
    return OURS.key.public_key().encrypt(key, padding or usual)


def sealed(plain, key, cipher=GCM):
    if cipher == GCM:
        iv = os.urandom(12)
        return iv + AESGCM(key).encrypt(iv, plain, None)
    iv, pad = os.urandom(16), 16 - len(plain) % 16
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return iv + encryptor.update(plain + bytes(pad - 1) + bytes([pad])) + encryptor.finalize()


def encrypted(plain=b"<p xmlns='urn:p'>1</p>", *, cipher=GCM, kind="Content", method=OLD_OAEP, key=None, octets=None):
    secret = os.urandom(32)
    shown = base64.b64encode(key or wrapped(secret)).decode()
    data = base64.b64encode(octets or sealed(plain, secret, cipher)).decode()
    return parse(
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="{XENC}" xmlns:t="urn:outer">'
        f'<s:Header><e:Security xmlns:e="{WSSE}"><x:EncryptedKey>{method}<x:CipherData>'
        f"<x:CipherValue>{shown}</x:CipherValue>"
        f"</x:CipherData></x:EncryptedKey></e:Security></s:Header><s:Body>"
        f'<x:EncryptedData Id="ED" Type="{XENC}{kind}"><x:EncryptionMethod Algorithm="{cipher}"/>'
        f"<x:CipherData><x:CipherValue>{data}</x:CipherValue></x:CipherData></x:EncryptedData>"
        f"</s:Body></s:Envelope>".encode()
    )


def read(root, expected=ANY, **limits):
    return believe(root, expected, now=NOON, limits=XmlLimits(**limits)).envelope


def refusal(root, expected=ANY, **limits):
    with pytest.raises(Unbelievable) as refused:
        read(root, expected, **limits)
    return str(refused.value)


@pytest.mark.parametrize("cipher", [GCM, CBC_256])
@pytest.mark.parametrize("kind", ["Content", "Element"])
def test_a_prefix_declared_outside_means_inside_what_it_meant(cipher, kind):
    root = read(encrypted(b"<t:p q='t:name'>\xc3\xa1</t:p>", cipher=cipher, kind=kind))
    found = root.find("*/{urn:outer}p")
    assert (found.text, found.prefix, found.nsmap["t"]) == ("á", "t", "urn:outer")
    assert not root.findall(f".//{{{XENC}}}EncryptedData")


def test_oaep_with_sha256_is_opened_too():
    secret = os.urandom(32)
    key = wrapped(secret, OAEP(MGF1(SHA256()), SHA256(), None))
    root = encrypted(key=key, octets=sealed(b"<p/>", secret), method=NEW_OAEP)
    assert read(root).find("*/p") is not None


@pytest.mark.parametrize(
    "plain",
    [
        b"<p>",
        b"</s:Body><s:Body>",
        b"<p/></s:Body></s:Envelope><!--",
        b"</gw-part><gw-part>",
        b"<!DOCTYPE p [<!ENTITY e 'x'>]><p>&e;</p>",
        b"<?xml version='1.0'?><p/>",
        b"<?php ?>",
        b"&undefined;",
        b"\xff\xfe",
        b"<u:p/>",
        b"<a>" * 101 + b"</a>" * 101,
    ],
)
def test_what_opens_and_is_no_piece_of_xml_fails_like_what_does_not_open(plain):
    assert refusal(encrypted(plain)) == refusal(encrypted(octets=b"\0" * 64)) == "undecryptable"


def test_an_element_is_one_element():
    for plain in (b"", b"text", b"<a/><b/>", b"<a/>text"):
        assert refusal(encrypted(plain, kind="Element")) == "undecryptable"


def test_what_comes_out_is_bounded_like_what_came_in():
    assert refusal(encrypted(b"<a/>" * 2000), max_elements=1000) == "undecryptable"


def test_a_wrong_key_a_wrong_padding_and_a_wrong_tag_are_told_apart_by_nobody():
    secret = os.urandom(32)
    told = {
        refusal(encrypted(key=b"\1" * 256)),
        refusal(encrypted(key=wrapped(os.urandom(32)))),
        refusal(encrypted(key=wrapped(secret[:16]), octets=sealed(b"<p/>", secret))),
        refusal(encrypted(octets=b"\0" * 12)),
        refusal(encrypted(octets=os.urandom(48), cipher=CBC_256)),
        refusal(encrypted(octets=os.urandom(47), cipher=CBC_256)),
    }
    assert told == {"undecryptable"}


@pytest.mark.parametrize("algorithm", [XENC + "rsa-1_5", XENC + "kw-aes256", ""])
def test_no_other_padding_is_tried(algorithm):
    root = encrypted(key=wrapped(os.urandom(32), PKCS1v15()), method=f'<x:EncryptionMethod Algorithm="{algorithm}"/>')
    assert refusal(root).startswith(Breach.ALGORITHM)


@pytest.mark.parametrize("cipher", [XENC + "tripledes-cbc", XENC11 + "aes192-gcm", ""])
def test_no_cipher_counts_but_those_allowed(cipher):
    assert refusal(encrypted(cipher=cipher, octets=b"\0" * 64)).startswith(Breach.ALGORITHM)


def test_more_encrypted_parts_than_anybody_sends_are_refused():
    root = encrypted()
    body = root.find("{*}Body")
    for _ in range(5):
        body.append(etree.fromstring(etree.tostring(body[0]).replace(b'Id="ED"', b"")))
    assert refusal(root).startswith(Breach.MALFORMED)


def test_what_is_encrypted_elsewhere_stays_as_it_is():
    """Only the Body's content and the Security header are ours to open."""
    root = encrypted()
    data = root.find("{*}Body")[0]
    etree.SubElement(root.find("{*}Body"), "holder").append(data)
    assert read(root).find(f".//{{{XENC}}}EncryptedData") is not None
