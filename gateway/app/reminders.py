"""What is right for now and will not stay so: said at the start, once a day, and of what is applied."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.certificates import dated
from gateway.config.calendar import warnings
from gateway.config.settings import Configuration
from gateway.core.routing import day_in_vietnam
from gateway.ports.clock import Clock
from gateway.ports.secrets import Secrets

_log: FilteringBoundLogger = structlog.get_logger()

_DAY = 86_400.0  #: seconds


@dataclass(slots=True, kw_only=True)
class Reminders:
    """Years that the calendar lacks, and certificates that end."""

    configuration: Configuration  #: in force now
    secrets: Secrets = field(repr=False)
    clock: Clock

    def turn(self, configuration: Configuration) -> None:
        """Let another configuration be in force, and say what is right in it only for now."""
        self.configuration = configuration
        self._say()

    async def run(self) -> None:
        """Say it now, then once a day until cancelled."""
        while True:
            self._say()
            await self.clock.sleep(_DAY)

    def _say(self) -> None:
        now = self.clock.now()
        for missing in warnings(self.configuration.calendar, day_in_vietnam(now)):
            _log.warning("calendar_incomplete", missing=missing.key, remedy=missing.remedy)
        for one in dated(self.configuration, self.secrets, now):
            file, setting = one.problem.file, one.problem.key
            _log.warning("certificate_ends", file=file, setting=setting, over=one.is_over, alert=one.is_over)
