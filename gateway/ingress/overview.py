"""How all systems stand at one moment, as callers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.config.settings import SystemConfig
from gateway.core.delivery import HEADS, State
from gateway.core.ids import SystemId
from gateway.core.pressure import Strain, refused_at
from gateway.core.sky import Condition, Sky
from gateway.core.weather import Pause
from gateway.ingress.bodies import NameBody
from gateway.ingress.views import Eyes
from gateway.ingress.weather_bodies import (
    BreakerBody,
    LimitsBody,
    NeighbourBody,
    PauseBody,
    SystemBody,
    WeatherBody,
    WindowBody,
)
from gateway.model.texts import text
from gateway.ports.store import SystemCounts

_BACKLOG = HEADS | {State.WAITING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How all systems stand at one moment."""

    systems: Mapping[SystemId, SystemConfig]
    counts: Mapping[SystemId, SystemCounts]
    skies: Mapping[SystemId, Sky]
    eyes: Eyes = field(repr=False)
    strain: Strain

    def system(self, system: SystemId) -> SystemBody:
        """Return one system as operators and itself see it."""
        config, found, sky = self.systems[system], self.counts.get(system), self.skies.get(system)
        by_state: Mapping[State, int] = found.by_state if found else {}
        return SystemBody(
            id=system,
            name=_name(config),
            role=str(config.role),
            mode=str(config.mode),
            adapter=config.adapter,
            by_state={str(state): count for state, count in by_state.items()},
            backlog=sum(count for state, count in by_state.items() if state in _BACKLOG),
            backlog_limit=config.limits.backlog,
            refuses=refused_at(self.strain.backlog.get(system, 0)),
            in_doubt=found.in_doubt if found else 0,
            oldest_open=found.oldest_open if found else None,
            weather=self._weather(config, sky) if sky else None,
        )

    def neighbour(self, system: SystemId) -> NeighbourBody:
        """Return of another system what citizens may know: no reasons, no numbers, no operator's words."""
        sky = self.skies.get(system)
        condition = sky.condition if sky else Condition.CLEAR
        return NeighbourBody(
            id=system,
            name=_name(self.systems[system]),
            condition=str(condition),
            text=self._text(condition),
            since=sky.since if sky and condition is not Condition.CLEAR else None,
            opens_at=sky.window_opens_at if sky else None,
        )

    def _weather(self, config: SystemConfig, sky: Sky) -> WeatherBody:
        tally = sky.tally
        return WeatherBody(
            condition=str(sky.condition),
            text=self._text(sky.condition),
            since=sky.since,
            breaker=BreakerBody(
                state=str(tally.phase),
                since=tally.since,
                reason=str(sky.reason) if sky.reason else None,
                times=tally.opened,
                next_try_at=sky.next_try_at,
            ),
            window=WindowBody(
                open=sky.window_opens_at is None, opens_at=sky.window_opens_at, closes_at=sky.window_closes_at
            ),
            pause=self._pause(sky.pause) if sky.pause else None,
            limits=LimitsBody(
                concurrency=sky.terms.concurrency,
                allowed=sky.allowed,
                rate=config.limits.rate,
                burst=config.limits.burst,
            ),
            last_answer_at=tally.answered_at,
            last_failure_at=tally.failed_at,
            last_failure=str(tally.failure) if tally.failure else None,
        )

    def _pause(self, pause: Pause) -> PauseBody:
        if not self.eyes.caller.is_operator:
            return PauseBody(since=pause.since)
        return PauseBody(since=pause.since, text=pause.by.reason, by=pause.by.actor.name)

    def _text(self, condition: Condition) -> str:
        return text(f"condition.{condition}", self.eyes.language)


def _name(config: SystemConfig) -> NameBody:
    return NameBody(vi=config.name.vi, en=config.name.en or config.name.vi)
