"""The doors of operators, described: dossiers, deliveries, proposals, what needs a person, systems, keys."""

from __future__ import annotations

from gateway.core.judging import Obstacle
from gateway.ingress import attention_bodies, bodies, ops_bodies, retention_bodies, weather_bodies
from gateway.ingress.operation import JSON, READING, REASONED, Operation

_UNDECIDABLE = tuple(f"delivery.{obstacle}" for obstacle in Obstacle)
_SETTLING = ("system.not_found", "list.ahead", "list.unknown", "proposal.empty", "proposal.unnamed")
_CLOSING = ("proposal.not_found", "proposal.unnamed", "proposal.closed", "proposal.expired", "proposal.changed")
_DOING = ("proposal.own", "delivery.not_found", *_UNDECIDABLE, "replay.empty", "in_part.done")

OPERATORS: tuple[Operation, ...] = (
    Operation(
        path="/v1/ops/dossiers",
        method="get",
        summary="Người vận hành: tìm hồ sơ · Operators: find dossiers",
        answer=bodies.DossiersBody,
        parameters=("code", "scheme"),
    ),
    Operation(
        path="/v1/ops/dossiers/{id}/timeline",
        method="get",
        summary="Người vận hành: quá trình của hồ sơ · Operators: a dossier's timeline",
        answer=bodies.TimelineBody,
        problems=("dossier.not_found",),
    ),
    Operation(
        path="/v1/ops/deliveries",
        method="get",
        summary="Người vận hành: tìm lượt gửi · Operators: find deliveries",
        answer=bodies.DeliveriesBody,
        parameters=("state", "system", "limit"),
    ),
    *(
        Operation(
            path=f"/v1/ops/deliveries/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(sends,),
            answer=ops_bodies.DecidedBody,
            problems=(*REASONED, "delivery.not_found", *_UNDECIDABLE, *more),
        )
        for name, sends, summary, more in (
            (
                "judgement",
                ops_bodies.JudgementBody,
                "Người vận hành: kết luận · Operators: judge what the partner has",
                ("proposal.needed",),
            ),
            (
                "retry",
                ops_bodies.ReasonedBody,
                "Người vận hành: cho gửi lại · Operators: send again",
                ("proposal.needed",),
            ),
            (
                "skip",
                ops_bodies.ReasonedBody,
                "Người vận hành: bỏ qua · Operators: let the lane go on without it",
                (),
            ),
        )
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/content",
        method="post",
        summary="Người vận hành: xem nội dung · Operators: read what the message says; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ContentBody,
        problems=(*REASONED, "delivery.not_found"),
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/edits",
        method="post",
        summary="Người vận hành: sửa và gửi lại · Operators: show or propose a corrected event",
        sends=(ops_bodies.EditBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*REASONED, "body.invalid", "delivery.not_found", *_UNDECIDABLE, "proposal.unnamed"),
    ),
    Operation(
        path="/v1/ops/systems/{system}/settlements",
        method="post",
        summary="Người vận hành: đối chiếu theo danh sách · Operators: show or propose what a partner's list settles",
        sends=(ops_bodies.SettlementBody,),
        answer=ops_bodies.SettledBody,
        problems=(*REASONED, *_SETTLING),
    ),
    Operation(
        path="/v1/ops/proposals",
        method="get",
        summary="Người vận hành: các đề nghị · Operators: proposals, the newest first",
        answer=ops_bodies.ProposalsBody,
        parameters=("state", "limit"),
    ),
    Operation(
        path="/v1/ops/proposals/{id}",
        method="get",
        summary="Người vận hành: xem đề nghị · Operators: one proposal",
        answer=ops_bodies.ProposalBody,
        problems=("proposal.not_found",),
    ),
    Operation(
        path="/v1/ops/proposals/{id}/changes",
        method="post",
        summary="Người vận hành: xem đề nghị làm gì · Operators: what a proposal would do; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*REASONED, "proposal.not_found"),
    ),
    *(
        Operation(
            path=f"/v1/ops/proposals/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(ops_bodies.ReasonedBody,),
            answer=ops_bodies.ProposalBody,
            problems=(*REASONED, *_CLOSING, *more),
        )
        for name, summary, more in (
            (
                "approval",
                "Người vận hành: duyệt và thực hiện · Operators: agree to another's proposal: it is done, once",
                _DOING,
            ),
            ("rejection", "Người vận hành: không duyệt · Operators: close a proposal undone", ()),
        )
    ),
    Operation(
        path="/v1/ops/acts",
        method="get",
        summary="Người vận hành: việc đã làm · Operators: what people did, the newest first",
        answer=ops_bodies.ActsBody,
        parameters=("target_kind", "target", "before", "limit"),
    ),
    Operation(
        path="/v1/ops/evidence",
        method="get",
        summary="Người vận hành: xuất chuỗi bằng chứng · Operators: the chains of evidence as a file",
        answers_as=("application/x-ndjson",),
        parameters=("since",),
    ),
    Operation(
        path="/v1/ops/attention",
        method="get",
        summary="Người vận hành: cần xử lý · Operators: what needs a person, by cause, the most urgent first",
        answer=attention_bodies.AttentionBody,
        parameters=("system", "cursor", "limit"),
        problems=("cursor.invalid",),
    ),
    Operation(
        path="/v1/ops/deadlines",
        method="get",
        summary="Người vận hành: hạn trả kết quả · Operators: due dates, the earliest first; or as text/csv",
        answer=attention_bodies.DueListBody,
        answers_as=(JSON, "text/csv"),
        parameters=("which", "system", "cursor", "limit", "format"),
        problems=("cursor.invalid",),
        headers=("X-Next",),
    ),
    Operation(
        path="/v1/ops/retention",
        method="get",
        summary="Người vận hành: hồ sơ hết thời hạn lưu · Operators: what erasing by age would do",
        answer=retention_bodies.RetentionBody,
        parameters=("days", "cursor", "limit"),
        problems=("cursor.invalid",),
    ),
    Operation(
        path="/v1/ops/systems",
        method="get",
        summary="Người vận hành: các hệ thống · Operators: systems",
        answer=weather_bodies.SystemsBody,
    ),
    *(
        Operation(
            path=f"/v1/ops/systems/{{system}}/{name}",
            method="post",
            summary=summary,
            sends=(ops_bodies.ReasonedBody,),
            answer=weather_bodies.TendedBody,
            problems=(*REASONED, "system.not_found", "system.not_called", *more),
        )
        for name, summary, more in (
            ("pause", "Người vận hành: tạm dừng gửi · Operators: let nothing be sent to a system", ()),
            (
                "resume",
                "Người vận hành: cho gửi tiếp · Operators: let a system be called again",
                ("system.not_paused",),
            ),
            ("probe", "Người vận hành: thử gọi ngay · Operators: try a system now", ("system.not_probed",)),
        )
    ),
    Operation(
        path="/v1/ops/keys",
        method="get",
        summary="Người vận hành: các khoá · Operators: keys",
        answer=bodies.KeysBody,
    ),
    Operation(
        path="/v1/ops/keys",
        method="post",
        summary="Người vận hành: cấp khoá · Operators: make a key",
        sends=(bodies.NewKeyBody,),
        answer=bodies.KeyBody,
        status=201,
        problems=(*READING, "keys.too_many"),
    ),
    Operation(
        path="/v1/ops/keys/{id}",
        method="delete",
        summary="Người vận hành: thu hồi khoá · Operators: revoke a key",
        status=204,
        problems=("key.not_found",),
    ),
)
