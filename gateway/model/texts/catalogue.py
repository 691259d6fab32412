"""The catalogue as a whole, and the choice of a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from gateway.model.texts.acts import ACTS
from gateway.model.texts.adoptions import ADOPTIONS, HANDINGS, LIKENESSES, SIGNS
from gateway.model.texts.anomalies import ANOMALIES
from gateway.model.texts.attention import MATTERS, PRESSURES, STEPS, WAITS
from gateway.model.texts.conditions import CONDITIONS, FEEDS, PAUSES
from gateway.model.texts.configurations import CONFIGURATION_REFUSALS, CONFIGURATIONS
from gateway.model.texts.decisions import DECISIONS
from gateway.model.texts.evidence import EVIDENCE
from gateway.model.texts.faults import FAULTS
from gateway.model.texts.findings import FINDINGS
from gateway.model.texts.gaps import GAPS
from gateway.model.texts.kinds import KINDS
from gateway.model.texts.outcomes import OUTCOMES
from gateway.model.texts.outlooks import OUTLOOKS
from gateway.model.texts.phrases import Said, said
from gateway.model.texts.plug_in import PLUG_IN, PLUG_IN_PROBLEMS
from gateway.model.texts.problems import PROBLEMS
from gateway.model.texts.queries import QUERIES, QUERY_REFUSALS
from gateway.model.texts.reasons import REASONS
from gateway.model.texts.reconciliations import (
    DIVERGENCES,
    RECONCILIATION_REFUSALS,
    RECONCILIATIONS,
    REPAIRS,
)
from gateway.model.texts.replays import ITEMS, LARGE, LEFT, REFUSALS, RUNS
from gateway.model.texts.retention import KEPT
from gateway.model.texts.security import SECURITY_REFUSALS
from gateway.model.texts.shapes import SHAPES
from gateway.model.texts.states import STATES
from gateway.model.texts.statuses import STATUSES
from gateway.model.texts.whatif import TRIAL_REFUSALS, WHAT_IFS
from gateway.model.texts.words import Words

Language: TypeAlias = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
_HEADER_LIMIT = 500

_AREAS: tuple[tuple[str, Mapping[str, Words]], ...] = (
    ("problem", PROBLEMS),
    ("problem", DECISIONS),
    ("problem", REFUSALS),
    ("problem", RECONCILIATION_REFUSALS),
    ("problem", PLUG_IN_PROBLEMS),
    ("problem", QUERY_REFUSALS),
    ("problem", SECURITY_REFUSALS),
    ("problem", CONFIGURATION_REFUSALS),
    ("problem", TRIAL_REFUSALS),
    ("fault", FAULTS),
    ("shape", SHAPES),
    ("gap", GAPS),
    ("reason", REASONS),
    ("state", STATES),
    ("outcome", OUTCOMES),
    ("outlook", OUTLOOKS),
    ("status", STATUSES),
    ("kind", KINDS),
    ("finding", FINDINGS),
    ("reconciliation", RECONCILIATIONS),
    ("query", QUERIES),
    ("divergence", DIVERGENCES),
    ("repair", REPAIRS),
    ("run", RUNS),
    ("item", ITEMS),
    ("left", LEFT),
    ("large", LARGE),
    ("matter", MATTERS),
    ("waits", WAITS),
    ("kept", KEPT),
    ("step", STEPS),
    ("act", ACTS),
    ("adoption", ADOPTIONS),
    ("handing", HANDINGS),
    ("likeness", LIKENESSES),
    ("sign", SIGNS),
    ("condition", CONDITIONS),
    ("feed", FEEDS),
    ("pressure", PRESSURES),
    ("pause", PAUSES),
    ("configuration", CONFIGURATIONS),
    ("whatif", WHAT_IFS),
    ("evidence", EVIDENCE),
    ("plug_in", PLUG_IN),
    ("anomaly", ANOMALIES),
)
#: ``<area>.<code>`` to words: ``problem.json.invalid``, ``problem.json.invalid.detail``, ``status.4``, ``reason.tls``.
CATALOGUE: Mapping[str, Words] = MappingProxyType(
    {f"{area}.{code}": words for area, table in _AREAS for code, words in table.items()}
)


class _Facts(dict[str, object]):
    """Facts by name; one that nobody gave shows as its name, because a message must never fail."""

    def __missing__(self, name: str) -> str:
        return f"({name})"


def text(code: str, language: str, **facts: object) -> str:
    """Return the words of a code with its facts, of which ``Said`` are in the same language; else the code itself."""
    words = CATALOGUE.get(code)
    if words is None:
        return code
    facts = {name: said(fact, language) if isinstance(fact, Said) else fact for name, fact in facts.items()}
    return (words.en if language == "en" else words.vi).format_map(_Facts(facts))


def pick_language(accept_language: str | None) -> Language:
    """Return the language that an Accept-Language header (RFC 9110) wants most; Vietnamese by default."""
    wanted = sorted(_wanted((accept_language or "")[:_HEADER_LIMIT]), key=lambda item: -item[1])
    for tag, quality in wanted:
        if quality <= 0:
            continue
        if tag in ("vi", "*"):
            return "vi"
        if tag == "en":
            return "en"
    return "vi"


def _wanted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        yield tag.strip().lower().split("-")[0], _quality(parameters)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
