"""The doors of operators: dossiers, deliveries, proposals, what needs a person, systems, keys, and many at once."""

from __future__ import annotations

from gateway.core.delivery import State
from gateway.core.judging import Obstacle
from gateway.core.proposals import ProposalState
from gateway.ingress import (
    attention_bodies,
    bodies,
    ops_bodies,
    query_bodies,
    rest_attention,
    rest_decisions,
    rest_dossiers,
    rest_evidence,
    rest_ops,
    rest_proposals,
    rest_queries,
    rest_retention,
    rest_systems,
    retention_bodies,
    weather_bodies,
)
from gateway.ingress import parameters as given
from gateway.ingress.table.configuration import CONFIGURATION
from gateway.ingress.table.door import BOTH, JSON, READING, REASONED, Door
from gateway.ingress.table.replays import REPLAYS

_UNDECIDABLE = tuple(f"delivery.{obstacle}" for obstacle in Obstacle)
_SETTLING = ("system.not_found", "list.ahead", "list.unknown", "proposal.empty", "proposal.unnamed")
_DECIDING = (*REASONED, "delivery.not_found", *_UNDECIDABLE)
_CLOSING = (*REASONED, *(f"proposal.{why}" for why in ("not_found", "unnamed", "closed", "expired", "changed")))
_TENDING = (*REASONED, "system.not_found", "system.not_called")
_DOING = ("proposal.own", "delivery.not_found", *_UNDECIDABLE, "replay.empty", "in_part.done")

