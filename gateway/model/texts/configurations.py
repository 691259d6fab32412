"""Words about changing the configuration while the gateway serves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

CONFIGURATIONS: Mapping[str, Words] = MappingProxyType(
    {
        "begun": Words(
            "Có hiệu lực từ lần khởi động này; không rõ trước đó ai đã sửa các tệp",
            "In force since this start; who had changed the files before is not known",
        ),
    }
)

CONFIGURATION_REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "configuration.invalid": Words("Cấu hình có lỗi", "The configuration is wrong"),
        "configuration.invalid.detail": Words(
            "Có {count} lỗi; không có gì thay đổi, cấu hình cũ vẫn có hiệu lực. Sửa các tệp được nêu rồi áp dụng lại.",
            "{count} problems; nothing was changed, what was in force goes on. Correct the files, and apply again.",
        ),
        "configuration.moved": Words("Tệp cấu hình vừa thay đổi", "The files have changed meanwhile"),
        "configuration.moved.detail": Words(
            "Các tệp không còn là phiên bản đã xem. Xem lại thay đổi (config diff) rồi áp dụng.",
            "They are not the version that was looked at. Look at the change again (config diff), then apply it.",
        ),
        "configuration.overtaken": Words(
            "Cấu hình khác vừa có hiệu lực ở một cổng tích hợp khác",
            "Another gateway holds another configuration meanwhile",
        ),
        "configuration.overtaken.detail": Words(
            "Không có gì thay đổi. Xem ai đã đổi gì (config history); chép các tệp của phiên bản đó về đây, chờ cổng"
            " này làm theo rồi sửa tiếp trên đó, hoặc áp dụng tại cổng đang giữ phiên bản đó.",
            "Nothing was changed. See who changed what (config history); copy that version's files here, wait until"
            " this gateway follows and make your change upon them, or apply it at the gateway that holds that version.",
        ),
        "configuration.unchanged": Words("Không có gì thay đổi", "Nothing has changed"),
        "configuration.unchanged.detail": Words(
            "Các tệp đúng là phiên bản đang có hiệu lực.", "The files are the version that is in force already."
        ),
    }
)
