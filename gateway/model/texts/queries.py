"""Words about questions to national registers: how one ended, and why one was not put or has no answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

#: How a query stands.
QUERIES: Mapping[str, Words] = MappingProxyType(
    {
        "asked": Words("Đã hỏi, chưa rõ kết quả", "Asked; nobody knows how it ended"),
        "answered": Words("Có dữ liệu", "Answered"),
        "none": Words("Không có dữ liệu", "Nothing found"),
        "refused": Words("Hệ thống từ chối trả lời", "Refused by the system"),
        "failed": Words("Không có câu trả lời dùng được", "No usable answer"),
        "timed_out": Words("Quá thời gian chờ", "No answer in time"),
    }
)

#: Problems: why there is no answer, and what to do.
QUERY_REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "query.not_found": Words("Không có thao tác tra cứu này", "Query not found"),
        "query.not_found.detail": Words(
            "Hệ thống {system} không có thao tác tra cứu này. Xem options.queries trong tệp cấu hình của hệ thống.",
            "System {system} has no such query. See options.queries in its file.",
        ),
        "query.not_yours": Words("Không được tra cứu hệ thống này", "Not yours to ask"),
        "query.not_yours.detail": Words(
            "Khoá của {caller} không có trong queries.callers của hệ thống được hỏi. Liên hệ người vận hành.",
            "The key of {caller} is not in queries.callers of the system. Ask the operator.",
        ),
        "query.not_yourself": Words("Không được tra cứu thay tên người khác", "Not in another's name"),
        "query.not_yourself.detail": Words(
            "Khoá cá nhân chỉ tra cứu dưới tên người giữ khoá. Bỏ officer.name, hoặc dùng khoá của người đó.",
            "A person's key asks under its holder's name. Leave officer.name out, or use that person's key.",
        ),
        "query.none": Words("Không có dữ liệu", "Nothing found"),
        "query.none.detail": Words(
            "Hệ thống {system} trả lời là không có dữ liệu cho nội dung được hỏi (tra cứu {query}).",
            "System {system} answers that it has nothing under this (query {query}).",
        ),
        "query.refused": Words("Hệ thống từ chối trả lời", "Refused by the system"),
        "query.refused.detail": Words(
            "Hệ thống {system} không trả lời câu hỏi này (tra cứu {query}). Kiểm tra nội dung và quyền của cán bộ.",
            "System {system} does not answer this (query {query}). Check what is asked, and what the officer may ask.",
        ),
        "query.failed": Words("Không có câu trả lời dùng được", "No usable answer"),
        "query.failed.detail": Words(
            "Hệ thống {system} không cho câu trả lời dùng được: {reason} (tra cứu {query}). Hỏi lại sau.",
            "System {system} gave no usable answer: {reason} (query {query}). Ask again later.",
        ),
        "query.unavailable": Words("Chưa hỏi được hệ thống", "The system cannot be reached"),
        "query.unavailable.detail": Words(
            "Hệ thống {system} chưa nhận được câu hỏi: {reason} (tra cứu {query}). Hỏi lại sau Retry-After.",
            "System {system} has not taken the question: {reason} (query {query}). Ask again after Retry-After.",
        ),
        "query.timeout": Words("Quá thời gian chờ", "No answer in time"),
        "query.timeout.detail": Words(
            "Hệ thống {system} không trả lời kịp (tra cứu {query}). Câu hỏi không được hỏi lại tự động; hỏi lại sau.",
            "System {system} did not answer in time (query {query}). Nothing is asked again by itself; ask later.",
        ),
        "query.paused": Words("Hệ thống đang tạm dừng", "The system is paused"),
        "query.paused.detail": Words(
            "Người vận hành đang tạm dừng gọi {system}. Chưa gửi gì; hỏi lại sau Retry-After.",
            "An operator has paused calls to {system}. Nothing was sent; ask again after Retry-After.",
        ),
        "query.closed": Words("Ngoài giờ của hệ thống", "Outside the system's hours"),
        "query.closed.detail": Words(
            "{system} không nhận câu hỏi vào giờ này. Chưa gửi gì; hỏi lại sau Retry-After.",
            "{system} takes no questions at this hour. Nothing was sent; ask again after Retry-After.",
        ),
        "query.open": Words("Hệ thống không trả lời", "The system answers nobody"),
        "query.open.detail": Words(
            "{system} không trả lời những lần gọi trước nên tạm không được gọi. Chưa gửi gì; hỏi lại sau Retry-After.",
            "{system} has not answered before and is left alone. Nothing was sent; ask again after Retry-After.",
        ),
        "query.busy": Words("Đã hết lượt gọi cho lúc này", "The system's rate is used up"),
        "query.busy.detail": Words(
            "Số lần gọi {system} đã đến giới hạn. Chưa gửi gì; hỏi lại sau Retry-After.",
            "{system} may not be called more often now. Nothing was sent; ask again after Retry-After.",
        ),
    }
)
