"""The doors for many dossiers at once: replays, adoptions and hand-backs, comparisons, reconciliations."""

from __future__ import annotations

from gateway.core.replay import ItemState
from gateway.ingress import (
    adoption_bodies,
    ops_bodies,
    reconciliation_bodies,
    replay_bodies,
    rest_adoptions,
    rest_reconciliations,
    rest_replays,
    rest_shadow,
    shadow_bodies,
)
from gateway.ingress import parameters as given
from gateway.ingress.table.door import READING, REASONED, Door

_STEERING = (*REASONED, "replay.not_found", "replay.closed")

REPLAYS: tuple[Door, ...] = (
    Door(
        "POST /v1/ops/replays/plans",
        rest_replays.plan,
        "Người vận hành: xem trước khi gửi lại · Operators: what a replay would send; nothing is done",
        sends=(replay_bodies.SelectionBody,),
        answer=replay_bodies.ReplayPlanBody,
        problems=READING,
    ),
    Door(
        "POST /v1/ops/replays",
        rest_replays.begin,
        "Người vận hành: gửi lại hàng loạt · Operators: begin a replay; a large one waits for a second person",
        sends=(replay_bodies.ReplayBody,),
        answer=replay_bodies.BegunBody,
        status=201,
        problems=(*REASONED, "replay.empty", "proposal.unnamed"),
    ),
    Door(
        "GET /v1/ops/replays",
        rest_replays.runs,
        "Người vận hành: các đợt gửi lại · Operators: replays, the newest first",
        answer=replay_bodies.RunsBody,
        parameters=(given.LIMIT,),
    ),
    Door(
        "GET /v1/ops/replays/{id}",
        rest_replays.show,
        "Người vận hành: một đợt gửi lại · Operators: one replay, with its counts",
        answer=replay_bodies.RunBody,
        problems=("replay.not_found",),
    ),
    Door(
        "GET /v1/ops/replays/{id}/items",
        rest_replays.items,
        "Người vận hành: từng lượt của đợt gửi lại · Operators: a replay's deliveries in their order",
        answer=replay_bodies.ItemsBody,
        parameters=(given.state(ItemState), given.BEHIND, given.LIMIT),
        problems=("replay.not_found",),
    ),
    Door(
        "POST /v1/ops/adoptions",
        rest_adoptions.adopt,
        "Người vận hành: ghi nhận hồ sơ đã có · Operators: make dossiers known that systems have from before",
        sends=(adoption_bodies.AdoptBody,),
        answer=adoption_bodies.AdoptedBody,
        problems=(*REASONED, "system.not_found"),
    ),
    Door(
        "POST /v1/ops/systems/{system}/comparisons",
        rest_shadow.compare,
        "Người vận hành: so với nhật ký gửi cũ · Operators: compare what was rehearsed with a recorded log",
        sends=(shadow_bodies.CompareBody,),
        answer=shadow_bodies.ComparisonBody,
        problems=(*READING, "system.not_found"),
    ),
    Door(
        "POST /v1/ops/systems/{system}/comparisons/ours",
        rest_shadow.only_ours,
        "Người vận hành: chỉ cổng sẽ gửi · Operators: what was rehearsed, and no line of a log is like",
        sends=(shadow_bodies.RehearsedBody,),
        answer=shadow_bodies.OnlyOursBody,
        problems=(*READING, "system.not_found"),
    ),
    Door(
        "GET /v1/ops/systems/{system}/doubles",
        rest_shadow.doubles,
        "Người vận hành: ai còn gửi trùng · Operators: dossiers that somebody beside the gateway sends, too",
        answer=shadow_bodies.DoublesBody,
        parameters=(given.SINCE,),
        problems=("system.not_found",),
    ),
    Door(
        "POST /v1/ops/systems/{system}/handbacks",
        rest_adoptions.hand_back,
        "Người vận hành: trả lại hồ sơ chưa gửi · Operators: end what was never sent, and name its dossiers",
        sends=(adoption_bodies.HandbackBody,),
        answer=adoption_bodies.HandedBackBody,
        problems=(*REASONED, "system.not_found", "in_part.done"),
    ),
    Door(
        "POST /v1/ops/reconciliations",
        rest_reconciliations.begin,
        "Người vận hành: đối chiếu sổ · Operators: compare our books with what a system says",
        sends=(reconciliation_bodies.ReconcileBody,),
        answer=reconciliation_bodies.ReconciliationBody,
        status=201,
        problems=(*REASONED, "system.not_found", "list.ahead"),
    ),
    Door(
        "GET /v1/ops/reconciliations",
        rest_reconciliations.reconciliations,
        "Người vận hành: các lần đối chiếu · Operators: reconciliations, the newest first",
        answer=reconciliation_bodies.ReconciliationsBody,
        parameters=(given.SYSTEM, given.LIMIT),
    ),
    Door(
        "GET /v1/ops/reconciliations/{id}",
        rest_reconciliations.show,
        "Người vận hành: một lần đối chiếu · Operators: one reconciliation, with its findings",
        answer=reconciliation_bodies.ReconciledBody,
        parameters=(given.BEHIND, given.LIMIT),
        problems=("reconciliation.not_found",),
    ),
    Door(
        "POST /v1/ops/replays/{id}/pause",
        rest_replays.pause,
        "Người vận hành: tạm dừng đợt gửi lại · Operators: release nothing more for now",
        sends=(ops_bodies.ReasonedBody,),
        answer=replay_bodies.RunBody,
        problems=_STEERING,
    ),
    Door(
        "POST /v1/ops/replays/{id}/resume",
        rest_replays.resume,
        "Người vận hành: chạy tiếp đợt gửi lại · Operators: go on",
        sends=(ops_bodies.ReasonedBody,),
        answer=replay_bodies.RunBody,
        problems=_STEERING,
    ),
    Door(
        "POST /v1/ops/replays/{id}/cancel",
        rest_replays.cancel,
        "Người vận hành: huỷ đợt gửi lại · Operators: release nothing more",
        sends=(ops_bodies.ReasonedBody,),
        answer=replay_bodies.RunBody,
        problems=_STEERING,
    ),
)
