"""Replays as people read them: how a run and its items stand, and why something is left out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

RUNS: Mapping[str, Words] = MappingProxyType(
    {
        "running": Words("đang chạy", "running"),
        "paused": Words("tạm dừng", "paused"),
        "stopped": Words("tự dừng vì quá nhiều lỗi", "stopped by itself: too much failed"),
        "finished": Words("đã xong", "finished"),
        "cancelled": Words("đã huỷ", "cancelled"),
    }
)
ITEMS: Mapping[str, Words] = MappingProxyType(
    {
        "chosen": Words("chờ đến lượt", "its turn has not come"),
        "sent": Words("đang gửi lại", "on its way again"),
        "done": Words("đã gửi", "delivered"),
        "failed": Words("lại không gửi được", "failed again"),
        "skipped": Words("bỏ qua", "skipped"),
    }
)
LARGE: Mapping[str, Words] = MappingProxyType(
    {
        "at_once": Words(
            "{requested} lượt gửi, một người chỉ được cho gửi lại {most} trong {hours} giờ",
            "{requested} deliveries, and one person may send only {most} again in {hours} hours",
        ),
        "lately": Words(
            "{requested} lượt gửi này cộng {lately} lượt đã tự cho gửi lại hoặc tự kết luận trong {hours} giờ qua, "
            "hay còn chờ gửi lại (dưới tên này hoặc không rõ của ai), vượt quá {most} lượt một người được tự gửi lại",
            "{requested} deliveries, with {lately} sent again or judged alone in the last {hours} hours or still to be "
            "sent by a replay, under one's own name or nobody's, are more than the {most} that one person may do alone",
        ),
    }
)
LEFT: Mapping[str, Words] = MappingProxyType(
    {
        "unknown": Words("không có lượt gửi hay hồ sơ này", "no such delivery or dossier"),
        "in_doubt": Words(
            "chưa rõ hệ thống nhận đã có hay chưa: kết luận bằng judge", "the partner may have it: judge it"
        ),
        "delivered": Words("hệ thống nhận đã có", "the partner has it"),
        "cancelled": Words("đã huỷ gửi", "cancelled"),
        "on_its_way": Words("đang trên đường, không bị giữ", "on its way: nothing stopped it"),
        "never_given": Words(
            "hệ thống nhận chưa từng có hồ sơ; tự gửi khi cổng gửi bản sửa đổi",
            "the system was never given the dossier; it goes by itself behind an amendment",
        ),
        "no_system": Words("hệ thống không còn trong cấu hình", "its system is not configured any more"),
        "no_destination": Words("dành cho người vận hành, không có nơi gửi", "for the operators: nowhere to send it"),
        "other_run": Words("đã thuộc một đợt gửi lại khác", "another replay has it"),
        "judged": Words("người vận hành đã kết luận trong lúc đó", "judged meanwhile"),
        "edited": Words("đã thay bằng bản tin sửa trong lúc đó", "a corrected message took its place meanwhile"),
        "moved": Words("không còn như lúc chọn", "it does not stand any more as it was chosen"),
        "blocked": Words(
            "bản tin trước trong luồng đang bị giữ; sẽ tự gửi sau bản tin đó",
            "something before it in its lane has stopped; it goes by itself after that",
        ),
        "not_delivered": Words(
            "hệ thống nhận chưa từng nhận hồ sơ: dùng replay, không cần bản sửa",
            "the system never took the dossier: replay it instead",
        ),
        "withdrawn": Words("công dân đã rút hồ sơ", "the citizen has withdrawn it"),
        "run_cancelled": Words("đợt gửi lại đã huỷ trước lượt này", "the replay was cancelled before its turn"),
    }
)
REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "replay.not_found": Words("Không có đợt gửi lại này", "Replay not found"),
        "replay.not_found.detail": Words(
            "Xem các đợt gửi lại bằng lệnh replay list (GET /v1/ops/replays).",
            "See them with replay list (GET /v1/ops/replays).",
        ),
        "replay.closed": Words("Đợt gửi lại không ở trạng thái đó", "The replay does not stand so"),
        "replay.closed.detail": Words(
            "Đợt gửi lại đã xong, đã huỷ, hoặc đã ở trạng thái này. Xem bằng lệnh replay show.",
            "It is finished, cancelled, or stands so already. See it with replay show.",
        ),
        "replay.empty": Words("Không có gì để gửi lại", "Nothing to send again"),
        "replay.empty.detail": Words(
            "Không lượt gửi nào khớp mà gửi lại được. Xem replay plan: cái gì bị loại và vì sao.",
            "No delivery fits that can go. See replay plan: what is left out, and why.",
        ),
    }
)
