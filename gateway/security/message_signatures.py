"""HTTP message signatures (RFC 9421) on requests of ours; the body through its Content-Digest (RFC 9530).

Those of partners on their calls: ``message_proofs``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from http_message_signatures import HTTPSignatureAlgorithm, algorithms  # pyright: ignore[reportPrivateImportUsage] # public by a star
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner

from gateway.core.errors import GatewayError
from gateway.ports.secrets import Secret

Algorithm: TypeAlias = Literal["hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512", "rsa-v1_5-sha256"]
KeyText: TypeAlias = Literal["text", "base64", "hex", "pem"]

CONTENT_DIGEST = "content-digest"
_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "hmac-sha256": "HMAC_SHA256",
        "ed25519": "ED25519",
        "ecdsa-p256-sha256": "ECDSA_P256_SHA256",
        "rsa-pss-sha512": "RSA_PSS_SHA512",
        "rsa-v1_5-sha256": "RSA_V1_5_SHA256",
    }
)


class SignatureUnfit(GatewayError):
    """A request cannot be signed so; says why, and nothing of a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is signed and how it is told."""

    algorithm: Algorithm
    key_id: str
    components: Sequence[str]  #: ``@method``, ``@target-uri``, ``content-digest``, names of headers
    label: str = "sig1"
    tag: str | None = None
    tells_algorithm: bool = True
    lifetime: timedelta | None = None  #: until ``expires``


@dataclass(slots=True)
class Message:
    """A request as the library wants it."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class MessageSigner:
    """Signs requests under one set of terms."""

    terms: Terms
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, terms: Terms, key: Secret, text: KeyText) -> MessageSigner:
        """Return a signer that has signed once, so that key and terms are known to fit; raises SignatureUnfit."""
        signer = cls(terms, key_of(key, text))
        names = [name for name in terms.components if not name.startswith("@")]
        headers = dict.fromkeys(names, content_digest(bytes(32)))
        signer.sign("POST", "https://sample.example/", headers, at=datetime.fromtimestamp(0).astimezone(), nonce=None)
        return signer

    def sign(
        self, method: str, url: str, headers: Mapping[str, str], *, at: datetime, nonce: str | None
    ) -> dict[str, str]:
        """Return the headers Signature-Input and Signature; raises SignatureUnfit where a component is missing.

        ``url`` is as it stands on the wire; ``headers`` are those that are sent, Content-Digest among them.
        """
        terms, message = self.terms, Message(method, url, dict(headers))
        signer = HTTPMessageSigner(
            signature_algorithm=algorithm_of(terms.algorithm),
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={terms.key_id: self.key}),
        )
        signs = cast("Callable[..., None]", signer.sign)  # pyright: ignore[reportUnknownMemberType] # untyped there
        try:
            signs(
                message,
                key_id=terms.key_id,
                created=at,
                expires=at + terms.lifetime if terms.lifetime else None,
                nonce=nonce,
                label=terms.label,
                tag=terms.tag,
                include_alg=terms.tells_algorithm,
                covered_component_ids=tuple(terms.components),
                use_existing_digest=CONTENT_DIGEST in terms.components,
            )
        except HTTPMessageSignaturesException as error:
            raise SignatureUnfit(str(error)) from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SignatureUnfit(f"the key is none for {terms.algorithm}") from None
        return {name: text for name, text in message.headers.items() if name in ("Signature-Input", "Signature")}


def content_digest(sha256: bytes) -> str:
    """Return the header that names a body's SHA-256 (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def algorithm_of(name: Algorithm) -> type[HTTPSignatureAlgorithm]:
    """Return what the library calls an algorithm."""
    return cast("type[HTTPSignatureAlgorithm]", getattr(algorithms, _CLASSES[name]))


def key_of(key: Secret, text: KeyText) -> bytes:
    """Return the key that a secret holds as text; raises SignatureUnfit."""
    try:
        if text == "base64":
            return base64.b64decode(key.reveal(), validate=True)
        return bytes.fromhex(key.reveal()) if text == "hex" else key.reveal().encode()
    except ValueError:
        raise SignatureUnfit(f"the key is not {text}") from None
