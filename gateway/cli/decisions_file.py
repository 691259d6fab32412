"""Operators' decisions straight on the file, with the same answers and the same refusals as over HTTP."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from gateway.cli.failures import Failed
from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.errors import GatewayError, StoreError
from gateway.core.ids import SystemId
from gateway.core.judging import Decision
from gateway.ingress.bodies import DeliveryBody
from gateway.ingress.deciding import codes_of, decided, verdict_of
from gateway.ingress.errors import told_of
from gateway.ingress.ops_bodies import DecidedBody
from gateway.ingress.views import Eyes
from gateway.model.fault import Invalid
from gateway.model.faults import message
from gateway.ops.decisions import Decider


class FileDecisions:
    """A part of ``cli.on_file.FileDesk``."""

    def __init__(self, decider: Decider, eyes: Eyes) -> None:
        self._decider = decider
        self._eyes = eyes

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first."""
        found = await self._decider.store.find(
            state=State(state), destination=SystemId(system) if system else None, limit=limit
        )
        return tuple(self._eyes.delivery(view) for view in found)

    async def judge(self, delivery: str, verdict: str, codes: Mapping[str, str], reason: str) -> DecidedBody:
        """Say what the partner has."""
        with refusals(self._eyes.language):
            return await self._decide(delivery, verdict_of(verdict), reason, codes_of(codes))

    async def retry(self, delivery: str, reason: str) -> DecidedBody:
        """Send it again."""
        with refusals(self._eyes.language):
            return await self._decide(delivery, Decision.RETRY, reason)

    async def skip(self, delivery: str, reason: str) -> DecidedBody:
        """Let the lane go on without it."""
        with refusals(self._eyes.language):
            return await self._decide(delivery, Decision.SKIP, reason)

    async def _decide(
        self, delivery: str, decision: Decision, reason: str, codes: Mapping[str, str] | None = None
    ) -> DecidedBody:
        return await decided(self._decider, self._eyes, delivery, decision, by=self.by(reason), codes=codes)

    def by(self, reason: str) -> By:
        """Return who acts and why. Raises BadReason."""
        return By(actor=self._eyes.caller.actor, reason=reason)


@contextmanager
def refusals(language: str) -> Generator[None]:
    """Say a refusal in the words of the HTTP doors."""
    try:
        yield
    except StoreError:
        raise
    except (GatewayError, Invalid) as error:
        told = told_of(error)
        lines = [f"{told.problem.title(language)} ({told.problem.code})", told.problem.detail(language)]
        lines += [f"  {fault.path}: {message(fault, language)}" for fault in told.faults]
        raise Failed("\n".join(lines)) from None
