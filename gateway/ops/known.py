"""Whether a system that somebody names is configured."""

from __future__ import annotations

from collections.abc import Container

from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId


class UnknownSystem(GatewayError):
    """No system with this id is configured."""


def check_known(system: SystemId, configured: Container[SystemId]) -> None:
    """Raise UnknownSystem where a system is none of these."""
    if system not in configured:
        raise UnknownSystem(system)
