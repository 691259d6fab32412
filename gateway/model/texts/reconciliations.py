"""Reconciliations as people read them: how one stands, where the books differ, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

RECONCILIATIONS: Mapping[str, Words] = MappingProxyType(
    {
        "asked": Words("chờ cổng hỏi hệ thống", "the gateway will ask the system"),
        "finished": Words("đã đối chiếu xong", "finished"),
        "broken_off": Words(
            "bỏ dở: hệ thống không trả lời, đã tạm dừng hay hết giờ nhận, hoặc không tra cứu được",
            "broken off: the system did not answer, was paused or closed meanwhile, or cannot be asked",
        ),
    }
)
DIVERGENCES: Mapping[str, Words] = MappingProxyType(
    {
        "missing": Words("cổng ghi đã gửi, hệ thống báo không có", "we say delivered, the system does not have it"),
        "extra": Words("hệ thống báo có, cổng không ghi đã gửi", "the system has it, we do not say delivered"),
        "different": Words("trạng thái khác nhau", "the status differs"),
    }
)
REPAIRS: Mapping[str, Words] = MappingProxyType(
    {
        "resend": Words(
            "xác nhận với hệ thống bằng văn bản, rồi gửi bản sửa đổi: replay start --amend",
            "have the system confirm it in writing, then state the dossier anew: replay start --amend",
        ),
        "judge": Words("kết luận đã gửi: judge --delivered", "say that it is delivered: judge --delivered"),
        "ask": Words("hỏi hệ thống hồ sơ này từ đâu đến", "ask the system where it has it from"),
        "status": Words("đề nghị hệ thống gửi lại trạng thái", "have the system state the status again"),
    }
)
RECONCILIATION_REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "reconciliation.not_found": Words("Không có lần đối chiếu này", "Reconciliation not found"),
        "reconciliation.not_found.detail": Words(
            "Xem các lần đối chiếu bằng lệnh reconcile list (GET /v1/ops/reconciliations).",
            "See them with reconcile list (GET /v1/ops/reconciliations).",
        ),
    }
)
