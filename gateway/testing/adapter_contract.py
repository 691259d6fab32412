"""What every adapter keeps, whoever wrote it: subclass it as ``TestMyAdapter(AdapterContract)`` in your own tests.

It plays the partner on loopback and behaves badly in every way the field has seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.core.delivery import Delivery
from gateway.core.outcome import Ambiguous, Delivered, Outcome, Retryable, Trace
from gateway.core.reason import Reason, Why
from gateway.core.whatif import BYTES
from gateway.ports.adapter import Adapter, Opens, Outlines
from gateway.testing.clock import FakeClock
from gateway.testing.partner import Behaviour, Drops, LoopbackPartner, Says, Seen

_TIME = 5.0  #: seconds for one attempt
_NOBODY = "http://127.0.0.1:9"  #: the discard port: nobody listens


@dataclass(frozen=True, slots=True)
class Told:
    """An attempt and what the partner saw of it."""

    outcome: Outcome
    seen: Sequence[Seen]


class AdapterContract(ABC):
    """The promises: G5 (nothing is delivered that the partner did not say it has) and design's classification."""

    @abstractmethod
    def build(self, address: str, clock: FakeClock) -> Adapter:
        """Return the adapter, pointed at this address."""

    @abstractmethod
    def delivery(self) -> Delivery:
        """Return a delivery that the adapter can send."""

    @abstractmethod
    def accepted(self) -> Says:
        """Return the partner's answer that means that it has it."""

    async def aside(self, seen: Seen) -> Says | None:
        """Answer what is not the dossier itself, such as a login; None for the dossier."""
        del seen
        return None

    async def tell(self, *script: Behaviour, delivery: Delivery | None = None) -> Told:
        """Make one attempt at a partner that behaves so."""
        async with LoopbackPartner(*script, aside=self.aside) as partner:
            outcome = await self._attempt(partner.address, delivery or self.delivery())
            seen = [one for one in partner.seen if await self.aside(one) is None]
        return Told(outcome, seen)

    async def _attempt(self, address: str, delivery: Delivery) -> Outcome:
        clock = FakeClock()
        async with opened(self.build(address, clock)) as adapter:
            return await adapter.send(delivery, deadline=clock.monotonic() + _TIME)

    async def test_delivers_what_the_partner_says_it_has(self) -> None:
        """The plain case, with its trace kept as evidence."""
        told = await self.tell(self.accepted())
        assert isinstance(told.outcome, Delivered)
        assert told.outcome.trace.http_status == self.accepted().status
        assert told.outcome.trace.reply is not None
        assert told.outcome.trace.request_digest

    async def test_shows_the_delivery_id_and_the_same_bytes_on_every_try(self) -> None:
        """G4: what deduplicates at the partner never changes."""
        first, second = await self.tell(self.accepted()), await self.tell(self.accepted())
        assert first.seen[0].body == second.seen[0].body
        shown = first.seen[0].body.decode() + repr(first.seen[0].headers)
        assert self.delivery().id in shown

    async def test_nobody_listening_is_retryable(self) -> None:
        """No byte left: the partner is to blame, and no attempt is consumed."""
        outcome = await self._attempt(_NOBODY, self.delivery())
        assert isinstance(outcome, Retryable)
        assert outcome.reason.code is Why.CONNECTION_REFUSED

    async def test_a_dropped_reply_is_ambiguous(self) -> None:
        """G5: bytes left and nobody answered."""
        told = await self.tell(Drops())
        assert isinstance(told.outcome, Ambiguous)
        assert told.outcome.reason.code is Why.RESET

    async def test_a_bare_server_error_is_ambiguous(self) -> None:
        """G5: it may have failed after it committed."""
        told = await self.tell(Says(status=500, body=b"oops"))
        assert isinstance(told.outcome, Ambiguous)

    async def test_an_unavailable_partner_is_asked_later(self) -> None:
        """503 with Retry-After: it surely has not taken it, and says when to come again."""
        told = await self.tell(Says(status=503, headers={"Retry-After": "7"}))
        assert isinstance(told.outcome, Retryable)
        assert told.outcome.reason.code is Why.THROTTLED
        assert told.outcome.retry_after == timedelta(seconds=7)

    async def test_too_many_requests_is_asked_later(self) -> None:
        """429, with or without Retry-After."""
        told = await self.tell(Says(status=429))
        assert isinstance(told.outcome, Retryable)
        assert told.outcome.reason.code is Why.THROTTLED

    async def test_refused_credentials_are_the_partners_matter(self) -> None:
        """401 and 403 kill no dossier."""
        for status in (401, 403):
            told = await self.tell(Says(status=status))
            assert isinstance(told.outcome, Retryable)
            assert told.outcome.reason.code is Why.CREDENTIALS

    async def test_an_hour_of_404_kills_no_dossier(self) -> None:
        """A 4xx that nobody declared is a wrong address, not a wrong dossier."""
        told = await self.tell(Says(status=404, body=b"<html>not here</html>"))
        assert isinstance(told.outcome, Retryable)
        assert told.outcome.reason.code is Why.CLIENT_ERROR

    async def test_a_redirect_is_not_followed(self) -> None:
        """No hidden sends: the same bytes do not go to another address by themselves."""
        told = await self.tell(Says(status=307, headers={"Location": "/elsewhere"}))
        assert isinstance(told.outcome, Ambiguous | Retryable)
        assert told.outcome.reason.code is Why.REDIRECTED
        assert len(told.seen) == 1

    async def test_doubt_changes_neither_bytes_nor_id(self) -> None:
        """G8: what is in doubt is resent as it was."""
        delivery = self.delivery()
        doubtful = replace(delivery, in_doubt_since=delivery.due_at, tries=3)
        first, again = await self.tell(self.accepted()), await self.tell(self.accepted(), delivery=doubtful)
        assert first.seen[0].body == again.seen[0].body

    async def test_what_it_shows_beforehand_is_said_to_nobody(self) -> None:
        """Whoever tries a mapping changes nothing at the partner, and sees the same twice."""
        async with LoopbackPartner(self.accepted(), aside=self.aside) as partner:
            async with opened(self.build(partner.address, FakeClock())) as adapter:
                shown = (
                    [await adapter.outline(self.delivery()) for _ in range(2)] if isinstance(adapter, Outlines) else []
                )
            assert not partner.seen
        for one in shown:
            assert not isinstance(one, Reason)
            assert one == shown[0]
            assert all(BYTES in call for call in one)

    async def test_the_reply_is_kept_as_it_came(self) -> None:
        """The attempt's record holds the partner's own bytes, whatever they mean."""
        told = await self.tell(Says(status=418, body=b"\xff\xfe teapot"))
        trace: Trace = told.outcome.trace
        assert trace.reply is not None
        assert trace.reply.body == b"\xff\xfe teapot"


@asynccontextmanager
async def opened(adapter: Adapter) -> AsyncGenerator[Adapter, None]:
    """Open an adapter that needs it, and close it whatever happens."""
    if not isinstance(adapter, Opens):
        yield adapter
        return
    await adapter.open()
    try:
        yield adapter
    finally:
        await adapter.close()
