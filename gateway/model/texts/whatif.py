"""What a change of mapping means for one message."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

WHAT_IFS: Mapping[str, Words] = MappingProxyType(
    {
        "same": Words("gửi như cũ", "sent as before"),
        "differs": Words("gửi khác đi", "sent otherwise"),
        "breaks": Words("bản mới không tạo được bản tin", "the new version cannot write it"),
        "mends": Words("bản cũ không tạo được bản tin, bản mới tạo được", "only the new version can write it"),
        "neither": Words("cả hai bản đều không tạo được bản tin", "neither version can write it"),
    }
)

TRIAL_REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "version.not_found": Words("Không có phiên bản cấu hình này", "Version not found"),
        "version.not_found.detail": Words(
            "Cổng không còn giữ phiên bản này nguyên vẹn, hoặc phiên bản này không có hệ thống đó. "
            "Xem các phiên bản đã dùng: config history.",
            "The gateway does not keep this version whole, or it has no such system. "
            "Those that were in force are listed by config history.",
        ),
        "system.not_outlined": Words("Hệ thống này không xem trước được", "This system shows no preview"),
        "system.not_outlined.detail": Words(
            "Bộ chuyển đổi của hệ thống không cho xem trước bản tin sẽ gửi (outline).",
            "Its adapter does not show what it would send (outline).",
        ),
    }
)
