"""How one try ended, as people read it. Never to be mistaken for a dossier's result."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

OUTCOMES: Mapping[str, Words] = MappingProxyType(
    {
        "delivered": Words("đã xác nhận bản tin", "taken"),
        "retryable": Words("chưa nhận, sẽ gửi lại", "not taken, to be tried again"),
        "rejected": Words("từ chối bản tin", "refused"),
        "ambiguous": Words("chưa rõ đã nhận hay chưa", "unclear whether it was taken"),
        "absent": Words("tra cứu: chưa có", "looked up: not there"),
        "unknown": Words("tra cứu: chưa rõ", "looked up: unclear"),
        "shadowed": Words("chạy bóng: đã kiểm tra, không gửi", "shadow: checked, not sent"),
    }
)
