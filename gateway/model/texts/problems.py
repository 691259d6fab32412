"""Titles and details of the problems that doors answer with (RFC 9457); ``<code>.detail`` says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

PROBLEMS: Mapping[str, Words] = MappingProxyType(
    {
        "json.invalid": Words("JSON không đọc được", "The JSON cannot be read"),
        "json.invalid.detail": Words(
            "Nội dung không phải JSON hợp lệ ({place}). Sửa JSON rồi gửi lại.",
            "The body is not valid JSON ({place}). Correct it and send it again.",
        ),
        "xml.invalid": Words("XML không đọc được", "The XML cannot be read"),
        "xml.invalid.detail": Words(
            "Nội dung không phải XML hợp lệ hoặc chứa DTD, thực thể. Sửa XML rồi gửi lại.",
            "The body is not well-formed XML, or holds a DTD or entities. Correct it and send it again.",
        ),
        "body.invalid": Words("Dữ liệu không hợp lệ", "The body is not valid"),
        "body.invalid.detail": Words(
            "Có {count} lỗi, xem errors. Sửa các trường được nêu rồi gửi lại; chưa lưu gì.",
            "Faults: {count}, see errors. Correct the fields named and send it again; nothing was stored.",
        ),
        "kind.not_yours": Words("Không được phát loại sự kiện này", "Not yours to state"),
        "kind.not_yours.detail": Words(
            "Hệ thống {system} không được phát loại sự kiện này. Kiểm tra lại khoá và loại sự kiện.",
            "System {system} may not state this kind of event. Check the key and the kind.",
        ),
        "dossier.exists": Words("Hồ sơ đã có với nội dung khác", "The dossier exists with other content"),
        "dossier.exists.detail": Words(
            "Mã hồ sơ này đã có, phiên bản {revision}. Để sửa đổi, dùng PUT /v1/dossiers/{{code}} kèm If-Match.",
            "This code is known, at revision {revision}. To amend it, use PUT /v1/dossiers/{{code}} with If-Match.",
        ),
        "dossier.test": Words("Hồ sơ thử và hồ sơ thật trùng mã", "A test and a real dossier share a code"),
        "dossier.test.detail": Words(
            "Mã này đã thuộc một hồ sơ thử mà bản nộp là thật, hoặc ngược lại. Dùng mã khác cho hồ sơ thử.",
            "This code belongs to a test dossier and the submission is real, or the reverse. Give tests other codes.",
        ),
        "dossier.erased": Words("Hồ sơ đã hết thời hạn lưu", "The dossier's retention is over"),
        "dossier.erased.detail": Words(
            "Hồ sơ mang mã này đã kết thúc và đã xoá khi hết thời hạn lưu; không ghi nhận thêm. Hồ sơ mới cần mã khác.",
            "The dossier with this code ended and was erased at the end of its retention; nothing more is taken of it."
            " A new dossier needs another code.",
        ),
        "dossier.not_found": Words("Không có hồ sơ này", "Dossier not found"),
        "dossier.not_found.detail": Words(
            "Không có hồ sơ nào mang mã này mà hệ thống của bạn được xem. Kiểm tra mã và loại mã (scheme).",
            "No dossier with this code is yours to see. Check the code and its scheme.",
        ),
        "dossier.ambiguous": Words("Mã khớp với nhiều hồ sơ", "Several dossiers match"),
        "dossier.ambiguous.detail": Words(
            "Mã này khớp với nhiều hồ sơ. Nêu thêm loại mã (scheme) hoặc mã khác.",
            "This code matches several dossiers. Add its scheme, or another code.",
        ),
        "dossier.not_yours": Words("Hệ thống không tham gia hồ sơ này", "No part in this dossier"),
        "dossier.not_yours.detail": Words(
            "Hệ thống của bạn không được giao hồ sơ này nên không được cập nhật."
            " Kiểm tra mã; nếu mã đúng, hỏi người vận hành của cổng. Hồ sơ mới của bạn cần mã riêng, kèm loại mã.",
            "The dossier was not routed to your system, so it may not update it."
            " Check the code; if it is right, ask the gateway's operator."
            " A new one of yours needs a code of your own scheme.",
        ),
        "revision.stale": Words("Phiên bản hồ sơ đã cũ", "Stale revision"),
        "revision.stale.detail": Words(
            "Hồ sơ đang ở phiên bản {revision}. Đọc lại hồ sơ rồi sửa đổi với If-Match mới.",
            "The dossier is at revision {revision}. Read it again and amend it with a new If-Match.",
        ),
        "idempotency.conflict": Words(
            "Khoá chống trùng đã dùng cho nội dung khác", "Idempotency key used for other content"
        ),
        "idempotency.conflict.detail": Words(
            "Khoá này (Idempotency-Key, source_event_id, sourceEventId) đã nhận nội dung khác. Dùng khoá mới cho "
            "nội dung mới, hoặc gửi lại đúng nội dung cũ.",
            "This key (Idempotency-Key, source_event_id, sourceEventId) came with other content before. Use a new key "
            "for new content, or repeat the old exactly.",
        ),
        "idempotency.in_progress": Words(
            "Yêu cầu trước cùng khoá đang được xử lý", "The first request is still being accepted"
        ),
        "idempotency.in_progress.detail": Words(
            "Yêu cầu đầu tiên với khoá này chưa xong. Chờ rồi gửi lại.",
            "The first request with this key has not ended. Wait, then repeat it.",
        ),
        "idempotency.invalid": Words("Khoá chống trùng không hợp lệ", "Invalid idempotency key"),
        "idempotency.invalid.detail": Words(
            "Idempotency-Key dài 1 đến 200 ký tự in được.", "Idempotency-Key has 1 to 200 printable characters."
        ),
        "key.missing": Words("Thiếu khoá truy cập", "No key"),
        "key.missing.detail": Words(
            "Gửi khoá của hệ thống ở tiêu đề Authorization: Bearer gw_….",
            "Send your system's key in the header Authorization: Bearer gw_….",
        ),
        "key.invalid": Words("Khoá truy cập không đúng", "Unknown key"),
        "key.invalid.detail": Words(
            "Khoá không đúng hoặc đã thu hồi. Liên hệ người vận hành để được cấp khoá.",
            "The key is wrong or revoked. Ask the operator for a key.",
        ),
        "key.forbidden": Words("Khoá không có quyền này", "Not allowed for this key"),
        "key.forbidden.detail": Words(
            "Khoá của {system} không được thực hiện thao tác này.", "The key of {system} may not do this."
        ),
        "file.too_large": Words("Tệp quá lớn", "File too large"),
        "file.too_large.detail": Words(
            "Tệp vượt quá {limit} byte. Chia nhỏ hoặc nén tệp.", "The file exceeds {limit} bytes. Split or compress it."
        ),
        "part.too_large": Words("Một phần của biểu mẫu quá lớn", "A part of the form is too large"),
        "part.too_large.detail": Words(
            "Biểu mẫu bị từ chối ({place}): tệp, hoặc các trường cộng lại, vượt quá {limit} byte; chưa nhận gì.",
            "The form is refused ({place}): a file, or its fields together, exceed {limit} bytes; nothing was taken.",
        ),
        "link.not_found": Words("Không có đường dẫn này", "Link not found"),
        "link.not_found.detail": Words(
            "Đường dẫn này không phải do cổng tích hợp cấp. Lấy lại đường dẫn trong bản tin đã nhận.",
            "The gateway made no such link. Take the link from the message that was received.",
        ),
        "link.expired": Words("Đường dẫn đã hết hạn", "Link expired"),
        "link.expired.detail": Words(
            "Đường dẫn tới tệp đã hết hạn. Đề nghị gửi lại bản tin để có đường dẫn mới.",
            "The link to this file has ended. Ask for the message to be sent again: it carries a new one.",
        ),
        "file.not_found": Words("Không có tệp này", "File not found"),
        "file.not_found.detail": Words(
            "Không có tệp mang mã này, hoặc đã quá 7 ngày chưa dùng. Tải tệp lên lại.",
            "No such file is yours, or it was not used within 7 days. Upload it again.",
        ),
        "file.gone": Words("Tệp không còn ở đây", "The file is gone"),
        "file.gone.detail": Words(
            "Cổng đã nhận tệp này nhưng nội dung không còn. Hỏi nơi đã gửi, và báo cho người vận hành cổng.",
            "The gateway took this file; its bytes are gone. Ask whoever sent it, and tell the gateway's operators.",
        ),
        "file.mismatch": Words("Tệp không khớp mã băm", "File does not match its hash"),
        "file.mismatch.detail": Words(
            "Nội dung nhận được khác SHA-256 đã nêu. Tải tệp lên lại.",
            "What arrived differs from the SHA-256 given. Upload the file again.",
        ),
        "body.too_large": Words("Nội dung quá lớn", "Body too large"),
        "body.too_large.detail": Words(
            "Nội dung vượt quá {limit} byte. Gửi tệp riêng qua POST /v1/files.",
            "The body exceeds {limit} bytes. Send files apart, by POST /v1/files.",
        ),
        "body.incomplete": Words("Nội dung chưa đầy đủ", "Body incomplete"),
        "body.incomplete.detail": Words(
            "Kết nối dừng trước khi nhận đủ nội dung; chưa lưu gì. Gửi lại.",
            "The connection ended before the body did; nothing was stored. Send it again.",
        ),
        "body.timeout": Words("Gửi nội dung quá chậm", "Body too slow"),
        "body.timeout.detail": Words(
            "Không nhận đủ nội dung trong thời gian cho phép; chưa lưu gì. Gửi lại.",
            "The body did not arrive in time; nothing was stored. Send it again.",
        ),
        "media_type.unsupported": Words("Kiểu nội dung không được hỗ trợ", "Media type not supported"),
        "media_type.unsupported.detail": Words("Dùng một trong các kiểu: {supported}.", "Use one of: {supported}."),
        "cursor.expired": Words("Vị trí đọc đã quá cũ", "Cursor expired"),
        "cursor.expired.detail": Words(
            "Sự kiện tại vị trí đọc này không còn. Tiếp tục từ {earliest} và đối chiếu phần bị thiếu.",
            "Events at this cursor are gone. Go on from {earliest} and reconcile the gap.",
        ),
        "header.repeated": Words("Tiêu đề bị lặp", "Header given twice"),
        "header.repeated.detail": Words(
            "Tiêu đề {name} chỉ được có một lần. Xoá bản thừa.",
            "The header {name} may stand there once only. Remove the others.",
        ),
        "cursor.invalid": Words("Vị trí đọc không hợp lệ", "Invalid cursor"),
        "cursor.invalid.detail": Words(
            "Dùng đúng giá trị next của trang trước, hoặc bỏ trống để đọc từ đầu.",
            "Use the next value of the page before, or none to read from the start.",
        ),
        "parameter.invalid": Words("Tham số không hợp lệ", "Invalid parameter"),
        "parameter.invalid.detail": Words(
            "Tham số {name} không hợp lệ; cần: {expected}.", "Parameter {name} is not valid; expected: {expected}."
        ),
        "system.not_found": Words("Không có hệ thống này", "System not found"),
        "system.not_found.detail": Words(
            "Không có hệ thống nào tên này trong cấu hình. Xem tên các hệ thống ở GET /v1/systems.",
            "No system of this name is configured. See their names at GET /v1/systems.",
        ),
        "delivery.not_found": Words("Không có lượt gửi này", "Delivery not found"),
        "delivery.not_found.detail": Words(
            "Không có lượt gửi mang mã này mà hệ thống của bạn được xem.", "No delivery with this id is yours to see."
        ),
        "in_part.done": Words("Đã làm được một phần", "Done in part"),
        "in_part.done.detail": Words(
            "Đã làm xong ít nhất {done}/{of}, phần đã làm được giữ nguyên; sau đó kho dữ liệu không ghi được nữa."
            " Gửi lại đúng yêu cầu này để làm nốt; phần đã xong không bị làm lại.",
            "{done} of {of} at least are done and stay done; then the store took no more. Ask the same again for the"
            " rest; what is done is not done again.",
        ),
        "files.unavailable": Words(
            "Nơi lưu tệp đính kèm tạm thời không dùng được", "What keeps the attachments cannot be used now"
        ),
        "files.unavailable.detail": Words(
            "Tệp chưa được lưu, hoặc chưa đọc được; những gì không kèm tệp vẫn nhận. Gửi lại y nguyên sau.",
            "The file is not stored, or cannot be read; what brings no file is taken. Repeat the same later.",
        ),
        "store.unavailable": Words("Cơ sở dữ liệu tạm thời không dùng được", "The database cannot be used now"),
        "store.unavailable.detail": Words(
            "Chưa đọc được, hoặc chưa xác nhận đã lưu. Gửi lại sau, giữ nguyên khoá chống trùng.",
            "Nothing could be read, or storing is not confirmed. Repeat it later, with the same idempotency key.",
        ),
        "rate.limited": Words("Gửi quá nhanh", "Too many requests"),
        "rate.limited.detail": Words("Gửi lại sau thời gian nêu ở Retry-After.", "Come again after Retry-After."),
        "not_found": Words("Không có địa chỉ này", "Not found"),
        "not_found.detail": Words(
            "Không có tài nguyên tại địa chỉ này. Xem /docs.", "There is nothing at this address. See /docs."
        ),
        "method.not_allowed": Words("Phương thức không được phép", "Method not allowed"),
        "method.not_allowed.detail": Words("Dùng một trong các phương thức: {allowed}.", "Use one of: {allowed}."),
        "internal": Words("Lỗi nội bộ của cổng", "Internal error"),
        "internal.detail": Words(
            "Cổng gặp lỗi; chưa xác nhận lưu. Gửi lại với cùng khoá chống trùng, hoặc báo người vận hành mã {trace}.",
            "Storing is not confirmed. Repeat it with the same idempotency key, or tell the operator {trace}.",
        ),
        "codes.conflict": Words("Các mã thuộc hồ sơ khác nhau", "Codes of different dossiers"),
        "codes.conflict.detail": Words(
            "Các mã được nêu thuộc về những hồ sơ khác nhau. Kiểm tra lại các mã.",
            "The codes given belong to different dossiers. Check them.",
        ),
        "dossier.not_whole": Words("Chưa phải toàn bộ hồ sơ", "Not the whole dossier"),
        "dossier.not_whole.detail": Words(
            "Bản sửa đổi phải mang toàn bộ hồ sơ.", "An amendment must carry the whole dossier."
        ),
        "multipart.invalid": Words("Multipart không đọc được", "The multipart body cannot be read"),
        "multipart.invalid.detail": Words(
            "Gửi đúng một phần chứa tệp, không mã hoá thêm.",
            "Send exactly one part that holds the file, without a transfer encoding.",
        ),
        "attachments.invalid": Words("Gói tin kèm tệp không đọc được", "The message with attachments cannot be read"),
        "attachments.invalid.detail": Words(
            "Gói MIME bị từ chối ({place}): {problem}. Sửa gói tin rồi gửi lại; chưa nhận gì.",
            "The MIME package is refused ({place}): {problem}. Correct it and send it again; nothing was accepted.",
        ),
        "request.invalid": Words("Yêu cầu không đọc được", "The request cannot be read"),
        "request.invalid.detail": Words("Kiểm tra lại: {where}.", "Check {where}."),
        "encoding.unsupported": Words("Không nhận nội dung nén", "Compressed bodies are not taken"),
        "encoding.unsupported.detail": Words(
            "Gửi nội dung không nén (Content-Encoding: identity).", "Send it as it is (Content-Encoding: identity)."
        ),
        "callback.in_progress": Words(
            "Lần gọi trước với cùng nội dung đang được xử lý", "An earlier try of this call is still being accepted"
        ),
        "callback.in_progress.detail": Words(
            "Lần gọi trước chưa xong. Gọi lại sau thời gian nêu ở Retry-After.",
            "It has not ended. Call again after Retry-After.",
        ),
        "callback.not_found": Words("Không có địa chỉ gọi về này", "Call-back not found"),
        "callback.not_found.detail": Words(
            "Cấu hình của hệ thống không khai địa chỉ gọi về này.", "The system's file declares no such call-back."
        ),
        "key.not_found": Words("Không có khoá này", "Key not found"),
        "key.not_found.detail": Words("Không có khoá nào còn hiệu lực mang mã này.", "No live key has this id."),
        "keys.too_many": Words("Đã có hai khoá còn hiệu lực", "Two keys are live already"),
        "keys.too_many.detail": Words(
            "Xem các khoá (keys list), thu hồi một khoá (keys revoke MÃ) rồi tạo lại.",
            "See them (keys list), revoke one (keys revoke ID), then make the new one.",
        ),
        "not_accepted": Words("Không tiếp nhận", "Not accepted"),
        "not_accepted.detail": Words("Mã lý do: {reason}.", "Reason: {reason}."),
        "store.full": Words("Hết chỗ lưu trữ", "The store is full"),
        "store.full.detail": Words(
            "Chưa nhận thêm hồ sơ mới; những gì đã nhận vẫn an toàn. Gửi lại sau thời gian nêu ở Retry-After.",
            "Nothing new is taken; what was accepted is safe. Come again after Retry-After.",
        ),
        "backlog.full": Words("Quá nhiều lượt gửi đang chờ", "Too many deliveries wait"),
        "backlog.full.detail": Words(
            "Lượt gửi đang chờ tới {waiting} vượt quá giới hạn; chưa lưu gì. Gửi lại sau thời gian nêu ở Retry-After.",
            "More deliveries wait for {waiting} than may; nothing was stored. Come again after Retry-After.",
        ),
        "gateway.busy": Words("Cổng đang bận", "The gateway is busy"),
        "gateway.busy.detail": Words(
            "Đang nhận quá nhiều dữ liệu cùng lúc; chưa lưu gì. Gửi lại sau thời gian nêu ở Retry-After.",
            "Too much is coming in at once; nothing was stored. Come again after Retry-After.",
        ),
        "gateway.not_ready": Words("Cổng chưa sẵn sàng", "The gateway is not ready"),
        "gateway.not_ready.detail": Words("Thử lại sau giây lát.", "Try again in a moment."),
        "soap.operation": Words("Không có thao tác SOAP này", "Unknown SOAP operation"),
        "soap.operation.detail": Words(
            "Dùng submitEvents, getEvents hoặc acknowledge theo WSDL, trong không gian tên {namespace}.",
            "Use submitEvents, getEvents or acknowledge of the WSDL, in the namespace {namespace}.",
        ),
    }
)
