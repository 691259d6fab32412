"""Certificates and keys: pinned ones of partners, key pairs of our own. No authority is asked, no chain is built."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gateway.core.errors import GatewayError

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey
PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey

_SHORTEST_RSA = 2048  #: bits
_SHORTEST_EC = 256
_NAMED = 16  #: digits of a fingerprint that people compare


class CertificateUnfit(GatewayError):
    """A certificate or key that cannot be used; says what to do, and nothing of a key."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate that we know, and what others may call it by."""

    der: bytes = field(repr=False)
    key: PublicKey = field(repr=False, compare=False)  #: stands in ``der``, too
    serial: int
    key_identifier: bytes | None = field(repr=False)  #: the extension SubjectKeyIdentifier
    not_before: datetime
    not_after: datetime
    subject: str

    @property
    def thumbprint(self) -> bytes:
        """What WS-Security calls ThumbprintSHA1: a name, not a proof."""
        return hashlib.sha1(self.der, usedforsecurity=False).digest()

    @property
    def name(self) -> str:
        """How operators know it: the beginning of its SHA-256 fingerprint."""
        return hashlib.sha256(self.der).hexdigest()[:_NAMED]

    def is_valid(self, now: datetime) -> bool:
        """Whether its own dates say that it counts now."""
        return self.not_before <= now <= self.not_after


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key of ours and its certificate."""

    key: PrivateKey = field(repr=False)
    certificate: Pinned


def read_certificates(pem: bytes) -> tuple[Pinned, ...]:
    """Return every certificate of a PEM text, at least one; raises CertificateUnfit."""
    try:
        return tuple(_pinned(one) for one in x509.load_pem_x509_certificates(pem))
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension):
        raise CertificateUnfit(
            "holds no certificate in PEM", "write the lines BEGIN CERTIFICATE … END CERTIFICATE"
        ) from None


def read_key_pair(pem: bytes) -> KeyPair:
    """Return the private key of a PEM text, and its certificate, which stands there too; raises CertificateUnfit."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        remedy = "put the unencrypted BEGIN PRIVATE KEY … and its certificate into one text"
        raise CertificateUnfit("holds no private key in PEM that opens without a password", remedy) from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise CertificateUnfit("its key is neither RSA nor EC", "make another one")
    own = next((one for one in read_certificates(pem) if one.key == key.public_key()), None)
    if own is None:
        raise CertificateUnfit("no certificate in it belongs to its key", "put the key's own certificate below the key")
    return KeyPair(key, own)


def _pinned(certificate: x509.Certificate) -> Pinned:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise CertificateUnfit("its key is neither RSA nor EC", "ask for another certificate")
    shortest = _SHORTEST_RSA if isinstance(key, RSAPublicKey) else _SHORTEST_EC
    if key.key_size < shortest:
        raise CertificateUnfit(f"its key has only {key.key_size} bits", f"ask for one of {shortest} bits at least")
    return Pinned(
        der=certificate.public_bytes(Encoding.DER),
        key=key,
        serial=certificate.serial_number,
        key_identifier=_key_identifier(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        subject=certificate.subject.rfc4514_string(),
    )


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, ValueError):
        return None


def valid(pairs: Sequence[KeyPair], now: datetime) -> Iterator[KeyPair]:
    """Yield those whose certificates count now, in order."""
    return (pair for pair in pairs if pair.certificate.is_valid(now))
