"""The doors of operators, described: dossiers, deliveries, proposals, what needs a person, systems, keys."""

from __future__ import annotations

from gateway.ingress import attention_bodies, bodies, ops_bodies, retention_bodies, weather_bodies
from gateway.ingress.operation import JSON, READING, Operation

OPERATORS: tuple[Operation, ...] = (
    Operation(
        path="/v1/ops/dossiers",
        method="get",
        summary="Người vận hành: tìm hồ sơ · Operators: find dossiers",
        answer=bodies.DossiersBody,
        parameters=("code", "scheme"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/dossiers/{id}/timeline",
        method="get",
        summary="Người vận hành: quá trình của hồ sơ · Operators: a dossier's timeline",
        answer=bodies.TimelineBody,
        problems=(404,),
    ),
    Operation(
        path="/v1/ops/deliveries",
        method="get",
        summary="Người vận hành: tìm lượt gửi · Operators: find deliveries",
        answer=bodies.DeliveriesBody,
        parameters=("state", "system", "limit"),
        problems=(400,),
    ),
    *(
        Operation(
            path=f"/v1/ops/deliveries/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(sends,),
            answer=ops_bodies.DecidedBody,
            problems=(*READING, 404, 409),
        )
        for name, sends, summary in (
            ("judgement", ops_bodies.JudgementBody, "Người vận hành: kết luận · Operators: judge what the partner has"),
            ("retry", ops_bodies.ReasonedBody, "Người vận hành: cho gửi lại · Operators: send again"),
            ("skip", ops_bodies.ReasonedBody, "Người vận hành: bỏ qua · Operators: let the lane go on without it"),
        )
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/content",
        method="post",
        summary="Người vận hành: xem nội dung · Operators: read what the message says; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ContentBody,
        problems=(*READING, 404),
    ),
    Operation(
        path="/v1/ops/deliveries/{id}/edits",
        method="post",
        summary="Người vận hành: sửa và gửi lại · Operators: show or propose a corrected event",
        sends=(ops_bodies.EditBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*READING, 404, 409),
    ),
    Operation(
        path="/v1/ops/systems/{system}/settlements",
        method="post",
        summary="Người vận hành: đối chiếu theo danh sách · Operators: show or propose what a partner's list settles",
        sends=(ops_bodies.SettlementBody,),
        answer=ops_bodies.SettledBody,
        problems=(*READING, 404, 409),
    ),
    Operation(
        path="/v1/ops/proposals",
        method="get",
        summary="Người vận hành: các đề nghị · Operators: proposals, the newest first",
        answer=ops_bodies.ProposalsBody,
        parameters=("state", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/proposals/{id}",
        method="get",
        summary="Người vận hành: xem đề nghị · Operators: one proposal",
        answer=ops_bodies.ProposalBody,
        problems=(404,),
    ),
    Operation(
        path="/v1/ops/proposals/{id}/changes",
        method="post",
        summary="Người vận hành: xem đề nghị làm gì · Operators: what a proposal would do; kept with who and why",
        sends=(ops_bodies.ReasonedBody,),
        answer=ops_bodies.ChangesBody,
        problems=(*READING, 404),
    ),
    *(
        Operation(
            path=f"/v1/ops/proposals/{{id}}/{name}",
            method="post",
            summary=summary,
            sends=(ops_bodies.ReasonedBody,),
            answer=ops_bodies.ProposalBody,
            problems=(*READING, 404, 409),
        )
        for name, summary in (
            (
                "approval",
                "Người vận hành: duyệt và thực hiện · Operators: agree to another's proposal: it is done, once",
            ),
            ("rejection", "Người vận hành: không duyệt · Operators: close a proposal undone"),
        )
    ),
    Operation(
        path="/v1/ops/acts",
        method="get",
        summary="Người vận hành: việc đã làm · Operators: what people did, the newest first",
        answer=ops_bodies.ActsBody,
        parameters=("target_kind", "target", "before", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/evidence",
        method="get",
        summary="Người vận hành: xuất chuỗi bằng chứng · Operators: the chains of evidence as a file",
        answers_as=("application/x-ndjson",),
        parameters=("since",),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/attention",
        method="get",
        summary="Người vận hành: cần xử lý · Operators: what needs a person, by cause, the most urgent first",
        answer=attention_bodies.AttentionBody,
        parameters=("system", "cursor", "limit"),
        problems=(400,),
    ),
    Operation(
        path="/v1/ops/deadlines",
        method="get",
        summary="Người vận hành: hạn trả kết quả · Operators: due dates, the earliest first; or as text/csv",
        answer=attention_bodies.DueListBody,
        answers_as=(JSON, "text/csv"),
        parameters=("which", "system", "cursor", "limit", "format"),
        problems=(400,),
        headers=("X-Next",),
    ),
    Operation(
        path="/v1/ops/retention",
        method="get",
        summary="Người vận hành: hồ sơ hết thời hạn lưu · Operators: what erasing by age would do",
        answer=retention_bodies.RetentionBody,
        parameters=("days", "cursor", "limit"),
        problems=(400,),
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
            problems=(*READING, 404, 409),
        )
        for name, summary in (
            ("pause", "Người vận hành: tạm dừng gửi · Operators: let nothing be sent to a system"),
            ("resume", "Người vận hành: cho gửi lại · Operators: let a system be called again"),
            ("probe", "Người vận hành: thử gọi ngay · Operators: try a system now"),
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
        problems=(400, 409, 415),
    ),
    Operation(
        path="/v1/ops/keys/{id}",
        method="delete",
        summary="Người vận hành: thu hồi khoá · Operators: revoke a key",
        status=204,
        problems=(404,),
    ),
)