OPERATORS: tuple[Door, ...] = (
    Door(
        "GET /v1/ops/queries",
        rest_queries.queries,
        "Người vận hành: các lần tra cứu · Operators: who asked what kind of thing and why; never about whom",
        answer=query_bodies.QueriesBody,
        parameters=(given.SYSTEM, given.SINCE, given.BEFORE, given.LIMIT),
    ),
    Door(
        "GET /v1/ops/dossiers",
        rest_dossiers.search,
        "Người vận hành: tìm hồ sơ · Operators: find dossiers",
        answer=bodies.DossiersBody,
        answers_as=BOTH,
        parameters=(given.CODE, given.SCHEME),
    ),
    Door(
        "GET /v1/ops/dossiers/{id}/timeline",
        rest_ops.timeline,
        "Người vận hành: quá trình của hồ sơ · Operators: a dossier's timeline",
        answer=bodies.TimelineBody,
        answers_as=BOTH,
        problems=("dossier.not_found",),
    ),
    Door(
        "GET /v1/ops/deliveries",
        rest_ops.deliveries,
        "Người vận hành: tìm lượt gửi · Operators: find deliveries",
        answer=bodies.DeliveriesBody,
        parameters=(given.state(State), given.SYSTEM, given.LIMIT),
    ),
    Door(
        "POST /v1/ops/deliveries/{id}/judgement",
        rest_decisions.judge,
        "Người vận hành: kết luận · Operators: judge what the partner has",
        sends=(ops_bodies.JudgementBody,),
        answer=ops_bodies.DecidedBody,
        problems=(*_DECIDING, "proposal.needed"),
    ),
    Door(
        "POST /v1/ops/deliveries/{id}/retry",
        rest_decisions.retry,
        "Người vận hành: cho gửi lại · Operators: send again",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.DecidedBody,
        problems=(*_DECIDING, "proposal.needed"),
    ),
    Door(
        "POST /v1/ops/deliveries/{id}/skip",
        rest_decisions.skip,
        "Người vận hành: bỏ qua · Operators: let the lane go on without it",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.DecidedBody,
        problems=_DECIDING,
    ),
    Door(
        "POST /v1/ops/deliveries/{id}/content",
        rest_proposals.content,
        "Người vận hành: xem nội dung · Operators: read what the message says; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ContentBody,
        problems=(*REASONED, "delivery.not_found"),
    ),
    Door(
        "POST /v1/ops/deliveries/{id}/edits",
        rest_proposals.edit,
        "Người vận hành: sửa và gửi lại · Operators: show or propose a corrected event",
        sends=(ops_bodies.EditBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*REASONED, "body.invalid", "delivery.not_found", *_UNDECIDABLE, "proposal.unnamed"),
    ),
    Door(
        "POST /v1/ops/systems/{system}/settlements",
        rest_proposals.settle,
        "Người vận hành: đối chiếu theo danh sách · Operators: show or propose what a partner's list settles",
        sends=(ops_bodies.SettlementBody,),
        answer=ops_bodies.SettledBody,
        problems=(*REASONED, *_SETTLING),
    ),
    Door(
        "GET /v1/ops/proposals",
        rest_proposals.proposals,
        "Người vận hành: các đề nghị · Operators: proposals, the newest first",
        answer=ops_bodies.ProposalsBody,
        parameters=(given.state(ProposalState), given.LIMIT),
    ),
    Door(
        "GET /v1/ops/proposals/{id}",
        rest_proposals.show,
        "Người vận hành: xem đề nghị · Operators: one proposal",
        answer=ops_bodies.ProposalBody,
        problems=("proposal.not_found",),
    ),
    Door(
        "POST /v1/ops/proposals/{id}/changes",
        rest_proposals.changes,
        "Người vận hành: xem đề nghị làm gì · Operators: what a proposal would do; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*REASONED, "proposal.not_found"),
    ),
    Door(
        "POST /v1/ops/proposals/{id}/approval",
        rest_proposals.approve,
        "Người vận hành: duyệt và thực hiện · Operators: agree to another's proposal: it is done, once",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ProposalBody,
        problems=(*_CLOSING, *_DOING),
    ),
    Door(
        "POST /v1/ops/proposals/{id}/rejection",
        rest_proposals.reject,
        "Người vận hành: không duyệt · Operators: close a proposal undone",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ProposalBody,
        problems=_CLOSING,
    ),
    Door(
        "GET /v1/ops/acts",
        rest_decisions.acts,
        "Người vận hành: việc đã làm · Operators: what people did, the newest first",
        answer=ops_bodies.ActsBody,
        parameters=(given.TARGET_KIND, given.TARGET, given.BEFORE, given.LIMIT),
    ),
    Door(
        "GET /v1/ops/evidence",
        rest_evidence.show,
        "Người vận hành: xuất chuỗi bằng chứng · Operators: the chains of evidence as a file",
        answers_as=("application/x-ndjson",),
        parameters=(given.SINCE,),
    ),
    Door(
        "GET /v1/ops/attention",
        rest_attention.attention,
        "Người vận hành: cần xử lý · Operators: what needs a person, by cause, the most urgent first",
        answer=attention_bodies.AttentionBody,
        parameters=(given.SYSTEM, given.CURSOR, given.LIMIT),
        problems=("cursor.invalid",),
    ),
    Door(
        "GET /v1/ops/deadlines",
        rest_attention.deadlines,
        "Người vận hành: hạn trả kết quả · Operators: due dates, the earliest first; or as text/csv",
        answer=attention_bodies.DueListBody,
        answers_as=(JSON, "text/csv"),
        parameters=(given.WHICH, given.SYSTEM, given.CURSOR, given.LIMIT, given.FORMAT),
        problems=("cursor.invalid",),
        headers=("X-Next",),
    ),
    Door(
        "GET /v1/ops/retention",
        rest_retention.retention,
        "Người vận hành: hồ sơ hết thời hạn lưu · Operators: what erasing by age would do",
        answer=retention_bodies.RetentionBody,
        parameters=(given.DAYS, given.CURSOR, given.LIMIT),
        problems=("cursor.invalid",),
    ),
    Door(
        "GET /v1/ops/systems",
        rest_systems.show,
        "Người vận hành: các hệ thống · Operators: systems",
        answer=weather_bodies.SystemsBody,
    ),
    Door(
        "POST /v1/ops/systems/{system}/pause",
        rest_systems.pause,
        "Người vận hành: tạm dừng gửi · Operators: let nothing be sent to a system",
        sends=(ops_bodies.ReasonedBody,),
        answer=weather_bodies.TendedBody,
        problems=_TENDING,
    ),
    Door(
        "POST /v1/ops/systems/{system}/resume",
        rest_systems.resume,
        "Người vận hành: cho gửi tiếp · Operators: let a system be called again",
        sends=(ops_bodies.ReasonedBody,),
        answer=weather_bodies.TendedBody,
        problems=(*_TENDING, "system.not_paused"),
    ),
    Door(
        "POST /v1/ops/systems/{system}/probe",
        rest_systems.probe,
        "Người vận hành: thử gọi ngay · Operators: try a system now",
        sends=(ops_bodies.ReasonedBody,),
        answer=weather_bodies.TendedBody,
        problems=(*_TENDING, "system.not_probed"),
    ),
    Door(
        "GET /v1/ops/keys",
        rest_ops.keys,
        "Người vận hành: các khoá · Operators: keys",
        answer=bodies.KeysBody,
    ),
    Door(
        "POST /v1/ops/keys",
        rest_ops.make_key,
        "Người vận hành: cấp khoá · Operators: make a key",
        sends=(bodies.NewKeyBody,),
        answer=bodies.KeyBody,
        status=201,
        problems=(*READING, "keys.too_many"),
    ),
    Door(
        "DELETE /v1/ops/keys/{id}",
        rest_ops.revoke_key,
        "Người vận hành: thu hồi khoá · Operators: revoke a key",
        status=204,
        problems=("key.not_found",),
    ),
    *REPLAYS,
    *CONFIGURATION,
)
