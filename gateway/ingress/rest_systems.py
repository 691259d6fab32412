"""``/v1/systems``: how the systems are connected and how their deliveries stand."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from gateway.config.settings import SystemConfig
from gateway.core.ids import SystemId
from gateway.ingress.bodies import NameBody, SystemBody, SystemsBody
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.replies import reply
from gateway.ports.store import SystemCounts


async def show(request: web.Request) -> web.Response:
    """``GET /v1/systems``: operators see all, a system sees itself."""
    doors, caller = doors_of(request), caller_of(request)
    counts = {item.system: item for item in await doors.ledger.counts()}
    seen = [name for name in doors.systems if caller.is_operator or name == caller.system]
    return reply(SystemsBody(items=tuple(system_body(name, doors.systems[name], counts) for name in seen)))


def system_body(system: SystemId, config: SystemConfig, counts: Mapping[SystemId, SystemCounts]) -> SystemBody:
    """Return one system as callers read it."""
    found = counts.get(system)
    return SystemBody(
        id=system,
        name=NameBody(vi=config.name.vi, en=config.name.en or config.name.vi),
        role=str(config.role),
        mode=str(config.mode),
        adapter=config.adapter,
        by_state={str(state): count for state, count in found.by_state.items()} if found else {},
        in_doubt=found.in_doubt if found else 0,
        oldest_open=found.oldest_open if found else None,
    )
