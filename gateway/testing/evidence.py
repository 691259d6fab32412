"""Reading a store's evidence in tests: what it would export, verified, and its records."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.core.delivery import FINAL, State
from gateway.core.record import RecordType
from gateway.evidence.export import export
from gateway.evidence.verify import Report, verify
from gateway.ports.evidence import Evidence

_AT = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Proof:
    """An exported file and what the verifier says of it."""

    file: bytes
    report: Report

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return all records in order."""
        lines = (json.loads(line) for line in self.file.splitlines())
        return [line["record"] for line in lines if "record" in line]

    def of(self, *types: str) -> list[dict[str, Any]]:
        """Return the records of these types in order."""
        return [record for record in self.records if record["type"] in types]

    def retold(self) -> dict[str, State]:
        """Return the last state of each delivery told of; of late tries only a yes to what is open counts."""
        states: dict[str, State] = {}
        for record in self.records:
            if record["type"] in {RecordType.ACCEPTED, RecordType.MATCHED}:
                states |= {delivery: State(state) for delivery, _, state in record["deliveries"]}
            elif record["type"] in {RecordType.MOVED, RecordType.ATTEMPTED}:
                delivery, to = record["delivery"], State(record["to"])
                if not record.get("late") or (to is State.DELIVERED and states.get(delivery) not in FINAL):
                    states[delivery] = to
        return states


async def exported(store: Evidence, *, since: datetime | None = None) -> bytes:
    """Return a store's evidence as one file."""
    return b"".join([piece async for piece in export(store, at=_AT, since=since)])


async def proof_of(store: Evidence) -> Proof:
    """Return a store's evidence; fails unless it is sound."""
    file = await exported(store)
    report = verify(io.BytesIO(file))
    assert report.bad is None, report.bad
    return Proof(file, report)
