"""The operator's desk: what commands ask of the doors, be they a gateway's that serves or those of this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from gateway.cli.api import PATIENT, Api, at
from gateway.cli.failures import no_system
from gateway.cli.lists import a_time
from gateway.core.acts import Target
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.attention_bodies import AttentionBody, DueListBody
from gateway.ingress.bodies import (
    ActBody,
    DeliveriesBody,
    DeliveryBody,
    DossierBody,
    KeyBody,
    KeysBody,
    NewKeyBody,
    TimelineBody,
)
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.ops_bodies import (
    ActsBody,
    ChangesBody,
    ContentBody,
    DecidedBody,
    EditBody,
    JudgementBody,
    ProposalBody,
    ProposalsBody,
    ReasonedBody,
    SettledBody,
    SettlementBody,
)
from gateway.ingress.parameters import MOST
from gateway.ingress.query_bodies import AnswerBody, QueriesBody, QueryBody, QueryRecordBody
from gateway.ingress.reconciliation_bodies import ReconcileBody, ReconciledBody, ReconciliationBody, ReconciliationsBody
from gateway.ingress.replay_bodies import (
    BegunBody,
    ItemsBody,
    ReplayBody,
    ReplayItemBody,
    ReplayPlanBody,
    RunBody,
    RunsBody,
    SelectionBody,
)
from gateway.ingress.retention_bodies import RetentionBody
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, DoublesBody, OnlyOursBody, RehearsedBody
from gateway.ingress.trial_bodies import TrialBody, TrialsBody
from gateway.ingress.weather_bodies import SystemBody, SystemsBody, TendedBody
from gateway.ports.keys import KeyRole

_CONFIGURATION = Target.configuration()


class _Dossiers(Struct, frozen=True):
    """``DossiersBody`` as it comes: msgspec writes documents verbatim, but does not read them so."""

    items: tuple[dict[str, object], ...]


class Desk:
    """The operators' doors, asked one by one; every method raises Failed."""

    is_served = True

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, code: str, scheme: str) -> tuple[DossierBody, ...]:
        """Return the dossiers with this code."""
        answer = await self._api.get(at("dossiers"), _Dossiers, {"code": code, "scheme": scheme})
        with self._api.understanding():
            return tuple(_dossier(item) for item in answer.items)

    async def timeline(self, dossier: str) -> TimelineBody:
        """Return everything that happened to the dossier."""
        answer = await self._api.get(at("dossiers", dossier, "timeline"), dict[str, object])
        with self._api.understanding():
            whole = _dossier(msgspec.convert(answer.pop("dossier", None), dict[str, object]))
            return msgspec.convert({**answer, "dossier": whole}, TimelineBody)

    async def evidence(self, since: datetime | None) -> AsyncIterator[bytes]:
        """Yield the file of evidence in pieces."""
        async for piece in self._api.pieces(at("evidence"), {"since": since.isoformat()} if since else {}):
            yield piece

    async def keys(self) -> tuple[KeyBody, ...]:
        """Return all keys."""
        return (await self._api.get(at("keys"), KeysBody)).items

    async def new_key(self, name: str, role: str) -> KeyBody:
        """Make a key; a name that no system has is answered with the nearest one."""
        known = {system.id for system in await self.systems()} if role == KeyRole.SYSTEM else {name}
        if name not in known:
            raise no_system(name, known)
        return await self._api.post(at("keys"), NewKeyBody(name=name, role=role), KeyBody)

    async def revoke(self, key: str) -> None:
        """End a key."""
        await self._api.call("DELETE", at("keys", key))

    async def attention(self, system: str, cursor: str, limit: int) -> AttentionBody:
        """Return a page of what needs a person, the most urgent first."""
        return await self._api.get(at("attention"), AttentionBody, {"system": system, "cursor": cursor, "limit": limit})

    async def due(self, which: str, system: str, cursor: str, limit: int) -> DueListBody:
        """Return a page of due dates, the earliest first."""
        query = {"which": which, "system": system, "cursor": cursor, "limit": limit}
        return await self._api.get(at("deadlines"), DueListBody, query)

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page of what would be erased after so many days, and of what would stay."""
        query = {"days": str(days), "cursor": cursor, "limit": MOST}
        return await self._api.get(at("retention"), RetentionBody, query)

    async def review(self) -> ChangeOfConfigurationBody:
        """Return what the files would change."""
        return await self._api.get(at("configuration", "change"), ChangeOfConfigurationBody)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Let this version hold."""
        body = ApplyBody(version=version, reason=reason)
        return await self._api.post(at("configuration", "change"), body, ChangeOfConfigurationBody)

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration, the newest first."""
        query = {"target_kind": str(_CONFIGURATION.kind), "target": _CONFIGURATION.id, "limit": limit}
        return (await self._api.get(at("acts"), ActsBody, query)).items

    # -- deliveries, proposals and replays

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first; to all systems where none is named."""
        query = {"state": state, "system": system, "limit": limit}
        return (await self._api.get(at("deliveries"), DeliveriesBody, query)).items

    async def judge(self, delivery: str, verdict: str, codes: Mapping[str, str], reason: str) -> DecidedBody:
        """Say what the partner has."""
        body = JudgementBody(verdict=verdict, codes=dict(codes), reason=reason)
        return await self._api.post(at("deliveries", delivery, "judgement"), body, DecidedBody)

    async def retry(self, delivery: str, reason: str) -> DecidedBody:
        """Send it again."""
        return await self._api.post(at("deliveries", delivery, "retry"), ReasonedBody(reason=reason), DecidedBody)

    async def skip(self, delivery: str, reason: str) -> DecidedBody:
        """Let the lane go on without it."""
        return await self._api.post(at("deliveries", delivery, "skip"), ReasonedBody(reason=reason), DecidedBody)

    async def content(self, delivery: str, reason: str) -> ContentBody:
        """Return what the message of a delivery says."""
        return await self._api.post(at("deliveries", delivery, "content"), ReasonedBody(reason=reason), ContentBody)

    async def edit(self, delivery: str, event: bytes, reason: str, *, propose: bool) -> ChangesBody:
        """Return what a corrected event changes, and its proposal."""
        body = EditBody(event=Raw(event), reason=reason, propose=propose)
        return await self._api.post(at("deliveries", delivery, "edits"), body, ChangesBody)

    async def settle(self, system: str, asked: SettlementBody) -> SettledBody:
        """Return what a partner's list would do, and its proposal."""
        return await self._api.post(at("systems", system, "settlements"), asked, SettledBody)

    async def proposals(self, state: str, limit: int) -> tuple[ProposalBody, ...]:
        """Return proposals, the newest first; of any state where none is named."""
        return (await self._api.get(at("proposals"), ProposalsBody, {"state": state, "limit": limit})).items

    async def changes(self, proposal: str, reason: str) -> ChangesBody:
        """Return what a proposal would do."""
        return await self._api.post(at("proposals", proposal, "changes"), ReasonedBody(reason=reason), ChangesBody)

    async def close(self, proposal: str, reason: str, *, approve: bool) -> ProposalBody:
        """Approve, which does it, or reject."""
        path = at("proposals", proposal, "approval" if approve else "rejection")
        return await self._api.post(path, ReasonedBody(reason=reason), ProposalBody, patience=PATIENT)

    async def replay_plan(self, selection: SelectionBody) -> ReplayPlanBody:
        """Return what a replay would send."""
        return await self._api.post(at("replays", "plans"), selection, ReplayPlanBody)

    async def replay(self, asked: ReplayBody) -> BegunBody:
        """Begin a replay, or propose it."""
        return await self._api.post(at("replays"), asked, BegunBody)

    async def replays(self, limit: int) -> tuple[RunBody, ...]:
        """Return replays, the newest first."""
        return (await self._api.get(at("replays"), RunsBody, {"limit": limit})).items

    async def replay_run(self, run: str) -> RunBody:
        """Return one replay."""
        return await self._api.get(at("replays", run), RunBody)

    async def replay_items(self, run: str, state: str, behind: int, limit: int) -> tuple[ReplayItemBody, ...]:
        """Return a replay's deliveries; of any state where none is named."""
        query = {"state": state, "behind": behind, "limit": limit}
        return (await self._api.get(at("replays", run, "items"), ItemsBody, query)).items

    async def steer(self, run: str, steering: str, reason: str) -> RunBody:
        """Pause, resume or cancel a replay."""
        return await self._api.post(at("replays", run, steering), ReasonedBody(reason=reason), RunBody)

    # -- systems

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


def _dossier(raw: dict[str, object]) -> DossierBody:
    """Return a dossier with its document verbatim."""
    document = raw.pop("dossier", None)
    body = msgspec.convert(raw, DossierBody)
    return msgspec.structs.replace(body, dossier=Raw(msgspec.json.encode(document))) if document else body
