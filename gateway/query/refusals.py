"""Why a question is not put to anybody: errors of whoever asks, or of the moment. Nothing was kept and nothing sent.

::

    GatewayError
    ├── NoSuchQuery     no system, or none that can be asked this
    ├── NotYours        the file of the system does not name this caller
    ├── NotYourself     an operator asks in another's name
    ├── NotCalled       the system is off, or in shadow: nothing is sent to it
    ├── TooManyQueries  this caller has asked more than it may; ``wait`` says when to come again
    └── Barred          the system cannot be asked now; ``bar`` says why and for how long
"""

from __future__ import annotations

from datetime import timedelta

from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId
from gateway.exchange.asking import Bar


class NoSuchQuery(GatewayError):
    """There is no such system, or it cannot be asked this."""

    def __init__(self, system: SystemId | None) -> None:
        super().__init__("nothing of this name can be asked")
        self.system = system  #: None where there is no such system


class NotYours(GatewayError):
    """This caller may not ask this system."""

    def __init__(self, caller: str) -> None:
        super().__init__(f"{caller} is not among the callers that the system's file names")
        self.caller = caller


class NotYourself(GatewayError):
    """An operator's own key asks as its holder, and as nobody else."""


class NotCalled(GatewayError):
    """Nothing is sent to this system: it is off, or in shadow."""


class TooManyQueries(GatewayError):
    """This caller asks faster than it may."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("come again later")
        self.wait = wait


class Barred(GatewayError):
    """The system cannot be asked at this moment, and questions are not queued."""

    def __init__(self, system: SystemId, bar: Bar) -> None:
        super().__init__(f"{system} cannot be asked now: {bar.obstacle}")
        self.system = system
        self.bar = bar
