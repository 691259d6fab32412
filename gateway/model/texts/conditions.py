"""How a system stands, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

CONDITIONS: Mapping[str, Words] = MappingProxyType(
    {
        "paused": Words("Đang tạm dừng gửi", "Paused"),
        "closed": Words("Ngoài giờ nhận của hệ thống", "Outside the hours in which it takes calls"),
        "open": Words("Hệ thống không trả lời, tạm ngừng gửi", "It does not answer and is left alone"),
        "half_open": Words("Đang thử gửi lại", "Being tried again"),
        "slow_start": Words("Đã trả lời lại, đang tăng dần lượng gửi", "It answers again and is called more and more"),
        "clear": Words("Hoạt động bình thường", "Well"),
    }
)

#: Why the gateway itself pauses a system.
PAUSES: Mapping[str, Words] = MappingProxyType(
    {
        "refuses_all": Words(
            "Hệ thống từ chối {count} hồ sơ liên tiếp với cùng một lý do: kiểm tra cấu hình và hỏi đơn vị quản lý, "
            "rồi cho gửi tiếp; các lượt gửi đó đang chờ quyết định (held)",
            "It refused {count} dossiers in a row alike: look at the configuration, ask the partner, then resume; "
            "these deliveries are held",
        ),
        "trial_in_doubt": Words(
            "Hệ thống không trả lời, và lượt gửi thử cũng không rõ đã được nhận hay chưa: ngừng thử để không thêm lượt "
            "gửi chờ quyết định; hỏi đơn vị quản lý, khi hệ thống đã hoạt động lại thì cho gửi tiếp",
            "It does not answer, and nobody knows whether it took the delivery that tried: no more are tried, as each "
            "would need a decision; ask the partner, and resume once it works again",
        ),
    }
)

#: What a reader of a feed is told beside its page.
FEEDS: Mapping[str, Words] = MappingProxyType(
    {
        "unused": Words(
            "Tin cho hệ thống này do cổng gọi tới để gửi, không vào luồng đọc này. Muốn đọc ở đây: đặt adapter = "
            "«feed» trong tệp của hệ thống",
            "News for this system is sent to it by calls, not kept in this feed. To read it here, set adapter = «feed» "
            "in the system's file",
        ),
    }
)
