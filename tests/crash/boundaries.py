"""Where a kill may fall: every method of the store, at four points; every system's send, at three.

The list is made from the store's own protocol, so a new method is on it by itself. How each comes to be called in a
gateway that serves is said below; a method of which nothing is said ends the run.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from gateway.ports.store import Store

#: Asked for and nothing done; done inside the open transaction; the transaction ended; the caller has the result.
#: A method that only reads passes them too: nothing is written, and its transaction ends without a commit.
STAGES = ("before", "written", "committed", "answered")
#: Nothing has left; the partner has every byte and nobody has its reply; the reply is read and nothing is settled.
SEND_STAGES = ("before_first_byte", "bytes_out", "reply_read")
#: What the gateway calls itself, and what each promises where nobody knows what became of a send.
CALLED: Mapping[str, str] = MappingProxyType(
    {"driver_licence": "resend", "business_registry": "lookup", "criminal_record": "hold", "portal": "resend"}
)
RANDOM = "random"


class When(StrEnum):
    """When a method is called."""

    START = "start"  #: in the first moments of a process
    RUN = "run"  #: again and again while it serves, by the relay, its partners and the clerk
    STOP = "stop"  #: when it is told to end
    OUTAGE = "outage"  #: while a partner answers nobody


#: Those that are not called all the time.
_MOMENTS: Mapping[str, When] = MappingProxyType(
    {
        "join": When.START,
        "serve": When.START,
        "reclaim": When.START,
        "beat": When.START,
        "repair": When.START,
        "expire": When.START,
        "is_kept": When.START,
        "forget_uploads": When.START,
        "bookmark": When.START,
        "follow": When.START,
        "asked": When.START,
        "booked": When.START,
        "conclude": When.START,
        "ask_about": When.START,
        "survey": When.START,
        "erase": When.START,
        "leave": When.STOP,
        "release": When.STOP,
        "take_probe": When.OUTAGE,
    }
)
#: Those that nothing in a serving gateway calls, and why.
UNREACHED: Mapping[str, str] = MappingProxyType(
    {
        "use": "only where a partner proves its messages, which none of this run does",
        "fleet": "only the command line asks, while no gateway serves",
        "restored": "only while no gateway serves, in one transaction",
        "open_dossiers": "only reads, and the polled partner of this run is asked for news, not about dossiers",
        "doubt": "only where a system refuses everything, which no partner of this run does",
    }
)
#: Those that the partners and the relay call all the time.
_RUNNING = frozenset(
    {
        *("accept", "attach", "miss", "fetches", "claim", "begin", "settle", "renew", "next_due"),
        *("read", "acknowledge", "holder", "backlogs", "advance"),
    }
)
#: Those that people call, by the step of the clerk (``tests/crash/clerk.py``) that does.
_BY_PEOPLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "look": ("counts", "pause", "resume", "acts", "proposals", "attention", "due", "chains", "chained"),
        "rotate": ("add", "all", "revoke"),
        "find": ("register", "file", "viewed", "dossiers", "dossier", "timeline"),
        "retry": ("find", "delivery", "decide"),
        "correct": ("message", "record_act", "propose", "proposal", "reject", "approve"),
        "list": ("doubtful", "whole"),
        "replay": ("choose", "begin_run", "run", "run_items", "steer_run", "runs"),
        "compare": ("books", "keep_list", "ask", "reconciliation", "divergences", "reconciliations"),
        "adopt": ("adopt", "hand_back"),
        "inquire": ("record_query", "conclude_query", "queries"),
    }
)
_STEPS: Mapping[str, str] = MappingProxyType(
    {method: step for step, methods in _BY_PEOPLE.items() for method in methods}
)


class Unplanned(Exception):
    """A method of the store of which nobody has said how it is called."""


def methods() -> tuple[str, ...]:
    """Return every method of the store."""
    found = inspect.getmembers(Store, inspect.iscoroutinefunction)
    return tuple(name for name, _ in found if not name.startswith("_"))


def moment(method: str) -> When | None:
    """Return when a method is called, None where nothing calls it. Raises Unplanned."""
    if method in UNREACHED:
        return None
    if method not in _RUNNING | _MOMENTS.keys() | _STEPS.keys():
        raise Unplanned(
            f"store method `{method}`: say in tests/crash/boundaries.py when it is called (and let"
            " tests/crash/clerk.py call it where only people do), then run `make crash`"
        )
    return _MOMENTS.get(method, When.RUN)


def step_of(boundary: str) -> str:
    """Return the clerk's step that leads there, nothing where a gateway comes there by itself."""
    return _STEPS.get(boundary.partition(".")[0], "")


@cache
def of_store(*moments: When) -> tuple[str, ...]:
    """Return the boundaries of every method that is called, or called at these moments. Raises Unplanned."""
    reached = [method for method in methods() if moment(method) in (moments or tuple(When))]
    return tuple(f"{method}.{stage}" for method in reached for stage in STAGES)


def of_sends() -> tuple[str, ...]:
    """Return the boundaries of every system's send."""
    return tuple(f"send.{system}.{stage}" for system in CALLED for stage in SEND_STAGES)


def everything() -> tuple[str, ...]:
    """Return all boundaries that a run must meet. Raises Unplanned."""
    return of_store() + of_sends()
