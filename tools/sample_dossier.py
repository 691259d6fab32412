"""One invented dossier, for the tools that hand one over."""

from collections.abc import Mapping, Sequence
from typing import Any


def sample_dossier(code: str, *, files: Sequence[str] = ()) -> Mapping[str, Any]:
    """Build the body of ``POST /v1/dossiers``; ``files`` are ids from ``POST /v1/files``."""
    dossier = {
        "code": code,
        "procedure": {"code": "2.200201", "name": "Đăng ký thành lập doanh nghiệp tư nhân"},
        "owner": {"type": "citizen", "name": {"whole": "Nguyễn Thị Mẫu"}},
        "summary": "Đề nghị đăng ký thành lập doanh nghiệp tư nhân",
        "submitted_at": "2026-01-05T08:30:00+07:00",
        "components": [{"code": "TP01", "name": "Giấy đề nghị", "files": [{"id": file} for file in files]}],
    }
    return {"dossier": dossier}
