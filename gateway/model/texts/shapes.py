"""What a field expects, by the English words that faults carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

_VI = {
    "one of:": "một trong:",
    "list of": "danh sách có số phần tử trong khoảng",
    "object": "một đối tượng",
    "no attribute": "không có thuộc tính",
    "no xsi:type": "bỏ xsi:type",
    "text, no elements": "chữ, không có phần tử con",
    "elements, no text": "phần tử con, không có chữ ở giữa",
    "a value of the type in the WSDL": "giá trị đúng kiểu trong WSDL",
    "list": "một danh sách",
    "text": "chuỗi ký tự",
    "true or false": "true hoặc false",
    "whole number": "số nguyên",
    "not empty": "không để trống",
    "no control characters": "không có ký tự điều khiển",
    "code or references": "mã hồ sơ hoặc danh sách mã hồ sơ",
    "the code of the address": "mã hồ sơ trùng với mã trên địa chỉ",
    "the province's own code, or none": "mã của tỉnh, hoặc bỏ trống",
    "a code of the same dossier": "một mã của chính hồ sơ này",
    "the province's code that the dossier has": "mã của tỉnh mà hồ sơ đang có",
    "files of the message that is corrected": "tệp của chính thông điệp đang sửa",
    "only at status 9 or 10": "chỉ dùng ở trạng thái 9 hoặc 10",
    "code, at most 100 characters": "mã, tối đa 100 ký tự",
    "id, at most 200 characters": "mã định danh, tối đa 200 ký tự",
    "text, at most 500 characters": "văn bản, tối đa 500 ký tự",
    "text, at most 1,000 characters": "văn bản, tối đa 1.000 ký tự",
    "text, at most 2,000 characters": "văn bản, tối đa 2.000 ký tự",
    "text, at most 4,000 characters": "văn bản, tối đa 4.000 ký tự",
    "date: 1958, 1958-03 or 1958-03-07": "ngày: 1958, 1958-03 hoặc 1958-03-07",
    "time with zone, RFC 3339": "thời điểm có múi giờ theo RFC 3339, ví dụ 2026-03-02T08:30:00+07:00",
    "whole đồng, 0 or more": "số tiền nguyên đồng, từ 0 trở lên",
    "whole number, 0 or more": "số nguyên, từ 0 trở lên",
    "2 to 5 digits": "2 đến 5 chữ số",
    "SHA-256, lower-case hex": "SHA-256 dạng hex chữ thường, 64 ký tự",
    "SHA-256 of the file that came": "SHA-256 của tệp đã tải lên, hoặc một giá trị duy nhất cho mỗi địa chỉ",
    "address: https://… or /v1/files/{id}": "địa chỉ: https://… hoặc /v1/files/{id}",
    "an address outside this network, or with scheme, host and port of a system's endpoint": (
        "địa chỉ ngoài mạng nội bộ, hoặc có đúng giao thức, máy chủ và cổng khai trong `endpoint` của một hệ thống"
    ),
    "media type": "kiểu nội dung, ví dụ application/pdf",
    "bytes": "số byte",
    "national status, 1 to 10": "trạng thái quốc gia, từ 1 đến 10; mã riêng thì ghi ở trạng thái nguồn",
    "the body of this kind": "nội dung theo loại sự kiện",
    "yyyyMMddHHmmss": "thời điểm dạng yyyyMMddHHmmss, giờ Việt Nam",
    "0 or 1": "0 hoặc 1",
    "a single value": "một giá trị đơn (chuỗi)",
    "nested at most 32 deep": "lồng tối đa 32 mức",
    "at most 500000 opening brackets, commas and colons": "tối đa 500000 dấu mở ngoặc, phẩy và hai chấm",
}
SHAPES: Mapping[str, Words] = MappingProxyType(
    {en: Words(vi.replace("{id}", "{{id}}"), en.replace("{id}", "{{id}}")) for en, vi in _VI.items()}
)
