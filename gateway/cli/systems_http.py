"""What operators ask of systems and do to them, over the API."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from gateway.cli.api import PATIENT, Api, at
from gateway.cli.lists import a_time
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.query_bodies import AnswerBody, QueriesBody, QueryBody, QueryRecordBody
from gateway.ingress.reconciliation_bodies import (
    ReconcileBody,
    ReconciledBody,
    ReconciliationBody,
    ReconciliationsBody,
)
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, DoublesBody, OnlyOursBody, RehearsedBody
from gateway.ingress.trial_bodies import TrialBody, TrialsBody
from gateway.ingress.weather_bodies import SystemBody, SystemsBody, TendedBody


class HttpSystems:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system and how it stands."""
        return (await self._api.get(at("systems"), SystemsBody)).items

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        return await self._api.post(at("systems", system, verb), ReasonedBody(reason=reason), TendedBody)

    async def ask(self, system: str, operation: str, asked: QueryBody) -> AnswerBody:
        """Put one question to a system."""
        path = f"/v1/systems/{quote(system, safe='')}/queries/{quote(operation, safe='')}"
        return await self._api.post(path, asked, AnswerBody)

    async def queries(self, system: str, since: str, limit: int) -> tuple[QueryRecordBody, ...]:
        """Return who has asked, the newest first."""
        query = {"system": system, "since": a_time(since).isoformat() if since else "", "limit": limit}
        return (await self._api.get(at("queries"), QueriesBody, query)).items

    async def reconcile(self, asked: ReconcileBody) -> ReconciliationBody:
        """Compare by a list, or have the system asked."""
        return await self._api.post(at("reconciliations"), asked, ReconciliationBody)

    async def reconciliations(self, system: str, limit: int) -> tuple[ReconciliationBody, ...]:
        """Return reconciliations, the newest first; of all systems where none is named."""
        query = {"system": system, "limit": limit}
        return (await self._api.get(at("reconciliations"), ReconciliationsBody, query)).items

    async def reconciliation(self, reconciliation: str, behind: int, limit: int) -> ReconciledBody:
        """Return one with its findings behind this place."""
        query = {"behind": behind, "limit": limit}
        return await self._api.get(at("reconciliations", reconciliation), ReconciledBody, query)

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        return await self._api.post(at("systems", system, "mapping-trials"), asked, TrialsBody, patience=PATIENT)

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Make dossiers known that systems have from before, or say what would become of the list."""
        return await self._api.post(at("adoptions"), asked, AdoptedBody)

    async def hand_back(self, system: str, asked: HandbackBody) -> HandedBackBody:
        """End what was never sent to a system, or say what would."""
        return await self._api.post(at("systems", system, "handbacks"), asked, HandedBackBody, patience=PATIENT)

    async def compare(self, system: str, asked: CompareBody) -> ComparisonBody:
        """Compare what was rehearsed for a system with a log of what the way before has sent it."""
        return await self._api.post(at("systems", system, "comparisons"), asked, ComparisonBody)

    async def only_ours(self, system: str, asked: RehearsedBody) -> OnlyOursBody:
        """Return what was rehearsed in the time of a log, and no line is like."""
        return await self._api.post(at("systems", system, "comparisons", "ours"), asked, OnlyOursBody)

    async def doubles(self, system: str, since: datetime) -> DoublesBody:
        """Return the dossiers submitted since then that somebody beside the gateway sends, too."""
        return await self._api.get(at("systems", system, "doubles"), DoublesBody, {"since": since.isoformat()})
