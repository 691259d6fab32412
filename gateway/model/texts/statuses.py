"""The national status table and the ways a dossier closes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

STATUSES: Mapping[str, Words] = MappingProxyType(
    {
        "1": Words("Mới đăng ký", "Submitted"),
        "2": Words("Được tiếp nhận", "Received"),
        "3": Words("Không được tiếp nhận", "Not received"),
        "4": Words("Đang xử lý", "In progress"),
        "5": Words("Yêu cầu bổ sung giấy tờ", "Awaiting supplement"),
        "6": Words("Yêu cầu thực hiện nghĩa vụ tài chính", "Awaiting payment"),
        "7": Words("Công dân yêu cầu rút hồ sơ", "Withdrawal requested"),
        "8": Words("Dừng xử lý", "Stopped"),
        "9": Words("Đã xử lý xong", "Completed"),
        "10": Words("Đã trả kết quả", "Result returned"),
        "closing.granted": Words("Đồng ý cấp", "Granted"),
        "closing.refused": Words("Từ chối giải quyết", "Refused"),
        "closing.returned": Words("Trả lại hồ sơ", "Returned"),
        "closing.withdrawn": Words("Công dân rút hồ sơ", "Withdrawn"),
    }
)
