"""What one event of the log costs in processor time, as an attempt writes it: redacted, encoded, in the file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog

from bench.lines import Line, median
from bench.run import Run
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


def log(run: Run) -> Sequence[Line]:
    """What one event of the log costs."""
    written = set_up(defaults().logs, run.fresh("log"))
    try:
        rounds = [asyncio.run(_round()) for _ in range(run.rounds + 1)]
    finally:
        written.close()
    return (median("log_event", rounds[1:]),)


async def _round() -> float:
    logger = structlog.get_logger().bind()
    began = time.process_time()
    for number in range(_EVENTS):
        logger.info("attempt", **_FACTS)
        if number % _TOGETHER == 0:
            await asyncio.sleep(0)
    return (time.process_time() - began) / _EVENTS * 1e6
