"""What a partner's list says of one delivery in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

FINDINGS: Mapping[str, Words] = MappingProxyType(
    {
        "listed": Words("có trong danh sách: đã nhận", "listed: delivered"),
        "absent": Words("không có trong danh sách: gửi lại", "not listed: sent again"),
        "too_early": Words(
            "không có, nhưng danh sách lập quá sớm: để nguyên", "not listed, but the list is too early: left as it is"
        ),
        "not_told": Words(
            "danh sách hồ sơ không cho biết về bản tin này: để nguyên",
            "a list of dossiers does not tell of this message: left as it is",
        ),
        "spoken": Words(
            "không có, nhưng hệ thống đã gửi trạng thái của hồ sơ: để nguyên, hỏi lại",
            "not listed, but the system has stated the dossier's status since: left as it is, ask it",
        ),
        "unclear": Words("mã thuộc nhiều hồ sơ: để nguyên", "the code belongs to several dossiers: left as it is"),
    }
)
