"""The algorithms that may be used, by their short names and by their identifiers (RFC 9231)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from gateway.security.certificates import PublicKey
from gateway.security.wsse.names import DS, XENC

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """One way to sign."""

    uri: str
    kind: Literal["rsa", "ecdsa"]  #: rsa: PKCS #1 v1.5
    hash: Callable[[], HashAlgorithm]

    def fits(self, key: PublicKey) -> bool:
        """Whether this kind of key signs so."""
        return isinstance(key, RSAPublicKey) is (self.kind == "rsa")


SIGNATURES: Mapping[str, SignatureMethod] = MappingProxyType(
    {
        "rsa-sha256": SignatureMethod(_MORE + "rsa-sha256", "rsa", SHA256),
        "rsa-sha384": SignatureMethod(_MORE + "rsa-sha384", "rsa", SHA384),
        "rsa-sha512": SignatureMethod(_MORE + "rsa-sha512", "rsa", SHA512),
        "ecdsa-sha256": SignatureMethod(_MORE + "ecdsa-sha256", "ecdsa", SHA256),
        "ecdsa-sha384": SignatureMethod(_MORE + "ecdsa-sha384", "ecdsa", SHA384),
        "ecdsa-sha512": SignatureMethod(_MORE + "ecdsa-sha512", "ecdsa", SHA512),
        "rsa-sha1": SignatureMethod(DS + "rsa-sha1", "rsa", SHA1),
    }
)
DIGESTS: Mapping[str, tuple[str, Callable[[], HashAlgorithm]]] = MappingProxyType(
    {
        "sha256": (XENC + "sha256", SHA256),
        "sha384": (_MORE + "sha384", SHA384),
        "sha512": (XENC + "sha512", SHA512),
        "sha1": (DS + "sha1", SHA1),
    }
)
#: What a partner may use that says nothing of its own: everything but SHA-1.
STRONG_SIGNATURES = tuple(name for name, method in SIGNATURES.items() if method.hash is not SHA1)
STRONG_DIGESTS = tuple(name for name, (_, hashed) in DIGESTS.items() if hashed is not SHA1)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one partner may use, by identifier."""

    signatures: Mapping[str, SignatureMethod]
    digests: Mapping[str, Callable[[], HashAlgorithm]]

    @classmethod
    def of(cls, signatures: tuple[str, ...] = STRONG_SIGNATURES, digests: tuple[str, ...] = STRONG_DIGESTS) -> Allowed:
        """Return the allow-list of these short names."""
        methods = (SIGNATURES[name] for name in signatures)
        return cls({method.uri: method for method in methods}, dict(DIGESTS[name] for name in digests))


STRONG = Allowed.of()
