"""Our own signature: X.509 Token Profile 1.1, with the certificate as a BinarySecurityToken beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from gateway.core.errors import GatewayError
from gateway.security.certificates import KeyPair, valid
from gateway.security.wsse.algorithms import DIGESTS, SIGNATURES, SignatureMethod
from gateway.security.wsse.canonical import canonical, digest
from gateway.security.wsse.names import BASE64, DS, EXC_C14N, X509_V3, ds, wsse
from gateway.security.wsse.policy import Signing
from gateway.wire.xml import Element


class NoValidKey(GatewayError):
    """None of our keys for this partner is valid now."""

    def __init__(self) -> None:
        super().__init__("no certificate of ours for this partner is valid now: put a new key in front of the old one")


def signing_pair(signing: Signing, now: datetime) -> KeyPair:
    """Return the key that signs now; raises NoValidKey."""
    pair = next(valid(signing.pairs, now), None)
    if pair is None:
        raise NoValidKey
    return pair


def binary_token(pair: KeyPair) -> Element:
    """Return our certificate as the header carries it."""
    token = etree.Element(wsse("BinarySecurityToken"), EncodingType=BASE64, ValueType=X509_V3)
    token.text = base64.b64encode(pair.certificate.der).decode()
    return token


def sign(security: Element, targets: Mapping[str, Element], signing: Signing, pair: KeyPair, token: str) -> None:
    """Append to the Security header a signature over these elements, by id. ``token`` is the certificate's id.

    Nothing that is signed, and no namespace declared above it, may change any more.
    """
    name = signing.method(pair)
    signature = etree.SubElement(security, ds("Signature"), nsmap={"ds": DS})
    info = _signed_info(signature, name, signing.digest, targets.items())
    value = _value(pair, SIGNATURES[name], canonical(info))
    etree.SubElement(signature, ds("SignatureValue")).text = base64.b64encode(value).decode()
    key_info = etree.SubElement(signature, ds("KeyInfo"))
    reference = etree.SubElement(key_info, wsse("SecurityTokenReference"))
    etree.SubElement(reference, wsse("Reference"), URI=f"#{token}", ValueType=X509_V3)


def _signed_info(signature: Element, method: str, digest_name: str, targets: Iterable[tuple[str, Element]]) -> Element:
    info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), Algorithm=EXC_C14N)
    etree.SubElement(info, ds("SignatureMethod"), Algorithm=SIGNATURES[method].uri)
    uri, hashed = DIGESTS[digest_name]
    for name, element in targets:
        reference = etree.SubElement(info, ds("Reference"), URI=f"#{name}")
        transforms = etree.SubElement(reference, ds("Transforms"))
        etree.SubElement(transforms, ds("Transform"), Algorithm=EXC_C14N)
        etree.SubElement(reference, ds("DigestMethod"), Algorithm=uri)
        value = base64.b64encode(digest(element, hashed())).decode()
        etree.SubElement(reference, ds("DigestValue")).text = value
    return info


def _value(pair: KeyPair, method: SignatureMethod, signed: bytes) -> bytes:
    key = pair.key
    if isinstance(key, RSAPrivateKey):
        return key.sign(signed, PKCS1v15(), method.hash())
    first, second = decode_dss_signature(key.sign(signed, ECDSA(method.hash())))
    size = (key.key_size + 7) // 8
    return first.to_bytes(size) + second.to_bytes(size)
