"""HTTP message signatures (RFC 9421) by which partners that call us show who they are.

The key is pinned under its id, the algorithm is the agreed one, whatever a signature says of itself. What a signature
covers is proved, and nothing else of a call may then count: a body needs its Content-Digest (RFC 9530), a query its
component.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageVerifier
from http_message_signatures.structures import VerifyResult

from gateway.ports.callers import Shown
from gateway.security.callers import Lookup
from gateway.security.message_signatures import Algorithm, KeyText, Message, SignatureUnfit, algorithm_of, key_of

_SKEW = timedelta(seconds=60)
_UNJUDGED = timedelta(days=36500)  #: by the library, which looks at a clock of its own
_QUERY = frozenset({'"@target-uri"', '"@request-target"', '"@query"'})
_SHORTEST_RSA = 2048  #: bits


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSignature:
    """One key of a partner, and what its signatures must cover."""

    algorithm: Algorithm
    key_id: str
    key: Lookup = field(repr=False)
    key_text: KeyText
    components: Sequence[str]  #: ``@method``, ``@target-uri``, ``content-digest``, names of headers
    tag: str = ""  #: picks one signature among several; without it there must be one alone
    max_age: timedelta = timedelta(minutes=5)  #: since ``created``, whatever ``expires`` says
    reads_body: ClassVar[bool] = True

    def check(self) -> None:
        """Raise SignatureUnfit where the key is none for the algorithm."""
        try:
            verifier = algorithm_of(self.algorithm)(public_key=key_of(self.key(), self.key_text))
        except (ValueError, TypeError, UnsupportedAlgorithm, HTTPMessageSignaturesException):
            raise SignatureUnfit(f"the key is no public key, or shared secret, for {self.algorithm}") from None
        public: object = getattr(verifier, "public_key", None)
        if isinstance(public, RSAPublicKey) and public.key_size < _SHORTEST_RSA:
            raise SignatureUnfit(f"the key has only {public.key_size} bits: {_SHORTEST_RSA} are needed")

    def holds(self, shown: Shown) -> bool:
        """Verify it; a call that is too old, or from the future, holds no more."""
        return self._verified(shown) is not None

    def once(self, shown: Shown) -> str:
        """Return a digest of what was signed: a signature, and its label, can be written in more than one way."""
        found = self._verified(shown)
        signed = found.covered_components if found else {}
        return hashlib.sha256(repr(list(signed.items())).encode()).hexdigest()

    def _verified(self, shown: Shown) -> VerifyResult | None:
        if shown.body is None:
            return None
        keys = {self.key_id: key_of(self.key(), self.key_text)}
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithm_of(self.algorithm),
            key_resolver=MappingKeyResolver(public_keys=keys, private_keys={}),
        )
        verifier.max_clock_skew = _UNJUDGED
        verify = cast("Callable[..., list[VerifyResult]]", verifier.verify)  # pyright: ignore[reportUnknownMemberType] # untyped there
        try:
            found = verify(
                Message(shown.method, shown.url, dict(shown.headers)),
                max_age=None,
                expect_tag=self.tag or None,
                require_components=self.components,
                body=shown.body,
            )
        except HTTPMessageSignaturesException:
            return None
        one = found[0] if len(found) == 1 else None
        return one if one and self._is_timely(one, shown.at) and _covers_query(one, shown) else None

    def _is_timely(self, found: VerifyResult, at: datetime) -> bool:
        created = datetime.fromtimestamp(int(found.parameters["created"]), UTC)
        until = created + self.max_age
        if "expires" in found.parameters:
            until = min(until, datetime.fromtimestamp(int(found.parameters["expires"]), UTC))
        return created - _SKEW <= at <= until


def _covers_query(found: VerifyResult, shown: Shown) -> bool:
    return not shown.query or not _QUERY.isdisjoint(found.covered_components)
