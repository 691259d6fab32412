"""Signed webhooks (Standard Webhooks 1.0): how the portal is told.

Every try of a delivery has the same ``webhook-id`` and the same body; its receiver deduplicates by that id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from gateway.config.settings import SystemConfig
from gateway.config.sources import file_of
from gateway.core.delivery import Delivery
from gateway.core.outcome import Delivered, Outcome, Shadowed
from gateway.core.whatif import Outline
from gateway.ports.adapter import Health
from gateway.sdk.again import as_it_left, in_doubt_of
from gateway.sdk.auth import AuthCompiler, Fixed
from gateway.sdk.classify import Judge
from gateway.sdk.link import Context, link_to
from gateway.sdk.outline import fields_of
from gateway.sdk.partner import Partner, Question
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.replies import read_json
from gateway.sdk.request import Outgoing, rehearsed
from gateway.sdk.rules import Check, CheckTable, Reply, Rule, Then
from gateway.sdk.webhook_body import NATIONAL, body_of
from gateway.wire.http import HttpReply

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret, Standard Webhooks "Symmetric"


class WebhookOptions(Table, frozen=True, kw_only=True):
    """``[options]`` of a system that is told by webhooks."""

    secrets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=4)]
    path: str = ""
    media_type: Literal["application/json", "application/vnd.qcvn120+json"] = "application/json"
    clean_5xx: bool = False


def signing_key(secret: str) -> bytes:
    """Return the key of a ``whsec_`` secret; raises ValueError."""
    if not secret.startswith(_PREFIX):
        raise ValueError("a signing secret starts with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("what follows whsec_ is not Base64") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a signing secret has {_SHORTEST} to {_LONGEST} bytes")
    return key


def signature_headers(keys: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers, with one signature per key, so that a receiver can change its secret."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    made = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


class WebhookAdapter:
    """Tells a system everything that concerns it, one event per call."""

    def __init__(self, partner: Partner, options: WebhookOptions, keys: Sequence[bytes]) -> None:
        self._partner = partner
        self._options = options
        self._keys = tuple(keys)
        accepted = Check.of(CheckTable())
        rules = (Rule(checks=(accepted,), then=Then.DELIVERED),)
        # Who has a webhook says 2xx, so who sends us elsewhere has not taken it here: the next try may go there.
        words = (Path(("detail",)), Path(("title",)))
        self._judge = Judge(rules=rules, clean_3xx=True, clean_5xx=options.clean_5xx, words=words)

    async def open(self) -> None:
        """Be ready to connect."""
        await self._partner.link.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._partner.link.close()

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        """Tell it; any 2xx means that it has it."""
        kind = delivery.kind
        written = as_it_left(delivery, kind, self._outgoing(delivery))
        if not isinstance(written, Outgoing):
            return written
        question = Question(outgoing=written, judge=self._judge, read=_read, fresh=self._partner.link.is_fresh(kind))
        answer = await self._partner.ask(question, until=self._partner.link.until(deadline))
        if answer.verdict.then is Then.DELIVERED:
            return Delivered(trace=answer.trace)
        return in_doubt_of(answer.verdict.outcome(answer.trace), kind, written)

    async def probe(self, *, deadline: float) -> Health:
        """Return whether the system answers at all."""
        return await self._partner.link.probe(deadline=deadline)

    async def outline(self, delivery: Delivery) -> Outline:
        """Return the one call, as fields."""
        return (fields_of(self._outgoing(delivery)),)

    async def rehearse(self, delivery: Delivery) -> Shadowed | Outcome:
        """Write without sending."""
        return rehearsed(self._outgoing(delivery))

    def _outgoing(self, delivery: Delivery) -> Outgoing:
        body = body_of(delivery, national=self._options.media_type == NATIONAL)
        signed = signature_headers(self._keys, delivery.id, self._partner.link.clock.now(), body)
        headers = {"Content-Type": self._options.media_type, **signed}
        return Outgoing(url=self._partner.link.address + self._options.path, headers=headers, body=body)


async def _read(result: HttpReply) -> Reply:
    return read_json(result)


def build_webhook(config: SystemConfig, context: Context) -> WebhookAdapter:
    """Build the adapter of a system that is told by webhooks; raises ConfigError with every problem."""
    reader = Reader(file_of(config.id))
    link = link_to(config, context, reader)
    options = reader.read(WebhookOptions, config.options, "options")
    secrets = AuthCompiler(config, context.secrets, reader)
    keys = [_key(secrets, name, reader) for name in options.secrets] if options else []
    reader.check()
    if options is None:
        raise AssertionError("a table that cannot be read is a problem")
    return WebhookAdapter(Partner(link, Fixed()), options, [key for key in keys if key])


def _key(secrets: AuthCompiler, name: str, reader: Reader) -> bytes | None:
    secret = secrets.secret(name, "options.secrets")
    try:
        return signing_key(secret.reveal()) if secret else None
    except ValueError as error:
        reader.wrong(f"secrets.{name}", str(error), "write whsec_ and 24 to 64 random bytes in base64")
        return None
