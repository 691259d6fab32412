"""Where a delivery is, as people read it. Never to be mistaken for the dossier's own status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

STATES: Mapping[str, Words] = MappingProxyType(
    {
        "waiting": Words("Chờ lượt trong luồng gửi của hồ sơ", "Waiting its turn in the dossier's lane"),
        "delayed": Words("Hẹn gửi lại", "Delayed until the next try"),
        "ready": Words("Sẵn sàng gửi", "Ready to send"),
        "leased": Words("Đang gửi", "Being sent"),
        "delivered": Words("Đã gửi, hệ thống nhận đã xác nhận bản tin", "Delivered: the system has taken the message"),
        "held": Words("Chờ quyết định", "Held: a person must decide"),
        "dead": Words("Không gửi được", "Dead: refused or expired"),
        "cancelled": Words("Huỷ gửi", "Cancelled: will not be sent"),
    }
)
