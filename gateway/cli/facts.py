"""The words for what is kept with an act, a proposal, a replay or a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.core.proposals import LEFT, OVERTAKEN
from gateway.core.replay import AMEND

#: How each fact is said, with its value.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        AMEND: "gửi bản sửa đổi",
        LEFT: "còn {} chưa làm",
        OVERTAKEN: "thay bằng đề nghị {}",
        "absent": "{} chưa nhận",
        "as_of": "danh sách lúc {}",
        "changes": "{} chỗ sửa",
        "decision": "{}",
        "delivered": "{} đã nhận",
        "delivery": "lượt gửi {}",
        "digest": "SHA-256 {}",
        "done": "{} đã gửi",
        "failed": "{} lại không gửi được",
        "file_sha256": "tệp có SHA-256 {}",
        "in_doubt": "chuyển {} lượt gửi sang chưa rõ đã nhận hay chưa",
        "kind": "loại «{}»",
        "lately": "{} lượt đã tự cho gửi lại gần đây",
        "message": "bản tin {}",
        "named": "{} mã được nêu",
        "place": "thứ tự {}",
        "procedure": "thủ tục {}",
        "proposal": "đề nghị {}",
        "proposed_by": "{} đề nghị",
        "rate": "mỗi phút {}",
        "reason": "lý do «{}»",
        "replay": "đợt gửi lại {}",
        "requested": "{} lượt gửi",
        "since": "từ {}",
        "skipped": "{} để nguyên",
        "state": "trạng thái «{}»",
        "steps": "bước {}",
        "stop_at": "dừng khi lỗi quá {}",
        "system": "hệ thống {}",
        "until": "trước {}",
        "verb": "việc «{}»",
        "was": "trước đó «{}»",
    }
)
#: What a person has said of a delivery.
DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "delivered": "hệ thống nhận đã có",
        "absent": "hệ thống nhận chưa có: gửi lại",
        "cancelled": "huỷ gửi",
        "retry": "gửi lại",
        "skip": "bỏ qua",
        "replace": "thay bằng bản tin sửa",
    }
)
