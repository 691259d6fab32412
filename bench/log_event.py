"""What one event of the log costs in processor time, as an attempt writes it: redacted, encoded, in the file."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog

from gateway.config.loader import defaults
from gateway.observability.logs import set_up

_EVENTS = 20_000
_TOGETHER = 20  #: events between two turns of the loop, as on a busy gateway
_FACTS = {
    "dossier": "H52.12-260301-0001234",
    "system": "civil_status",
    "kind": "status.changed",
    "step": "send",
    "attempt": 1,
    "outcome": "delivered",
    "duration_ms": 12.3,
    "http_status": 200,
}


def micros_per_event(folder: Path, rounds: int) -> list[float]:
    """Return the microseconds of processor time that one event took, round by round; the first round is not counted."""
    log = set_up(defaults().logs, folder)
    try:
        return [asyncio.run(_round()) for _ in range(rounds + 1)][1:]
    finally:
        log.close()


async def _round() -> float:
    logger = structlog.get_logger().bind()
    began = time.process_time()
    for number in range(_EVENTS):
        logger.info("attempt", **_FACTS)
        if number % _TOGETHER == 0:
            await asyncio.sleep(0)
    return (time.process_time() - began) / _EVENTS * 1e6
