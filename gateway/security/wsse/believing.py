"""What may be believed of a message that came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256

from gateway.security.wsse.anatomy import Anatomy, take_apart
from gateway.security.wsse.canonical import digest
from gateway.security.wsse.decrypting import Sealed, is_encrypted, is_encrypted_first, sealed
from gateway.security.wsse.moments import Timestamp, read_timestamp
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.security.wsse.usernames import Nonce, check
from gateway.security.wsse.verifying import Proof, verify
from gateway.wire.xml import Element, XmlLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What proves a message once: shown again with the same content it is a repetition, with another a forgery."""

    token: bytes = field(repr=False)  #: SHA-256
    content: bytes = field(repr=False)  #: SHA-256
    until: datetime  #: after this the message is too old in any case


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A message that proved what was asked of it."""

    envelope: Element = field(repr=False)  #: decrypted
    once: Once | None = None  #: None where nothing in it is made for one use
    signer: str = ""  #: name of the certificate
    signature: bytes = field(default=b"", repr=False)  #: its value, empty where none was asked for


def believe(envelope: Element, expected: Expected, *, now: datetime, limits: XmlLimits) -> Believed:
    """Return what may be believed; raises Unbelievable. The tree is the one that was verified: nobody parses again.

    The header is worked off in its order: what was encrypted last is decrypted first.
    """
    parts = take_apart(envelope)
    if not is_encrypted_first(parts):
        return _proved(parts, expected, now, limits)
    closed = sealed(parts, expected)
    if expected.certificates and closed.is_malleable:
        return _of_malleable(closed, expected, now, limits)
    opened, _ = closed.opened(expected, limits)
    return _proved(take_apart(opened), expected, now, limits)


def _of_malleable(closed: Sealed, expected: Expected, now: datetime, limits: XmlLimits) -> Believed:
    """Believe what was signed and then encrypted by CBC, or refuse it in the same words and with the same work.

    Who alters it and could tell wrong padding from a wrong signature would read it octet by octet, without the key
    (XML Encryption 1.1, section 6.1.4). So what does not open is verified, too, with something in its place.
    """
    if closed.parts.timestamp is not None:  # what needs no key is told as it is
        _timestamp(closed.parts, expected, now)
    try:
        opened, is_whole = closed.opened(expected, limits, stand_in=b"<nothing/>")
        believed = _proved(take_apart(opened), expected, now, limits)
    except Unbelievable:
        raise Unbelievable(Breach.UNDECRYPTABLE) from None
    if not is_whole:
        raise Unbelievable(Breach.UNDECRYPTABLE)
    return believed


def _proved(parts: Anatomy, expected: Expected, now: datetime, limits: XmlLimits) -> Believed:
    """Check what is asked of a message, and decrypt what was encrypted before it was signed."""
    stamp = _timestamp(parts, expected, now)
    proof = _proof(parts, expected, now)
    nonce = _nonce(parts, expected, now)
    if is_encrypted(parts):
        parts = take_apart(sealed(parts, expected).opened(expected, limits)[0])
    return Believed(
        envelope=parts.envelope,
        once=_once(parts, expected, stamp, proof, nonce),
        signer=proof.signer.name if proof else "",
        signature=proof.value if proof else b"",
    )


def _timestamp(parts: Anatomy, expected: Expected, now: datetime) -> Timestamp | None:
    """Check the Timestamp wherever there is one."""
    if parts.timestamp is None:
        if expected.timestamp or expected.certificates:
            raise Unbelievable(Breach.MISSING, "Timestamp")
        return None
    stamp = read_timestamp(parts.timestamp)
    expected.window.check(stamp.created, stamp.expires, now)
    return stamp


def _proof(parts: Anatomy, expected: Expected, now: datetime) -> Proof | None:
    """Check the signature; one that nobody asked for has no key to be checked with, and proves nothing."""
    if not expected.certificates:
        return None
    if parts.signature is None:
        raise Unbelievable(Breach.MISSING, "Signature")
    return verify(parts, parts.signature, expected, now)


def _nonce(parts: Anatomy, expected: Expected, now: datetime) -> Nonce | None:
    if expected.account is None:
        return None
    if parts.username is None:
        raise Unbelievable(Breach.MISSING, "UsernameToken")
    return check(parts.username, expected.account, expected.window, now)


def _once(
    parts: Anatomy, expected: Expected, stamp: Timestamp | None, proof: Proof | None, nonce: Nonce | None
) -> Once | None:
    """Return what is used up. A signature covers the Body itself; a nonce is bound to the Body that came with it."""
    if proof is not None and stamp is not None:
        token = hashlib.sha256(b"signature" + proof.signed).digest()
        return Once(token=token, content=b"", until=expected.window.until(stamp.created))
    if nonce is not None:
        token = hashlib.sha256(b"nonce" + nonce.octets).digest()
        return Once(token=token, content=digest(parts.body, SHA256()), until=expected.window.until(nonce.created))
    return None
