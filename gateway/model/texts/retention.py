"""Erasing by age, as people read it: why what ended long ago stays."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

KEPT: Mapping[str, Words] = MappingProxyType(
    {
        "open": Words("hồ sơ khác của vụ việc chưa kết thúc", "another dossier of its case has not ended"),
        "goes_on": Words(
            "có hệ thống nhận xử lý tiếp sau khi kết thúc, chưa báo xong",
            "a system has it since its end, or again, and has not ended it",
        ),
        "undecided": Words(
            "còn lượt gửi chưa xong, chờ quyết định hoặc chưa rõ",
            "something is on its way, unread, stopped or in doubt",
        ),
        "files": Words("còn chờ tệp", "a file is still to be fetched"),
        "awaited": Words(
            "chờ khớp mã, trong khi hệ thống đó còn lượt gửi trước chưa xong",
            "parked, and something that its source was sent before is not decided",
        ),
        "asked": Words("hệ thống vẫn được hỏi về hồ sơ", "a system is still asked how it stands"),
        "proposed": Words("còn đề nghị chờ người thứ hai", "a proposal about it waits for a second person"),
        "replayed": Words("thuộc một đợt gửi lại chưa xong", "a replay that has not ended has something of it"),
        "compared": Words("đang đối chiếu sổ", "a system that has it is being compared with our books"),
        "recent": Words("có việc sau khi kết thúc", "something was said or done about it since it ended"),
    }
)
