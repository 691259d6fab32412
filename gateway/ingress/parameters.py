"""What a caller may say beside path and body: each once, with what it means and what may stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from gateway.core.acts import KNOWN_KINDS
from gateway.core.retention import LONGEST_TERM
from gateway.ops.lookout import Which

Schema: TypeAlias = Mapping[str, object]

#: Items of a list that may be asked for at once, and how many are answered where nobody says how many.
MOST, USUAL = 1000, 100
#: How due dates are answered.
FORMATS = ("json", "csv")

_MOMENT: Schema = {"type": "string", "format": "date-time"}


def _text() -> Schema:
    return {"type": "string"}


def _whole(**bounds: int) -> Schema:
    return {"type": "integer", "minimum": 1, **bounds}


def _one_of(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that a door takes; ``/openapi.json`` describes it."""

    name: str
    meaning: str
    schema: Schema = field(default_factory=_text)
    place: str = "query"


def limit(most: int = MOST) -> Parameter:
    """Return how many of a list are asked for."""
    return Parameter("limit", "số mục nhiều nhất · at most so many", _whole(maximum=most, default=USUAL))


def state(states: type[StrEnum]) -> Parameter:
    """Return in which of these states."""
    return Parameter("state", "trạng thái · state; all where left out", _one_of(states))


IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "khoá chống trùng, 1-200 ký tự · dedup key; the same with the same content is safe",
    place="header",
)
IF_MATCH = Parameter("If-Match", 'phiên bản đang sửa, "3" · the revision that is changed; * for any', place="header")
FILE_NAME = Parameter("X-File-Name", "tên tệp, mã hoá phần trăm · file name, percent-encoded UTF-8", place="header")
SHA256 = Parameter(
    "X-Sha256",
    "SHA-256 của tệp · of the file, hex: refused where it differs",
    {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
    place="header",
)
CONTENT_DIGEST = Parameter(
    "Content-Digest", "SHA-256 của tệp · of the file, as RFC 9530 writes it: sha-256=:…:", place="header"
)
NAME = Parameter("name", "tên tệp · file name, where no X-File-Name says it")
CODE = Parameter("code", "mã hồ sơ · a code of the dossier", {"type": "string", "maxLength": 100})
SCHEME = Parameter("scheme", "loại mã · who gave the code, such as province, national; any where left out")
AFTER = Parameter("after", "vị trí đã đọc: xác nhận đến đây · cursor: acknowledges up to here")
LIMIT = limit()
WAIT = Parameter("wait", "chờ tối đa, giây: 20 hoặc 20s · wait so many seconds for news")
TARGET_KIND = Parameter("target_kind", "loại đối tượng, cùng với target · with target", _one_of(KNOWN_KINDS))
TARGET = Parameter("target", "mã đối tượng · its id")
SINCE = Parameter("since", "từ thời điểm · recorded from here on, RFC 3339 with zone", _MOMENT)
BEHIND = Parameter("behind", "sau vị trí này · behind this place", _whole())
BEFORE = Parameter("before", "trước mục có mã này · those before the one with this id")
CURSOR = Parameter("cursor", "trang tiếp theo · the last page's next")
WHICH = Parameter("which", "hạn nào · which due dates; breach: overdue or soon", _one_of(Which))
DAYS = Parameter(
    "days",
    "kết thúc trước bấy nhiêu ngày · how many days ago it ended, and nothing was said or done since",
    _whole(maximum=LONGEST_TERM),
)
FORMAT = Parameter("format", "định dạng · how it is answered", _one_of(FORMATS))
SYSTEM = Parameter("system", "hệ thống nhận · id of the destination; all where left out")
