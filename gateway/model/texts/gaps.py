"""Why a mapping could not fill a field, by the English words that its gaps carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

_VI = {
    "missing": "thiếu",
    "not a single value": "không phải một giá trị đơn",
    "not a list": "không phải danh sách",
    "not a whole number": "không phải số nguyên",
    "neither true nor false": "không phải true hoặc false",
    "holds control characters": "có ký tự điều khiển",
    "not in the code table": "không có trong bảng mã",
    "no such code table in this file": "tệp ánh xạ của cổng không có bảng mã này",
    "no date format": "dạng ngày trong tệp ánh xạ của cổng không đúng",
    "not a date that can be written or read so": "không phải ngày đúng dạng",
    "not a date that can be written or read as": "không phải ngày theo dạng",
}
GAPS: Mapping[str, Words] = MappingProxyType({en: Words(vi, en) for en, vi in _VI.items()})
