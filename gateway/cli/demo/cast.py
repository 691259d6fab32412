"""Who plays in a demo: the simulators, what each is told, and how their journals are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.cli.demo.tally import PORTAL, Line

Reading: TypeAlias = Callable[[str, Line], Iterable[Line]]  #: system and a line of its journal → lines of the tally


def as_written(_system: str, line: Line) -> Iterable[Line]:
    """Take a line as the simulator wrote it."""
    return (line,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One simulator, and the system that it plays."""

    system: str
    simulator: str  #: its folder in adapters/
    path: str = ""  #: of its address
    options: tuple[str, ...] = ()  #: beside its place; ``{count}``, ``{per_second}`` and ``{services}`` are filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All players of one demo, the portal last."""

    players: tuple[Player, ...]
    routes: str = ""  #: a file beside this one, in place of the province's routes
    settings: tuple[str, ...] = ()  #: ``--set`` of the gateway; ``{url}`` is filled in
    reading: Reading = as_written
    quiet: float = 0.0  #: seconds without a request after which nothing is under way any more

    @property
    def systems(self) -> tuple[str, ...]:
        """Return the systems that are played."""
        return tuple(player.system for player in self.players)


_SERVICES = ("--services", "{services}", "--count", "{count}", "--per-second", "{per_second}")

#: A REST ministry, a SOAP ministry, and a portal that speaks the gateway's own API.
PROVINCE = Cast(
    players=(
        Player(system="driver_licence", simulator="demo_rest"),
        Player(system="business_registry", simulator="demo_soap", path="/ws"),
        Player(system=PORTAL, simulator="demo_portal", options=_SERVICES),
    )
)
