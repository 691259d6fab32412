"""One invented dossier, for the tools that hand one over."""

from collections.abc import Mapping, Sequence
from typing import Any


def sample_dossier(code: str, *, files: Sequence[str] = ()) -> Mapping[str, Any]:
    """Build the body of ``POST /v1/dossiers``; ``files`` are ids from ``POST /v1/files``."""
    return {
        "code": code,
        "procedure": {"code": "2.000635", "name": "Cấp bản sao Trích lục hộ tịch"},
        "owner": {"type": "citizen", "name": {"full": "Nguyễn Thị Mẫu"}},
        "summary": "Đề nghị cấp bản sao trích lục khai sinh",
        "submitted_at": "2026-01-05T08:30:00+07:00",
        "components": [{"code": "TP01", "name": "Tờ khai", "originals": 1, "files": [{"id": file} for file in files]}],
    }
