"""What is wrong with one field."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

FAULTS: Mapping[str, Words] = MappingProxyType(
    {
        "required": Words("Thiếu thông tin bắt buộc; cần: {expected}.", "Required, but missing; expected: {expected}."),
        "type": Words("Sai kiểu dữ liệu; cần: {expected}.", "Wrong type; expected: {expected}."),
        "unknown_key": Words("Tên trường không có trong mô hình.", "The model has no field of this name."),
        "length": Words("Sai độ dài; cần: {expected}.", "Wrong length; expected: {expected}."),
        "pattern": Words("Sai định dạng; cần: {expected}.", "Wrong format; expected: {expected}."),
        "range": Words("Ngoài khoảng cho phép; cần: {expected}.", "Out of range; expected: {expected}."),
        "enum": Words("Giá trị không có trong danh mục; cần: {expected}.", "Not a listed value; expected: {expected}."),
        "control": Words(
            "Có ký tự điều khiển; chỉ chấp nhận tab và xuống dòng trong văn bản.",
            "Holds a control character; only tab and line breaks are accepted, in texts.",
        ),
        "stray": Words(
            "Có khoảng trắng ở đầu hoặc cuối, hoặc ký tự không nhìn thấy; bỏ {expected}.",
            "Holds a blank at an end, or a letter that nobody sees; leave out {expected}.",
        ),
        "not_allowed": Words("Không được phép ở đây; cần: {expected}.", "Not allowed here; expected: {expected}."),
        "unchanged": Words(
            "Không có gì thay đổi so với bản tin đang có.", "Nothing differs from the message that is there."
        ),
        "unfetchable": Words(
            "Cổng không bao giờ tải được tệp từ địa chỉ này; cần: {expected}.",
            "The gateway can never fetch a file from this address; expected: {expected}.",
        ),
        "differs": Words("Không phải của tệp này; cần: {expected}.", "Not that of this file; expected: {expected}."),
        "kind_unknown": Words("Không có loại sự kiện này.", "There is no such kind of event."),
        "kind_reserved": Words(
            "Loại sự kiện này được dành riêng và chưa được phục vụ.", "This kind of event is reserved and not served."
        ),
        "json": Words("JSON không đọc được, tại {expected}.", "The JSON cannot be read, at {expected}."),
        "crowd": Words("Quá nhiều giá trị; cần: {expected}.", "Too many values; expected: {expected}."),
        "depth": Words("Cấu trúc lồng quá sâu; cần: {expected}.", "Nested too deep; expected: {expected}."),
        "configuration": Words("{expected}", "{expected}"),
        "invalid": Words("Không đọc được theo mô hình dữ liệu.", "Cannot be read by the data model."),
        "element": Words(
            "Thiếu phần tử, hoặc phần tử sai tên, sai thứ tự; ở đây cần: {expected}.",
            "An element is missing, has another name, or is out of order; expected here: {expected}.",
        ),
        "order": Words(
            "Phần tử đứng sai chỗ: đã có rồi, hoặc phải đứng trước các phần tử phía trên; xem thứ tự trong WSDL.",
            "This element is in the wrong place: it is there already, or belongs above those before it (see the WSDL).",
        ),
        "nil": Words("Không dùng xsi:nil; hãy bỏ hẳn phần tử.", "xsi:nil is not taken here; leave the element out."),
        "suggestion": Words("Có phải ý bạn là «{suggestion}»?", "Did you mean “{suggestion}”?"),
    }
)
