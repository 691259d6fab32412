"""What the plug-in door says, in the words that clients of the national portal look for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

#: Refusals beside those of every door.
PLUG_IN_PROBLEMS: Mapping[str, Words] = MappingProxyType(
    {
        "login.refused": Words("Đăng nhập không thành công", "The login failed"),
        "login.refused.detail": Words(
            "Sai username hoặc password, hoặc khoá đã thu hồi.",
            "The username or the password is wrong, or the key was revoked.",
        ),
        "login.barred": Words("Đăng nhập sai quá nhiều lần", "Too many failed logins"),
        "login.barred.detail": Words(
            "Chờ một phút, kiểm tra username và password rồi đăng nhập lại.",
            "Wait a minute, check the username and the password, and log in again.",
        ),
        "session.missing": Words("Thiếu session", "No session"),
        "session.missing.detail": Words(
            "Đăng nhập (username, password) để nhận session, rồi gửi session trong mỗi yêu cầu.",
            "Log in (username, password) to get a session, and send it in every call.",
        ),
        "session.invalid": Words("Session không hợp lệ", "The session does not stand"),
        "session.invalid.detail": Words("Đăng nhập lại để nhận session mới.", "Log in again for a new session."),
        "session.expired": Words("Session đã hết hạn", "The session has expired"),
        "session.expired.detail": Words("Đăng nhập lại để nhận session mới.", "Log in again for a new session."),
        "service.unknown": Words("Không có service này", "There is no such service"),
        "service.unknown.detail": Words("Các service được phục vụ: {served}.", "These services are served: {served}."),
        "service.not_served": Words(
            "Service này chưa được phục vụ qua cổng tích hợp", "This service is not served here"
        ),
        "service.not_served.detail": Words(
            "Gọi thẳng nơi cung cấp service này. Các service được phục vụ: {served}.",
            "Call its provider directly. These services are served: {served}.",
        ),
        "service.no_procedure": Words("Danh mục của tỉnh không có thủ tục này", "The catalogue lacks this procedure"),
        "service.no_procedure.detail": Words(
            "Kiểm tra mã thủ tục; danh mục là services.toml của cổng tích hợp.",
            "Check the code; the catalogue is the gateway's services.toml.",
        ),
        "encoding.unreadable": Words("Nội dung không phải UTF-8", "The body is not UTF-8"),
        "encoding.unreadable.detail": Words(
            "Gửi UTF-8, hoặc ghi charset đúng (utf-8, windows-1258) ở Content-Type.",
            "Send UTF-8, or declare the charset that it has (utf-8, windows-1258) in Content-Type.",
        ),
    }
)

#: Verdicts. The Vietnamese holds the words by which clients judge: «thành công», «đã tồn tại».
PLUG_IN: Mapping[str, Words] = MappingProxyType(
    {
        "logged_in": Words("Đăng nhập thành công", "Logged in"),
        "done": Words("Đồng bộ thành công", "Stored"),
        "known": Words(
            "Đồng bộ thành công: nội dung này đã được nhận trước đó", "Stored before, with the same content"
        ),
        "parked": Words(
            "Đồng bộ thành công: đã lưu, chờ hồ sơ mang mã này", "Stored, and kept until a dossier has this code"
        ),
        "exists": Words(
            "Hồ sơ đã tồn tại với nội dung khác; gửi lại với isUpdating là True",
            "The dossier exists with other content; send it with isUpdating True",
        ),
        "unknown": Words("Hồ sơ không tồn tại", "There is no such dossier"),
        "found": Words("Tra cứu thành công", "Found"),
        "some": Words(
            "{message} ({refused}/{count} mục chưa được nhận, xem result)",
            "{message} ({refused}/{count} items were not taken, see result)",
        ),
    }
)
