"""XML Signature 1.1, as much of it as WS-Security needs and no more: one signature, exclusive c14n, ids by position.

The signature over SignedInfo is checked before anything it refers to is made canonical: who has no pinned key makes us
do no work that grows with the message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from lxml import etree

from gateway.security.certificates import Pinned
from gateway.security.wsse.algorithms import Allowed, SignatureMethod
from gateway.security.wsse.anatomy import Anatomy, at_most_one, is_ds, octets_of, only
from gateway.security.wsse.canonical import canonical, digest
from gateway.security.wsse.names import EXC_C14N, ds
from gateway.security.wsse.picking import pick
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element

_MOST_REFERENCES = 10
_MOST_PREFIXES = 100
_LONGEST_LIST = 16 * 1024  #: characters of them: each word is a text of its own, and its sender has proved nothing yet
_LARGEST_INFO = 64 * 1024  #: octets of SignedInfo
_INCLUSIVE = f"{{{EXC_C14N}}}InclusiveNamespaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A signature that holds."""

    signer: Pinned
    value: bytes = field(repr=False)  #: of SignatureValue
    signed: bytes = field(repr=False)  #: SHA-256 of SignedInfo: of an ECDSA signature anybody can make a second value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reference:
    """What a signature says of one element."""

    element: Element
    prefixes: tuple[str, ...]
    hash: Callable[[], HashAlgorithm]
    value: bytes


def verify(parts: Anatomy, signature: Element, expected: Expected, now: datetime) -> Proof:
    """Return the proof that a pinned key has signed Body and Timestamp; raises Unbelievable."""
    info = only(signature, ds("SignedInfo"))
    method = _method(info, expected.allowed)
    references = _references(info, parts, expected.allowed)
    covered = [reference.element for reference in references]
    if not all(any(element is needed for element in covered) for needed in (parts.body, parts.timestamp)):
        raise Unbelievable(Breach.UNSIGNED)
    known = pick(only(signature, ds("KeyInfo"), Breach.MISSING), parts, expected.certificates)
    value = octets_of(only(signature, ds("SignatureValue")))
    signed = canonical(info, _canonicalization(info), limit=_LARGEST_INFO)
    signer = next((one for one in known if _is_signed(one, method, value, signed)), None)
    if signer is None or not all(_holds(reference) for reference in references):
        raise Unbelievable(Breach.SIGNATURE)
    if not signer.is_valid(now):
        raise Unbelievable(Breach.CERTIFICATE, signer.name)
    return Proof(signer=signer, value=value, signed=hashlib.sha256(signed).digest())


def _method(info: Element, allowed: Allowed) -> SignatureMethod:
    method = allowed.signatures.get(_algorithm(only(info, ds("SignatureMethod"))))
    if method is None:
        raise Unbelievable(Breach.ALGORITHM, "SignatureMethod")
    return method


def _canonicalization(info: Element) -> tuple[str, ...]:
    return _prefixes(only(info, ds("CanonicalizationMethod")))


def _references(info: Element, parts: Anatomy, allowed: Allowed) -> list[_Reference]:
    found = list(info.iterchildren(ds("Reference")))
    if not 1 <= len(found) <= _MOST_REFERENCES or len(info) != len(found) + 2:
        raise Unbelievable(Breach.MALFORMED, "SignedInfo")
    named = parts.named()  # a header may have 100 000 blocks, and who sends it has proved nothing yet
    return [_reference(element, named, allowed) for element in found]


def _reference(element: Element, named: Mapping[str, Element], allowed: Allowed) -> _Reference:
    uri = element.get("URI", "")
    target = named.get(uri[1:]) if uri.startswith("#") else None
    if target is None:
        raise Unbelievable(Breach.UNSIGNED, "Reference/@URI")
    transforms = at_most_one(element, ds("Transforms"))
    if transforms is None or len(transforms) != 1:
        raise Unbelievable(Breach.ALGORITHM, "Transforms")
    hashed = allowed.digests.get(_algorithm(only(element, ds("DigestMethod"))))
    if hashed is None:
        raise Unbelievable(Breach.ALGORITHM, "DigestMethod")
    return _Reference(
        element=target,
        prefixes=_prefixes(only(transforms, ds("Transform"))),
        hash=hashed,
        value=octets_of(only(element, ds("DigestValue"))),
    )


def _prefixes(method: Element) -> tuple[str, ...]:
    """Return the prefixes that exclusive c14n is told to keep; raises Unbelievable where it is another method."""
    if method.get("Algorithm") != EXC_C14N:
        raise Unbelievable(Breach.ALGORITHM, etree.QName(method).localname)
    kept = at_most_one(method, _INCLUSIVE)
    if len(method) != (kept is not None):
        raise Unbelievable(Breach.MALFORMED, etree.QName(method).localname)
    listed = kept.get("PrefixList", "") if kept is not None else ""
    if len(listed) > _LONGEST_LIST or len(prefixes := tuple(listed.split())) > _MOST_PREFIXES:
        raise Unbelievable(Breach.MALFORMED, "PrefixList")
    return prefixes


def _algorithm(element: Element) -> str:
    """Return the identifier of a method that takes no parameters."""
    if len(element) or not is_ds(element):
        raise Unbelievable(Breach.ALGORITHM, etree.QName(element).localname)
    return element.get("Algorithm", "")


def _holds(reference: _Reference) -> bool:
    return bytes_eq(digest(reference.element, reference.hash(), reference.prefixes), reference.value)


def _is_signed(pinned: Pinned, method: SignatureMethod, value: bytes, signed: bytes) -> bool:
    key = pinned.key
    try:
        match method.kind, key:
            case "rsa", RSAPublicKey():
                key.verify(value, signed, PKCS1v15(), method.hash())
            case "ecdsa", EllipticCurvePublicKey():
                key.verify(_der(value, key), signed, ECDSA(method.hash()))
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _der(value: bytes, key: EllipticCurvePublicKey) -> bytes:
    """Return an ECDSA signature as the library reads it: XML Signature writes both numbers one after the other."""
    size = (key.key_size + 7) // 8
    if len(value) != 2 * size:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(value[:size]), int.from_bytes(value[size:]))
