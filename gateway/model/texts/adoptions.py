"""Moving over, as people read it: what becomes of a line of a list, and how a dossier stands that is handed back."""

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
HANDINGS: Mapping[str, Words] = MappingProxyType(
    {
        "whole": Words("chưa gửi: cách cũ nộp hồ sơ này", "never sent: the way before submits it"),
        "rest": Words("đã có; cách cũ gửi phần còn lại", "the system has it: the way before sends the rest"),
        "in_flight": Words("chưa rõ đã nhận hay chưa: kết luận trước", "may have left: judge it first"),
        "live": Words("tuyến vẫn đang gửi: chuyển tuyến sang shadow trước", "its route still sends: set it to shadow"),
    }
)
LIKENESSES: Mapping[str, Words] = MappingProxyType(
    {
        "same": Words("giống nhau", "the same"),
        "different": Words("khác nhau", "different"),
        "not_kept": Words(
            "cổng cũng sẽ gửi, nội dung không được giữ để so (kèm tệp, hoặc quá lớn)",
            "the gateway would send it, too; its content was not kept to compare (it encloses files, or is too large)",
        ),
        "only_theirs": Words("chỉ cách cũ gửi", "only the way before sends it"),
        "only_ours": Words("chỉ cổng sẽ gửi", "only the gateway would send it"),
        "double": Words("cổng đã gửi, cách cũ vẫn gửi", "the gateway has sent it, and the way before still does"),
    }
)
SIGNS: Mapping[str, Words] = MappingProxyType(
    {
        "had": Words(
            "lần gửi đầu đã được trả lời là hệ thống nhận có hồ sơ này rồi",
            "the system said to our first try that it has the dossier already",
        ),
        "spoken": Words(
            "hệ thống nhận đã báo về hồ sơ trước khi cổng gửi",
            "the system spoke of the dossier before we had sent it",
        ),
    }
)
