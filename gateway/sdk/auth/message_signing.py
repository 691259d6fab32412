"""``kind = "http_signature"``: HTTP message signatures (RFC 9421), the body through its Content-Digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime

from gateway.config.durations import as_timedelta
from gateway.core.reason import Why
from gateway.ports.clock import Clock
from gateway.ports.secrets import Withheld
from gateway.sdk.auth.credentials import LoginFailed
from gateway.sdk.auth.lookup import KEY, Lookup
from gateway.sdk.auth.signing import finished, sha256_of
from gateway.sdk.auth.tables import HttpSignatureTable
from gateway.sdk.classify import Verdict
from gateway.sdk.link import Link
from gateway.sdk.request import Outgoing
from gateway.sdk.rules import Then
from gateway.security.message_signatures import (
    CONTENT_DIGEST,
    MessageSigner,
    SignatureUnfit,
    Terms,
    content_digest,
)
from gateway.wire.direct import target_of
from gateway.wire.http import HttpRequest

_NONCE = 16  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSigning:
    """Signs every request; nothing can be renewed."""

    signer: MessageSigner
    clock: Clock
    random: Callable[[int], bytes] | None = field(repr=False)  #: None: without a nonce
    renewable: bool = False

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with its signature; raises LoginFailed where it lacks what must be signed."""
        del until, stale
        request = outgoing.encode()
        added = await self._added(request)
        nonce = self.random(_NONCE).hex() if self.random else None
        try:
            signed = self.signer.sign(
                request.method, _url(request), {**request.headers, **added}, at=self.clock.now(), nonce=nonce
            )
        except SignatureUnfit as error:
            verdict = Verdict(then=Then.REJECT, why=Why.CANNOT_RENDER, detail=f"signature: {error}")
            raise LoginFailed(verdict) from None
        return finished(outgoing, request, {**added, **signed}), ""

    async def _added(self, request: HttpRequest) -> dict[str, str]:
        """Return the headers that are signed and not there yet."""
        names = {name.lower() for name in request.headers}
        components = self.signer.terms.components
        added: dict[str, str] = {}
        if "date" in components and "date" not in names:
            added["Date"] = format_datetime(self.clock.now(), usegmt=True)
        if CONTENT_DIGEST in components:
            added["Content-Digest"] = content_digest(await sha256_of(request))
        return added


def _url(request: HttpRequest) -> str:
    """Return the address as it stands on the wire."""
    target = target_of(request.url)
    return f"{target.origin}{target.path}" if target else request.url


def message_signing_of(table: HttpSignatureTable, lookup: Lookup, link: Link) -> MessageSigning | None:
    """Return the signing that a table asks for; None where a problem was noted, or the key is withheld."""
    key = lookup.secret(table.key, f"{KEY}.key")
    if key is None or (isinstance(key, Withheld) and table.key_text != "text"):
        return None
    terms = Terms(
        algorithm=table.algorithm,
        key_id=table.key_id,
        components=tuple(one.lower() for one in table.components),
        label=table.label,
        tag=table.tag or None,
        tells_algorithm=table.tells_algorithm,
        lifetime=as_timedelta(table.expires) if table.expires else None,
    )
    try:
        signer = MessageSigner.of(terms, key, table.key_text)
    except SignatureUnfit as error:
        lookup.reader.wrong(KEY, str(error))
        return None
    return MessageSigning(signer=signer, clock=link.clock, random=link.random if table.nonce else None)
