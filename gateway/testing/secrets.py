"""Secrets from a table."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secret


class FakeSecrets:
    """Knows what it was given, by reference."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def get(self, reference: str) -> Secret:
        if reference not in self._values:
            raise ConfigError(Problem(file="", key=reference, text="no such secret", remedy="set it"))
        return Secret(self._values[reference])
