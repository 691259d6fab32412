"""One attempt at one delivery, in named steps: allow, prepare, exchange, decide, settle."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from structlog.contextvars import bind_contextvars
from structlog.typing import FilteringBoundLogger

from gateway.core.delivery import Attempt, Delivery, Lease, State, Step, Transition
from gateway.core.errors import StoreError
from gateway.core.keeping import MOST, cut
from gateway.core.message import Draft
from gateway.core.outcome import Ambiguous, Delivered, Result, Shadowed, outcome_of, reason_of
from gateway.core.poison import SUSPECT_AFTER
from gateway.core.policy import RetryPolicy, before_attempt, decide, is_timeless
from gateway.core.reason import Reason, Why
from gateway.exchange.guard import place_of
from gateway.exchange.pipeline import Pipeline
from gateway.ports.store import Settled, Settlement
from gateway.relay.gear import Gear
from gateway.relay.job import Job
from gateway.relay.link import Link
from gateway.relay.news import news_of
from gateway.relay.patience import insist
from gateway.relay.pulse import Pulse

_log: FilteringBoundLogger = structlog.get_logger()

_LAST_WORDS = 2.0  # seconds that a cancelled attempt may take to say how it stands
_TURN = timedelta(seconds=5)  #: at most, until what is to be tried alone looks again whether it may


class Worker:
    """Makes attempts. It never raises for what a partner, an adapter or the store does; what is unsettled is leased."""

    def __init__(self, gear: Gear, pulse: Pulse) -> None:
        self._gear = gear
        self._pulse = pulse
        self._clock = gear.clock
        self._has_suspect = False  #: one that is suspected of killing its workers is tried now

    async def work(self, job: Job) -> None:
        """Make one attempt and settle it. Cancelled, it gives back what has not begun and settles the rest in doubt."""
        job.trace_id = self._gear.ids.token()
        bind_contextvars(trace_id=job.trace_id)
        attempt = self._attempt if job.delivery.reclaims < SUSPECT_AFTER else self._attempt_alone
        try:
            await attempt(job)
        except asyncio.CancelledError:
            await self._last_words(job)
            raise
        except StoreError as error:
            _log.error("left_to_its_lease", delivery=job.delivery.id, error=type(error).__name__)
        except Exception as bug:  # noqa: BLE001 - our own bug must not stop other lanes; the lease brings it back
            _log.error("worker_failed", delivery=job.delivery.id, error=type(bug).__name__, where=place_of(bug))

    async def lost(self, job: Job) -> None:
        """Settle what another worker had begun and never ended; of a rehearsal only that of a suspect has begun."""
        if job.config.is_rehearsed_since(job.delivery):
            quarantined = Transition(to=State.HELD, reason=Reason(Why.QUARANTINED))
            await self._settle(job, quarantined)
            return
        await self._conclude(job, Ambiguous(reason=Reason(Why.WORKER_LOST)), timedelta(0))

    async def _attempt_alone(self, job: Job) -> None:
        """Make the attempt while no other suspect is tried; else let it come again soon, without a seat and as it was.

        Where both had been under way, nobody could say which of them has killed the process.
        """
        if self._has_suspect:
            wait = _TURN * (1 - self._gear.ids.jitter() / 2)
            reason = Reason(Why.WORKER_LOST)
            later = Transition(to=State.DELAYED, wait=wait, step=job.delivery.step, reason=reason)
            await self._settle(job, later)
            return
        self._has_suspect = True
        try:
            await self._attempt(job)
        finally:
            self._has_suspect = False

    async def _attempt(self, job: Job) -> None:
        link = job.config.links[job.delivery.destination]
        if not link.gate.admits(job.delivery.id):
            await self._give_back(job)
            return
        if await self._is_forbidden(job, link):
            return
        pipeline = await self._way(job, link)
        if pipeline is None:
            await self._stop(job)
            return
        if not await self._prepare(job, link):
            _log.warning("lease_lost", delivery=job.delivery.id, system=link.id)
            return
        if not await link.gate.enter(job.delivery.id):
            await self._give_back(job)
            return
        if await self._is_forbidden(job, link):  # preparing may have taken as long as the store was away
            return
        await insist(self._pulse.confirm, what="beat", until=job.until, clock=self._clock)
        started = self._clock.monotonic()
        result = await self._exchange(job, link, pipeline)
        duration = timedelta(seconds=self._clock.monotonic() - started)
        job.ended = result, duration
        job.leave()
        await self._conclude(job, result, duration, rehearsed=job.config.is_rehearsed(job.delivery))

    async def _way(self, job: Job, link: Link) -> Pipeline | None:
        """Return the way by the version that the delivery is pinned to: what is in doubt is sent as it was."""
        version = job.delivery.pinned or job.config.version
        if version == job.config.version and job.config is self._gear.config:
            return link.pipeline
        return await self._gear.past(version, link)

    async def _stop(self, job: Job) -> None:
        """Leave to a person what cannot be sent as it was; what surely was not taken is claimed anew, as things are."""
        if job.delivery.in_doubt_since is None:
            await self._give_back(job)
            return
        reason = Reason(Why.VERSION_LOST)
        await self._settle(job, Transition(to=State.HELD, step=job.delivery.step, reason=reason))

    async def _give_back(self, job: Job) -> None:
        """Release unspent what may not be sent now: its system is paused, closed, or does not answer."""
        store = self._gear.store
        await insist(lambda: store.release((job.lease,)), what="release", until=job.until, clock=self._clock)

    async def _is_forbidden(self, job: Job, link: Link) -> bool:
        """Settle what time forbids to attempt."""
        if is_timeless(job.delivery):
            return False
        forbidden = before_attempt(job.delivery, link.policy(job.delivery.kind), self._now(job.delivery))
        if forbidden is not None:
            await self._settle(job, forbidden)
        return forbidden is not None

    async def _prepare(self, job: Job, link: Link) -> bool:
        """Make sure that the lease outlasts the exchange, and that doubt will be known; False where it is lost."""
        if not await self._prolong(job, link):
            return False
        delivery = job.delivery
        if delivery.reclaims < SUSPECT_AFTER and (
            delivery.step is not Step.SEND or not link.needs_begin(delivery.kind) or job.config.is_rehearsed(delivery)
        ):
            return True
        store = self._gear.store
        begun = await insist(lambda: store.begin(job.lease), what="begin", until=job.until, clock=self._clock)
        return begun and await self._prolong(job, link, spare=0)  # the store may have been away meanwhile

    async def _prolong(self, job: Job, link: Link, *, spare: int = 1) -> bool:
        """Renew before the first byte what would lapse before the last, or its margin; ``spare`` margins may pass."""
        margin, left = job.config.margin, job.until - self._clock.monotonic()
        exchange = link.timeout.total_seconds() + margin
        if left >= exchange + spare * margin:
            return True
        length = max(job.config.lease, timedelta(seconds=exchange + margin))
        store = self._gear.store

        async def renew() -> tuple[float, Collection[Lease]]:
            return self._clock.monotonic(), await store.renew((job.lease,), lease_for=length)

        asked_at, ours = await insist(renew, what="renew", until=job.until, clock=self._clock)
        job.until = asked_at + length.total_seconds()
        return bool(ours)

    async def _exchange(self, job: Job, link: Link, pipeline: Pipeline) -> Result:
        """Send, look up or rehearse, as step and mode say."""
        now = self._clock.monotonic()
        deadline = min(now + link.timeout.total_seconds(), job.until - job.config.margin)
        delivery = job.delivery
        if job.config.is_rehearsed(delivery):
            return await pipeline.rehearse(delivery, deadline=deadline)
        job.begun = True
        if delivery.step is Step.LOOKUP:
            return await pipeline.lookup(delivery, deadline=deadline)
        return await pipeline.send(delivery, deadline=deadline)

    async def _conclude(self, job: Job, result: Result, duration: timedelta, *, rehearsed: bool = False) -> None:
        """Decide what follows and settle it, with the attempt as evidence."""
        transition = decide(
            result,
            job.delivery,
            self._policy(job),
            self._now(job.delivery),
            jitter=self._gear.ids.jitter(),
            rehearsed=rehearsed,
        )
        replies = result.replies if isinstance(result, Delivered) else ()
        attempt = self._record(job, result, duration)
        if attempt.reply is not None and len(attempt.reply.body) > MOST:
            attempt = cut(attempt, job.delivery, transition)
        await self._settle(job, transition, attempt, replies)

    def _now(self, delivery: Delivery) -> datetime:
        """Return the time by the clock that the delivery's moments were written by: it may have been set meanwhile."""
        return delivery.boot.now(self._clock.uptime()) if delivery.boot else self._clock.now()

    def _policy(self, job: Job) -> RetryPolicy:
        """Return the policy in force; a system that is no longer configured has promised nothing."""
        link = job.config.links.get(job.delivery.destination)
        if link is None:
            return RetryPolicy()
        policy = link.policy(job.delivery.kind)
        return replace(policy, refuses_all=True) if link.gate.refuses_all else policy

    def _record(self, job: Job, result: Result, duration: timedelta) -> Attempt:
        return Attempt(
            delivery_id=job.delivery.id,
            message_id=job.delivery.message.id,
            step=job.delivery.step,
            outcome=outcome_of(result),
            reason=reason_of(result),
            duration=duration,
            config=job.delivery.pinned or job.config.version,
            request_digest=result.trace.request_digest,
            http_status=result.trace.http_status,
            reply=result.rendered if isinstance(result, Shadowed) else result.trace.reply,
            trace_id=job.trace_id,
            proof=result.trace.proof,
        )

    async def _settle(
        self, job: Job, transition: Transition, attempt: Attempt | None = None, replies: tuple[Draft, ...] = ()
    ) -> None:
        """Settle, for as long as the lease lasts; after that the lease itself brings the delivery back."""
        news = news_of(job.delivery, transition, self._clock.now())
        settlement = Settlement(lease=job.lease, transition=transition, attempt=attempt, then=(*replies, *news))
        settled = await insist(
            lambda: self._gear.store.settle(settlement, plan=self._gear.plan),
            what="settle",
            until=job.until,
            clock=self._clock,
        )
        self._tell(job.delivery, transition.to, settled)

    def _tell(self, delivery: Delivery, to: State, settled: Settled) -> None:
        self._gear.metrics.count("relay_settled_total", system=delivery.destination, state=str(to))
        if settled is Settled.LATE:
            _log.warning("settled_late", delivery=delivery.id, system=delivery.destination, state=str(to))

    async def _last_words(self, job: Job) -> None:
        """Say within two seconds how a cancelled attempt stands; else its lease does."""
        try:
            async with asyncio.timeout(_LAST_WORDS):
                if job.begun:
                    result, duration = job.ended or (Ambiguous(reason=Reason(Why.RESET)), timedelta(0))
                    await self._conclude(job, result, duration)
                else:
                    await self._gear.store.release((job.lease,))
        except (StoreError, TimeoutError) as error:
            _log.warning("left_to_its_lease", delivery=job.delivery.id, error=type(error).__name__)
