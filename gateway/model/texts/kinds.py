"""The titles of the kinds of events."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

KINDS: Mapping[str, Words] = MappingProxyType(
    {
        "dossier.submitted": Words("Nộp hồ sơ", "Dossier submitted"),
        "dossier.amended": Words("Sửa đổi hồ sơ", "Dossier amended"),
        "amendment.requested": Words("Yêu cầu sửa đổi hồ sơ", "Amendment requested"),
        "dossier.transferred": Words("Chuyển hồ sơ", "Dossier transferred"),
        "reference.assigned": Words("Cấp mã hồ sơ", "Reference assigned"),
        "status.changed": Words("Cập nhật trạng thái", "Status changed"),
        "progress.recorded": Words("Cập nhật tiến độ", "Progress recorded"),
        "deadline.changed": Words("Thay đổi ngày hẹn trả", "Deadline changed"),
        "supplement.requested": Words("Yêu cầu bổ sung hồ sơ", "Supplement requested"),
        "supplement.submitted": Words("Nộp bổ sung hồ sơ", "Supplement submitted"),
        "supplement.closed": Words("Kết thúc bổ sung hồ sơ", "Supplement closed"),
        "withdrawal.requested": Words("Yêu cầu rút hồ sơ", "Withdrawal requested"),
        "withdrawal.accepted": Words("Chấp nhận rút hồ sơ", "Withdrawal accepted"),
        "withdrawal.refused": Words("Từ chối rút hồ sơ", "Withdrawal refused"),
        "fee.requested": Words("Yêu cầu nộp phí, lệ phí", "Fee requested"),
        "fee.paid": Words("Đã nộp phí, lệ phí", "Fee paid"),
        "fee.cancelled": Words("Huỷ khoản phí, lệ phí", "Fee cancelled"),
        "fee.refunded": Words("Hoàn phí, lệ phí", "Fee refunded"),
        "result.issued": Words("Cấp kết quả", "Result issued"),
        "result.corrected": Words("Đính chính kết quả", "Result corrected"),
        "result.revoked": Words("Thu hồi kết quả", "Result revoked"),
        "result.disputed": Words("Phản hồi hồ sơ sai kết quả", "Result disputed"),
        "result.returned": Words("Trả kết quả cho công dân", "Result returned"),
        "relay.delivered": Words("Hệ thống nhận đã xác nhận bản tin", "Relay: delivered"),
        "relay.delayed": Words("Gửi chậm, sẽ gửi lại", "Relay: delayed"),
        "relay.held": Words("Lượt gửi chờ quyết định", "Relay: held"),
        "relay.refused": Words("Không gửi được", "Relay: refused"),
        "relay.cancelled": Words("Huỷ gửi", "Relay: cancelled"),
        "dossier.unmatched": Words("Chưa khớp được hồ sơ", "Dossier unmatched"),
        "x.gateway.conflict": Words(
            "Mã của hệ thống nhận thuộc về hồ sơ khác", "A partner's code belongs to another dossier"
        ),
        "x.gateway.unreadable": Words(
            "Không đọc được bản tin của hệ thống được hỏi", "A message that was asked for is unreadable"
        ),
        "x.gateway.adopted": Words("Ghi nhận hồ sơ đã có từ trước", "Adopted: known from before"),
    }
)
