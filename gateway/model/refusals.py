"""What every door calls it when the plan refuses an event: a stable code, whose words are in ``texts``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.core.reason import Why

REFUSED: Mapping[Why, str] = MappingProxyType(
    {
        Why.KIND_NOT_YOURS: "kind.not_yours",
        Why.NOT_AUTHORISED: "dossier.not_yours",
        Why.UNKNOWN_DOSSIER: "dossier.not_found",
        Why.CODES_CONFLICT: "codes.conflict",
        Why.TEST_DOSSIER: "dossier.test",
        Why.ERASED: "dossier.erased",
        Why.NOT_WHOLE: "dossier.not_whole",
        Why.STORE_FULL: "store.full",
        Why.BACKLOG: "backlog.full",
    }
)
