"""What can be wrong with a file of evidence, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

EVIDENCE: Mapping[str, Words] = MappingProxyType(
    {
        "empty": Words("tệp rỗng", "the file is empty"),
        "format": Words(
            "không phải tệp bằng chứng của cổng tích hợp (evidence export), hoặc dòng đầu đã bị sửa",
            "this is no file of evidence (evidence export), or its first line was changed",
        ),
        "too_long": Words("dòng dài quá giới hạn", "the line is longer than any may be"),
        "unreadable": Words("dòng đã bị sửa: không còn đúng dạng chuẩn", "the line was changed: it is not in its form"),
        "misplaced": Words("dòng không được đứng ở đây", "this line may not stand here"),
        "link": Words(
            "bản ghi không nối tiếp các bản ghi trước: đã bị sửa, thêm, xoá hoặc đổi chỗ",
            "the record does not follow from those before it: changed, inserted, deleted or moved",
        ),
        "missing": Words("thiếu bản ghi này của chuỗi", "this record of the chain is missing"),
        "mark": Words("bản ghi khác với đầu chuỗi đã nêu", "the record differs from what the chain's own line says"),
        "begin": Words("chuỗi không bắt đầu như một chuỗi", "the chain does not begin as a chain does"),
        "earlier": Words(
            "chuỗi trước khác với điều chuỗi này đã ghi về nó: bị sửa, cắt hoặc bỏ",
            "an earlier chain is not what this one recorded of it: changed, cut short or left out",
        ),
        "repeated": Words("chuỗi đã có trong tệp", "the chain was in the file already"),
        "sealed": Words("nội dung mở ra không phải nội dung đã niêm", "what is shown is not what was sealed"),
        "too_many": Words("quá nhiều chuỗi", "more chains than are verified"),
        "total": Words("tệp không còn là tệp đã xuất", "the file is not the one that was exported"),
        "cut": Words("tệp kết thúc quá sớm: bị cắt, hoặc việc xuất bị gián đoạn", "the file ends too early"),
        "after_end": Words("có thêm nội dung sau dòng cuối", "something follows the last line"),
    }
)
