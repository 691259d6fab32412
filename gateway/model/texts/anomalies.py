"""What is odd about a status: the words of the core's closed list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

ANOMALIES: Mapping[str, Words] = MappingProxyType(
    {
        "impossible_transition": Words(
            "Không thể chuyển tới trạng thái này từ trạng thái đã báo trước đó",
            "Cannot follow the status that its source stated before",
        ),
        "after_final": Words("Nguồn đã báo kết thúc hồ sơ trước đó", "Its source had stated the end already"),
        "result_without_completion": Words(
            "Báo đã trả kết quả khi chưa báo xử lý xong", "A result handed over that was never completed"
        ),
        "late": Words("Xảy ra trước trạng thái đã báo; đến muộn", "Happened before what is known already; came late"),
        "ahead_of_time": Words("Thời điểm ghi muộn hơn lúc nhận quá một ngày", "Dated more than a day after it came"),
        "repeated": Words("Lặp lại trạng thái đã báo, dưới mã sự kiện khác", "Said before, under another id"),
        "foreign_status": Words(
            "Mã trạng thái không có trong bảng quốc gia", "A code that the national table does not know"
        ),
        "closing_missing": Words("Không ghi hồ sơ kết thúc thế nào", "Does not say how the dossier ended"),
    }
)
