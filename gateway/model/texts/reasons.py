"""Why something did not simply go through: the words of the core's closed list of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

REASONS: Mapping[str, Words] = MappingProxyType(
    {
        "dns": Words("Không phân giải được tên máy chủ; chưa gửi gì", "The host name has no address; nothing was sent"),
        "connection_refused": Words("Máy chủ từ chối kết nối; chưa gửi gì", "Connection refused; nothing was sent"),
        "connect_timeout": Words("Quá thời gian kết nối; chưa gửi gì", "No connection in time; nothing was sent"),
        "tls": Words("Không thiết lập được kết nối tin cậy (TLS); chưa gửi gì", "TLS failed; nothing was sent"),
        "not_sent": Words("Lỗi trước khi gửi; chưa gửi gì", "Failed before the first byte; nothing was sent"),
        "timeout": Words("Đã gửi nhưng quá thời gian chờ trả lời", "Sent, but no reply in time"),
        "reset": Words("Đã gửi nhưng kết nối bị ngắt", "Sent, but the connection broke"),
        "early_reply": Words("Trả lời trước khi đọc hết bản tin", "Answered before the request was read"),
        "reply_too_large": Words("Trả lời quá lớn", "The reply is too large"),
        "reply_unreadable": Words("Không đọc được trả lời", "The reply cannot be read"),
        "reply_untrusted": Words(
            "Không có gì chứng minh trả lời là của hệ thống nhận cho bản tin này",
            "Nothing proves that the reply is the system's answer to this message",
        ),
        "reply_unmatched": Words("Không có quy tắc cho trả lời này", "No rule says what this reply means"),
        "throttled": Words("Hệ thống nhận yêu cầu gửi chậm lại", "The system asks to slow down"),
        "server_error": Words("Hệ thống nhận báo lỗi máy chủ (5xx)", "The system reports a server error (5xx)"),
        "redirected": Words(
            "Hệ thống nhận chuyển hướng sang địa chỉ khác (3xx); cổng không đi theo",
            "The system sends us to another address (3xx), which is not followed",
        ),
        "client_error": Words("Hệ thống nhận báo lỗi yêu cầu (4xx)", "The system reports a client error (4xx)"),
        "credentials": Words("Sai hoặc hết hạn thông tin đăng nhập", "Credentials are wrong or expired"),
        "refused_by_partner": Words("Hệ thống nhận từ chối bản tin", "The system refuses the message"),
        "retry_by_partner": Words("Hệ thống nhận đề nghị gửi lại sau", "The system asks to come again later"),
        "transport": Words(
            "Nền tảng trung gian (LGSP, máy chủ an ninh) từ chối; hệ thống nhận chưa có bản tin",
            "The platform between us (LGSP, security server) refused it; the system has not got it",
        ),
        "already_exists": Words("Hệ thống nhận báo đã có", "The system says that it already has it"),
        "cannot_render": Words(
            "Thiếu thông tin mà hệ thống nhận bắt buộc", "Something this system requires is missing"
        ),
        "no_operation": Words("Hệ thống nhận không khai báo thao tác này", "The system declares no such operation"),
        "adapter_bug": Words("Bộ chuyển đổi gặp lỗi; chưa rõ đã gửi gì", "The adapter failed; what it sent is unknown"),
        "worker_lost": Words("Tiến trình gửi dừng giữa chừng", "The worker vanished while sending"),
        "version_lost": Words(
            "Không còn bản cấu hình mà lần gửi trước đã dùng",
            "The configuration by which it was sent cannot be had any more",
        ),
        "restored": Words(
            "Cơ sở dữ liệu được khôi phục về bản cũ: không biết từ đó đã gửi gì",
            "The database was put back to an earlier state: what was sent since is not known",
        ),
        "bytes_differ": Words(
            "Nội dung gửi lại sẽ khác nội dung đã gửi", "What would be sent again is not what was sent"
        ),
        "quarantined": Words(
            "Cách ly: tiến trình gửi đã dừng ba lần liên tiếp", "Quarantined: its worker died three times in a row"
        ),
        "damaged": Words(
            "Không đọc được dữ liệu đã lưu của lượt gửi", "What is stored of it cannot be read: it is not sent"
        ),
        "expired": Words("Đã quá hạn gửi", "Past its expiry"),
        "attempts_exhausted": Words("Đã hết số lần gửi", "No attempts left"),
        "not_found_there": Words("Tra cứu xác nhận hệ thống nhận chưa có", "A look-up says that the system lacks it"),
        "lookup_unclear": Words("Tra cứu chưa có kết luận", "A look-up gave no final answer"),
        "lookup_missing": Words("Bộ chuyển đổi không có tra cứu cho loại này", "No look-up exists for this kind"),
        "shadow": Words("Chế độ chạy bóng: đã kiểm tra, không gửi", "Shadow mode: checked, never sent"),
        "withdrawn": Words("Công dân rút hồ sơ trước khi gửi", "Withdrawn before it was sent"),
        "superseded": Words(
            "Chưa gửi vì thiếu tệp hoặc chưa khớp mã; hồ sơ đã được gửi lại hoặc sửa đổi sau đó",
            "Never sent for want of a file, or of a known code; the dossier was amended or handed over anew since",
        ),
        "called_off": Words(
            "Người vận hành huỷ gửi khi hệ thống nhận chưa có hồ sơ",
            "An operator ended it before its system had anything of it",
        ),
        "never_given": Words(
            "Hệ thống nhận chưa được gửi hồ sơ này; chờ cổng nguồn sửa đổi hồ sơ",
            "The system was never given the dossier; it waits until the dossier is amended",
        ),
        "matched": Words("Đã khớp với hồ sơ", "Matched with its dossier"),
        "unmatched": Words("Chưa có hồ sơ nào mang mã này", "No dossier has this code yet"),
        "unreadable": Words("Không đọc được bản tin đến", "What came in cannot be read"),
        "impossible_status": Words(
            "Trạng thái không thể tiếp theo trạng thái đã báo", "The status cannot follow what its source stated before"
        ),
        "unfetchable": Words(
            "Tệp được nêu bằng địa chỉ mà cổng không bao giờ tải được",
            "A file is named by an address that none can come from",
        ),
        "file_not_there": Words(
            "Không có tệp ở địa chỉ đã nêu", "Who keeps the file says that it is not at its address"
        ),
        "file_differs": Words(
            "Tệp tải về khác mã SHA-256 đã báo", "The file is not the one whose SHA-256 was announced"
        ),
        "file_too_large": Words("Tệp lớn hơn giới hạn", "The file is larger than the limit"),
        "file_missing": Words("Không tải hoặc không xác minh được tệp", "A file cannot be fetched or proved"),
        "system_off": Words("Hệ thống nhận đang tắt; không tạo lượt gửi", "The system is off; nothing will be sent"),
        "adopted": Words(
            "Hệ thống nhận đã có hồ sơ từ trước; không gửi lại", "The system has it from before; not sent again"
        ),
        "handed_back": Words(
            "Trả lại cho cách đồng bộ cũ; cổng chưa gửi", "Handed back to the way before; never sent by the gateway"
        ),
        "test_event": Words("Dữ liệu thử chỉ gửi tới môi trường thử", "Test events go to sandbox systems only"),
        "erased": Words("Hồ sơ đã hết thời hạn lưu và đã xoá", "The dossier was erased at the end of its retention"),
        "test_dossier": Words("Mã này thuộc một hồ sơ thử, hoặc ngược lại", "A test and a real dossier share a code"),
        "waits_in_circle": Words("Các tuyến chờ lẫn nhau; không chờ nữa", "Routes wait for each other; not waited for"),
        "no_route": Words("Đã nhận, chưa có tuyến gửi", "Accepted, but no route names a destination"),
        "code_shape": Words("Mã không đúng mẫu của loại mã", "The code differs from its scheme's pattern"),
        "code_not_yours": Words(
            "Mã hồ sơ của tỉnh chỉ do cổng dịch vụ công cấp; không gắn mã này",
            "Only a portal gives a number of the province's; it is not bound",
        ),
        "codes_conflict": Words("Các mã thuộc về những hồ sơ khác nhau", "The codes belong to different dossiers"),
        "unknown_dossier": Words("Không có hồ sơ này", "This dossier is not known"),
        "not_authorised": Words("Hệ thống không tham gia hồ sơ này", "This system has no part in this dossier"),
        "kind_not_yours": Words("Hệ thống không được phát loại sự kiện này", "This system may not state this kind"),
        "not_whole": Words("Bản sửa đổi không mang toàn bộ hồ sơ", "The amendment lacks the whole dossier"),
        "judged": Words("Người vận hành đã kết luận", "An operator has judged it"),
        "retried": Words("Người vận hành cho gửi lại", "An operator let it be sent again"),
        "skipped": Words("Người vận hành bỏ qua", "An operator skipped it"),
        "edited": Words("Đã thay bằng bản tin sửa", "A corrected message took its place"),
        "backlog": Words("Lượt gửi đang chờ vượt quá giới hạn", "More deliveries wait than may"),
        "store_full": Words("Hết chỗ lưu trữ dự phòng", "The storage reserve is used up"),
    }
)
