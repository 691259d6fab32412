"""How a due date stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

OUTLOOKS: Mapping[str, Words] = MappingProxyType(
    {
        "none": Words("Chưa có ngày hẹn trả", "No due date"),
        "on_time": Words("Còn trong hạn", "In time"),
        "soon": Words("Sắp quá hạn", "About to be late"),
        "overdue": Words("Quá hạn", "Overdue"),
        "paused": Words("Tạm dừng tính hạn", "Days not counted"),
        "closed": Words("Đã kết thúc", "Ended"),
    }
)
