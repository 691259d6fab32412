"""Questions to registers straight on the file."""

from __future__ import annotations

from gateway.cli.failures import Failed
from gateway.cli.lists import a_time
from gateway.core.ids import SystemId
from gateway.ingress.query_bodies import AnswerBody, QueryBody, QueryRecordBody
from gateway.ingress.querying import record_body
from gateway.ingress.views import Eyes
from gateway.ports.queries import Inquiries


class FileQuestions:
    """A part of ``cli.on_file.FileDesk``: what was asked is read there; only who serves can ask."""

    _eyes: Eyes
    _inquiries: Inquiries

    async def ask(self, system: str, operation: str, asked: QueryBody) -> AnswerBody:
        """Refuse: nobody is connected to the system."""
        del operation, asked
        raise Failed(f"asking {system} needs a gateway that serves: start ./run_gateway.py serve")

    async def queries(self, system: str, since: str, limit: int) -> tuple[QueryRecordBody, ...]:
        """Return who has asked."""
        found = await self._inquiries.queries(
            system=SystemId(system) if system else None, since=a_time(since) if since else None, limit=limit
        )
        return tuple(record_body(item, self._eyes.language) for item in found)
