"""What is tried with every peer, as far as its stack has the feature; and what came of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Way(StrEnum):
    """Who calls."""

    CALLS_US = "calls us"  #: the peer's client, the gateway's door
    CALLED = "is called"  #: the gateway's adapter, the peer's server


class Feature(StrEnum):
    """The columns of the matrix."""

    V11 = "SOAP 1.1"
    V12 = "SOAP 1.2"
    FAULT = "declared fault"
    MTOM = "MTOM"
    SECURITY = "WS-Security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call."""

    peer: str
    way: Way
    feature: Feature
    version: str  #: of SOAP
    detail: str = ""  #: which kind of the feature

    def __str__(self) -> str:
        """Say what is tried, in one line."""
        more = f" {self.detail}" if self.detail else ""
        return f"{self.peer} {self.way}, {self.feature}{more}, SOAP {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a case; ``problem`` is empty where it went well."""

    case: Case
    problem: str = ""


def matrix(peers: Sequence[str], results: Sequence[Result]) -> str:
    """Return a table in Markdown: how many of the cases went well; a dash where the stack has no such thing."""
    tried = Counter(_cell(one.case) for one in results)
    done = Counter(_cell(one.case) for one in results if not one.problem)
    lines = [f"| peer | direction | {' | '.join(Feature)} |", "|---|---|" + "---|" * len(Feature)]
    for peer, way in product(peers, Way):
        cells = [(peer, way, feature) for feature in Feature]
        shown = (f"{done[cell]}/{tried[cell]}" if tried[cell] else "—" for cell in cells)
        lines.append(f"| {peer} | {way} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _cell(case: Case) -> tuple[str, Way, Feature]:
    return case.peer, case.way, case.feature
