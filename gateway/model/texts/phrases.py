"""What is wrong with bytes and documents, by the English words that errors carry; ``#`` is a number or a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_FACT = re.compile(r"\d+|[A-Z]+(?:_[A-Z0-9]+)+")
_VI = {
    # where
    "line #": "dòng #",
    "line #, column #": "dòng #, cột #",
    "prologue": "phần mở đầu",
    "document": "tài liệu",
    "envelope": "Envelope",
    "message": "bản tin",
    "part #": "phần #",
    "the first byte that is not UTF-#": "cần mã hoá UTF-#; byte sai đầu tiên",
    "a byte order mark at its beginning": "dấu thứ tự byte (BOM) ở đầu",
    "nested at most # deep": "lồng tối đa # mức",
    # a parameter
    "seconds": "số giây",
    "a code of # to # characters": "mã dài # đến # ký tự",
    "# hex digits": "# chữ số hex",
    "percent-encoded UTF-#": "UTF-# mã hoá phần trăm, ví dụ %C4%91",
    "no parameter": "không có tham số nào",
    "a text without the character U+# (NUL)": "chuỗi không có ký tự U+# (NUL)",
    "every text, and leave out the character U+# (NUL), which no database can keep": (
        "các chuỗi văn bản, và bỏ ký tự U+# (NUL) vì cơ sở dữ liệu không lưu được"
    ),
    # XML
    "not well-formed XML (#)": "không phải XML đúng cú pháp (#)",
    "check the document with an XML tool before sending it": "hãy kiểm tra bằng công cụ XML trước khi gửi",
    "a document type declaration (DOCTYPE) is not allowed": "không được có khai báo kiểu tài liệu (DOCTYPE)",
    "a processing instruction is not allowed": "không được có chỉ thị xử lý",
    "send the XML without it": "hãy bỏ nó khỏi XML",
    "the document has # bytes, more than the # allowed": "tài liệu có # byte, quá mức # cho phép",
    "send less, or attachments apart": "hãy gửi ít hơn, hoặc gửi tệp tách riêng",
    "more than # elements": "quá # phần tử",
    "send smaller documents": "hãy gửi tài liệu nhỏ hơn",
    "nested deeper than # levels": "lồng quá # mức",
    "send a flatter document": "hãy gửi tài liệu ít mức hơn",
    "more than # attributes": "quá # thuộc tính",
    "write elements instead": "hãy dùng phần tử con",
    "more than # signs =": "quá # dấu =",
    "write elements instead of attributes": "hãy dùng phần tử con thay cho thuộc tính",
    "more than # namespaces": "quá # không gian tên",
    "declare each once, at the root, and none that is not used": "hãy khai mỗi cái một lần ở gốc, bỏ cái không dùng",
    "neither UTF-# nor of an encoding that it declares and that is known": (
        "không phải UTF-#, cũng không đúng bảng mã mà nó khai, hoặc bảng mã đó không được hỗ trợ"
    ),
    "send UTF-#": "hãy gửi UTF-#",
    "deeper or larger than the parser takes": "sâu hoặc lớn hơn mức bộ đọc nhận",
    "send a flatter document, attachments apart": "hãy gửi tài liệu ít mức hơn, tệp tách riêng",
    # references to parts
    "the document refers to a part, and came alone": "tài liệu trỏ tới một phần, nhưng không có phần nào đi kèm",
    "the document refers to a part that did not come": "tài liệu trỏ tới một phần không được gửi kèm",
    "send every part it names": "hãy gửi đủ các phần được nêu",
    "a part is referred to twice": "một phần được trỏ tới hai lần",
    "send it once for every place that it stands in": "hãy gửi riêng cho từng chỗ dùng",
    "an xop:Include is not the only child of its element": "xop:Include không phải nội dung duy nhất của phần tử",
    "put nothing beside it": "đừng đặt gì bên cạnh nó",
    "an xop:Include stands where no file is expected": "xop:Include đứng ở chỗ không nhận tệp",
    "put it into content": "hãy đặt nó trong content",
    "an xop:Include is not empty": "xop:Include không rỗng",
    "put nothing into it": "đừng đặt gì bên trong",
    "an xop:Include has no href to a part": "xop:Include không có href trỏ tới phần nào",
    'write href="cid:…" with the part\'s Content-ID': 'hãy ghi href="cid:…" theo Content-ID của phần đó',
    # the package
    "it has no part": "không có phần nào",
    "send at least the part that holds the document": "hãy gửi ít nhất phần chứa tài liệu",
    "multipart parts are nested deeper than one level": "multipart lồng quá một mức",
    "send all parts side by side": "hãy gửi các phần ngang hàng nhau",
    "encode the part as it declares, or send it as binary": "hãy mã hoá đúng như khai, hoặc gửi dạng binary",
    "use binary, #bit, #bit, base# or quoted-printable": "hãy dùng binary, 8bit, 7bit, base64 hoặc quoted-printable",
    "more than # parts": "quá # phần",
    "send them in several messages": "hãy chia thành nhiều bản tin",
    "correct the part's headers": "hãy sửa tiêu đề của phần đó",
    "a multipart part is encoded as a whole": "cả phần multipart bị mã hoá",
    "encode its parts, as RFC # demands": "hãy mã hoá từng phần con, theo RFC #",
    "name the boundary in the Content-Type": "hãy khai boundary trong Content-Type",
    "frame the parts as RFC # says, lines ending in CRLF": "hãy chia phần theo RFC #, dòng kết thúc bằng CRLF",
    "it ends before its last boundary": "kết thúc trước boundary cuối",
    "send the whole message again": "hãy gửi lại cả bản tin",
    "the announced boundary does not come": "không thấy boundary đã khai",
    "a line begins with the boundary and goes on": "một dòng bắt đầu bằng boundary rồi còn chữ",
    "its headers have more than # bytes, or no end": "tiêu đề dài quá # byte, hoặc không có chỗ kết thúc",
    "a header is not UTF-#": "một tiêu đề không phải UTF-#",
    "a Content- header stands there twice": "một tiêu đề Content- có hai lần",
    "a header is not one line `Name: value` that ends in CRLF": (
        "một tiêu đề không phải một dòng `Tên: giá trị` kết thúc bằng CRLF"
    ),
    "the Content-Type names no boundary of # to # printable characters": (
        "Content-Type không khai boundary dài từ # đến # ký tự in được"
    ),
    "base# goes on after its end": "base# còn chữ sau chỗ kết thúc",
    "it is not base#": "không phải base#",
    "base# stops inside a group of four letters": "base# dừng giữa một nhóm bốn chữ",
    "a line of quoted-printable is longer than # bytes": "một dòng quoted-printable dài quá # byte",
    "it is not quoted-printable": "không phải quoted-printable",
    "its Content-Transfer-Encoding is not known": "Content-Transfer-Encoding không rõ là gì",
    "no part is the root that `start` names": "không phần nào là phần gốc mà `start` nêu",
    "send the SOAP part first": "hãy gửi phần SOAP trước",
    "two parts have the same Content-ID": "hai phần trùng Content-ID",
    "give each part its own": "hãy đặt cho mỗi phần một Content-ID riêng",
    "more than the # bytes allowed": "quá # byte cho phép",
    "a file comes before the document": "tệp đến trước tài liệu",
    "send the document first": "hãy gửi tài liệu trước",
    # a form
    "it has no `Content-Disposition: form-data`": "thiếu `Content-Disposition: form-data`",
    "its Content-Disposition names something twice": "Content-Disposition nêu một thứ hai lần",
    "its Content-Disposition gives no name": "Content-Disposition không nêu tên",
    "its filename* is not UTF-#": "filename* không phải UTF-#",
    "its filename is not encoded as RFC # says": "filename không mã hoá theo RFC #",
    "send texts in UTF-#, files with a file name": "hãy gửi chữ bằng UTF-#, tệp kèm tên tệp",
    "write one `Content-Disposition: form-data` with the field's `name`": (
        "hãy ghi đúng một `Content-Disposition: form-data`, có `name` của trường"
    ),
}
PHRASES: Mapping[str, str] = MappingProxyType(_VI)


class Said(str):
    """Words of the gateway's own in English, such as an error's: a text that holds them says them in its language."""

    __slots__ = ()


def said(english: str, language: str) -> str:
    """Return an error's words, ``where: what; what to do``, in this language; what the table lacks stays English."""
    if language == "en":
        return english
    place, parted, rest = english.partition(": ")
    if parted and _pattern(place) in PHRASES:
        return f"{_phrase(place)}: {said(rest, language)}"
    return "; ".join(map(_phrase, english.split("; ")))


def _pattern(english: str) -> str:
    return _FACT.sub("#", english)


def _phrase(english: str) -> str:
    found = PHRASES.get(_pattern(english))
    if found is None:
        return english
    facts = iter(_FACT.findall(english))
    return re.sub("#", lambda _: next(facts), found)
