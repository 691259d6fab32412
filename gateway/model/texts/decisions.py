"""Why an operator's decision is refused: titles, and details that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

DECISIONS: Mapping[str, Words] = MappingProxyType(
    {
        "reason.invalid": Words("Thiếu lý do", "No reason given"),
        "reason.invalid.detail": Words(
            "Nêu lý do từ 1 đến 1000 ký tự, không có ký tự điều khiển; lý do được lưu cùng tên người thực hiện.",
            "Give a reason of 1 to 1000 characters without control characters; it is kept with your name.",
        ),
        "proposal.not_found": Words("Không có đề nghị này", "Proposal not found"),
        "proposal.not_found.detail": Words(
            "Xem các đề nghị đang chờ bằng lệnh approve (GET /v1/ops/proposals).",
            "See the open ones with approve (GET /v1/ops/proposals).",
        ),
        "proposal.needed": Words("Cần người thứ hai duyệt", "A second person must approve"),
        "proposal.needed.detail": Words(
            "Trong {hours} giờ, một người chỉ được tự cho gửi lại hoặc tự kết luận (đã có, chưa có) tối đa {most} lượt "
            "gửi; dưới tên này hoặc không rõ của ai đã có {lately} lượt, tính cả từng lượt, các đợt gửi lại và phần "
            "còn chờ gửi. Lượt này chưa được thực hiện. Lập đề nghị để người thứ hai duyệt bằng approve: replay start "
            "LƯỢT… để gửi lại, held settle --list TỆP --propose cho lượt chưa rõ. Hoặc nhờ người khác quyết định bằng "
            "khoá của họ.",
            "One person may alone send again, or judge delivered or absent, {most} deliveries within {hours} hours; "
            "under your name or nobody's there are {lately}, one by one and by replays, with what those may still "
            "send. Nothing was done with this one. Propose it, for approve by a second person: replay start DELIVERY… "
            "to send it again, held settle --list FILE --propose for what is in doubt. Or let somebody else decide "
            "with their own key.",
        ),
        "proposal.own": Words("Cần người thứ hai", "A second person must agree"),
        "proposal.own.detail": Words(
            "Không ai được duyệt đề nghị của chính mình. Nhờ người khác duyệt bằng khoá của họ.",
            "Nobody approves what they proposed. Ask somebody else to approve it with their own key.",
        ),
        "proposal.unnamed": Words("Cần khoá mang tên một người", "A key with a person's name is needed"),
        "proposal.unnamed.detail": Words(
            "Việc này cần hai người, mà khoá của máy, hay làm việc không có khoá, không thuộc về ai. Tạo khoá riêng: "
            "keys new --operator TÊN, đặt vào GATEWAY_OPERATOR_KEY.",
            "This needs two people, and the machine's own key, or no key, is nobody's. Make your own with "
            "keys new --operator NAME, in GATEWAY_OPERATOR_KEY.",
        ),
        "proposal.closed": Words("Đề nghị đã được quyết định", "The proposal is decided already"),
        "proposal.closed.detail": Words(
            "Xem ai đã quyết định và kết quả ở chính đề nghị đó.",
            "The proposal itself says who decided and what came of it.",
        ),
        "proposal.expired": Words("Đề nghị đã hết hạn", "The proposal has expired"),
        "proposal.expired.detail": Words(
            "Xem lại tình hình rồi đề nghị lại.", "Look at how things stand now, and propose it again."
        ),
        "proposal.changed": Words("Đề nghị bị thay đổi", "The proposal was changed"),
        "proposal.changed.detail": Words(
            "Nội dung lưu không còn khớp với điều đã đề nghị; không thực hiện. Kiểm tra chuỗi bằng chứng.",
            "What is stored is not what was proposed; nothing was done. Verify the evidence chain.",
        ),
        "proposal.empty": Words("Không có gì để đề nghị", "Nothing to propose"),
        "proposal.empty.detail": Words(
            "Danh sách không quyết định được lượt gửi nào. Kiểm tra cột mã, hệ thống và thời điểm lập danh sách.",
            "The list decides nothing. Check the column of codes, the system, and when the list was made.",
        ),
        "list.unknown": Words("Cổng không có hồ sơ nào trong danh sách", "Nothing that the list names is known here"),
        "list.unknown.detail": Words(
            "Có lẽ sai cột hoặc sai danh sách: nêu cột mã hồ sơ (--column). Nếu bên nhận thật sự không có hồ sơ nào, "
            "xử lý từng lượt gửi bằng judge.",
            "Perhaps it is another column, or another list: name the column with the dossiers' codes (--column). If "
            "the system really has none of them, judge the deliveries one by one.",
        ),
        "list.ahead": Words("Danh sách ghi thời điểm chưa tới", "The list is of a time that has not come"),
        "list.ahead.detail": Words(
            "Thời điểm lập danh sách (as_of) muộn hơn bây giờ, nên lượt gửi sau đó sẽ bị coi là chưa có và gửi lại "
            "lần nữa. Kiểm tra ngày, giờ và múi giờ (+07:00).",
            "The time of the list (as_of) is later than now, so what left after the list was made would count as "
            "absent and be sent a second time. Check its date, time and zone (+07:00).",
        ),
        "system.not_called": Words("Hệ thống này không được gọi", "This system is not called"),
        "system.not_called.detail": Words(
            "Hệ thống tự đọc luồng đọc của mình (adapter = feed), hoặc đang tắt (mode = off): không có gì để tạm dừng "
            "hay thử.",
            'It reads the feed, or is off (mode = "off"): there is nothing to pause or to try.',
        ),
        "system.not_paused": Words("Hệ thống không bị tạm dừng", "The system is not paused"),
        "system.not_paused.detail": Words(
            "Xem tình trạng các hệ thống bằng lệnh systems (GET /v1/systems).",
            "See how the systems stand with systems (GET /v1/systems).",
        ),
        "system.not_probed": Words("Chưa thử được", "It cannot be tried now"),
        "system.not_probed.detail": Words(
            "Hệ thống đang tạm dừng, ngoài giờ nhận, hoặc cổng chưa chạy: cho gửi tiếp, chờ giờ mở, hoặc chạy serve. "
            "Khi khởi động, hệ thống đã ngừng trả lời được thử ngay.",
            "It is paused or outside its hours, or no gateway serves: resume it, wait for its hours, or serve. "
            "A gateway that starts tries at once what did not answer.",
        ),
        "delivery.leased": Words("Đang gửi", "Being sent this moment"),
        "delivery.leased.detail": Words(
            "Lượt gửi đang được xử lý, kết quả sẽ có trong giây lát. Xem lại rồi quyết định.",
            "A worker has this delivery and is about to know better. Look again in a moment, then decide.",
        ),
        "delivery.final": Words("Lượt gửi đã kết thúc", "The delivery has ended"),
        "delivery.final.detail": Words(
            "Đã gửi xong hoặc đã huỷ; không còn gì để quyết định. Xem quá trình bằng lệnh show.",
            "It is delivered or cancelled: nothing is left to decide. See its history with show.",
        ),
        "delivery.in_doubt": Words("Chưa rõ hệ thống nhận đã có hay chưa", "The partner may have it"),
        "delivery.in_doubt.detail": Words(
            "Hỏi hệ thống nhận rồi kết luận: judge --delivered, --absent hoặc --cancelled. Gửi lại hay sửa lúc này "
            "có thể làm hồ sơ được xử lý hai lần.",
            "Ask the partner, then judge it: judge --delivered, --absent or --cancelled. To send again or edit now "
            "could apply the dossier twice.",
        ),
        "delivery.spoken": Words("Hệ thống nhận đã báo về hồ sơ này", "The partner has spoken of the dossier since"),
        "delivery.spoken.detail": Words(
            "Hệ thống nhận đã báo trạng thái của hồ sơ sau lượt gửi này, vậy là đã có; gửi lại có thể làm hồ sơ "
            "được xử lý hai lần. Xem bằng lệnh show, rồi kết luận: judge --delivered, hoặc --cancelled.",
            "The partner has stated a status of the dossier after this was sent, so it has it; to send it again could "
            "apply the dossier twice. Look at it with show, then judge --delivered, or --cancelled.",
        ),
        "delivery.not_in_doubt": Words("Không có gì phải kết luận", "Nothing is in doubt"),
        "delivery.not_in_doubt.detail": Words(
            "Chắc chắn hệ thống nhận chưa có bản tin này. Muốn gửi lại: dead retry hoặc held retry.",
            "The partner surely has not taken it. To send it again: dead retry or held retry.",
        ),
        "delivery.not_stopped": Words("Lượt gửi vẫn đang trên đường", "The delivery is still on its way"),
        "delivery.not_stopped.detail": Words(
            "Lượt gửi không bị giữ và chưa bị từ chối, hệ thống sẽ tự gửi. Muốn ngừng hẳn: judge --cancelled.",
            "It is neither held nor dead and will be sent by itself. To end it: judge --cancelled.",
        ),
        "delivery.no_system": Words("Hệ thống không còn trong cấu hình", "The system is not configured any more"),
        "delivery.no_system.detail": Words(
            "Gửi lại thì không ai gửi đi. Đưa tệp của hệ thống trở lại (config apply), hoặc kết thúc bằng skip.",
            "Sent again, nobody would send it. Put the system's file back (config apply), or end it with skip.",
        ),
        "delivery.no_destination": Words("Không có nơi để gửi", "There is nowhere to send it"),
        "delivery.no_destination.detail": Words(
            "Bản tin này dành cho người vận hành: gắn mã cho hồ sơ, hoặc kết thúc bằng judge --cancelled.",
            "This is for the operators themselves: let its code be bound, or end it with judge --cancelled.",
        ),
    }
)
