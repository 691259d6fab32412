"""What people do to the relay, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

ACTS: Mapping[str, Words] = MappingProxyType(
    {
        "judge": Words("kết luận", "judged"),
        "retry": Words("cho gửi lại", "sent again"),
        "skip": Words("bỏ qua lượt gửi", "skipped"),
        "amend": Words("cho gửi bản sửa của hồ sơ đã gửi", "had a delivered dossier amended"),
        "edit": Words("sửa và gửi lại", "edited and sent again"),
        "settle": Words("đối chiếu theo danh sách của hệ thống nhận", "settled by the system's list"),
        "reconcile": Words("đối chiếu sổ", "compared the books"),
        "replay": Words("gửi lại hàng loạt", "began a replay"),
        "cancel": Words("huỷ", "cancelled"),
        "view": Words("xem nội dung", "viewed the content"),
        "propose": Words("đề nghị", "proposed"),
        "approve": Words("duyệt và thực hiện", "approved and done"),
        "pause": Words("tạm dừng gửi", "paused"),
        "resume": Words("cho gửi tiếp", "resumed"),
        "probe": Words("thử gọi hệ thống", "had the system tried"),
        "adopt": Words("ghi nhận hồ sơ đã có", "adopted dossiers"),
        "hand_back": Words("trả lại hồ sơ chưa gửi", "handed back what was never sent"),
        "configure": Words("đổi cấu hình", "changed the configuration"),
        "restore": Words("khôi phục cơ sở dữ liệu", "put the database back to an earlier state"),
        "reject": Words("không duyệt", "rejected"),
        "other": Words("việc mà phiên bản này không biết", "did what this version has no word for"),
    }
)
