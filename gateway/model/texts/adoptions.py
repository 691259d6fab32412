"""What becomes of a line of a list of dossiers that systems have from before the gateway, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

ADOPTIONS: Mapping[str, Words] = MappingProxyType(
    {
        "new": Words("hồ sơ mới ghi nhận", "a dossier that was not known"),
        "added": Words("bổ sung cho hồ sơ đã biết", "more of a known dossier"),
        "same": Words("đã biết, không đổi", "known already"),
        "different": Words("khác với sổ của cổng", "our books say otherwise"),
        "codes": Words("các mã thuộc về những hồ sơ khác nhau", "its codes belong to different dossiers"),
        "waiting": Words(
            "bản nộp của cổng đang chờ gửi tới hệ thống này; bỏ qua lượt gửi đó trước (held skip)",
            "our own submission waits for this system; skip it first (held skip)",
        ),
    }
)
