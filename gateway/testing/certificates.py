"""Key pairs made on the spot: self-signed, of one name, for as long as a test says."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_FROM, _TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


@cache
def certified(
    name: str, *, kind: Literal["rsa", "ec"] = "rsa", bits: int = 2048, begins: datetime = _FROM, ends: datetime = _TO
) -> tuple[bytes, bytes]:
    """Return a private key with its certificate below it, and the certificate alone, both in PEM; always the same."""
    key = rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject_name=who, issuer_name=who, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate, certificate
