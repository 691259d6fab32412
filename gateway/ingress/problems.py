"""Every refusal the doors can give: its stable code and its HTTP status. The words are in ``model.texts``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from gateway.core.calendar import FIRST_YEAR, LAST_YEAR
from gateway.core.errors import GatewayError
from gateway.model.texts import text

E = TypeVar("E", bound=StrEnum)

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "json.invalid": 400,
        "xml.invalid": 400,
        "multipart.invalid": 400,
        "attachments.invalid": 400,
        "request.invalid": 400,
        "parameter.invalid": 400,
        "idempotency.invalid": 400,
        "cursor.invalid": 400,
        "header.repeated": 400,
        "body.incomplete": 400,
        "encoding.unreadable": 400,
        "security.malformed": 400,
        "security.repeated": 400,
        "security.algorithm": 400,
        "security.undecryptable": 400,
        "security.missing": 401,
        "security.unsigned": 401,
        "security.unknown_key": 401,
        "security.certificate": 401,
        "security.signature": 401,
        "security.expired": 401,
        "security.early": 401,
        "security.credentials": 401,
        "security.replayed": 409,
        "key.missing": 401,
        "key.invalid": 401,
        "login.refused": 401,
        "session.missing": 401,
        "session.invalid": 401,
        "session.expired": 401,
        "key.forbidden": 403,
        "proposal.needed": 403,
        "proposal.own": 403,
        "proposal.unnamed": 403,
        "kind.not_yours": 403,
        "query.not_yours": 403,
        "query.not_yourself": 403,
        "dossier.not_yours": 403,
        "not_found": 404,
        "dossier.not_found": 404,
        "delivery.not_found": 404,
        "file.not_found": 404,
        "link.not_found": 404,
        "callback.not_found": 404,
        "key.not_found": 404,
        "proposal.not_found": 404,
        "system.not_found": 404,
        "version.not_found": 404,
        "service.unknown": 404,
        "service.not_served": 404,
        "service.no_procedure": 404,
        "query.not_found": 404,
        "query.none": 404,
        "replay.not_found": 404,
        "reconciliation.not_found": 404,
        "method.not_allowed": 405,
        "body.timeout": 408,
        "dossier.exists": 409,
        "dossier.test": 409,
        "dossier.ambiguous": 409,
        "codes.conflict": 409,
        "proposal.closed": 409,
        "proposal.expired": 409,
        "proposal.changed": 409,
        "proposal.empty": 409,
        "replay.closed": 409,
        "replay.empty": 409,
        "delivery.leased": 409,
        "system.not_called": 409,
        "system.not_paused": 409,
        "system.not_probed": 409,
        "system.not_outlined": 409,
        "configuration.moved": 409,
        "configuration.overtaken": 409,
        "configuration.unchanged": 409,
        "delivery.final": 409,
        "delivery.in_doubt": 409,
        "delivery.not_in_doubt": 409,
        "delivery.spoken": 409,
        "delivery.not_stopped": 409,
        "delivery.no_destination": 409,
        "delivery.no_system": 409,
        "idempotency.in_progress": 409,
        "keys.too_many": 409,
        "file.gone": 410,
        "dossier.erased": 410,
        "cursor.expired": 410,
        "link.expired": 410,
        "revision.stale": 412,
        "body.too_large": 413,
        "file.too_large": 413,
        "part.too_large": 413,
        "media_type.unsupported": 415,
        "encoding.unsupported": 415,
        "body.invalid": 422,
        "reason.invalid": 422,
        "list.ahead": 422,
        "list.unknown": 422,
        "configuration.invalid": 422,
        "file.mismatch": 422,
        "dossier.not_whole": 422,
        "idempotency.conflict": 422,
        "not_accepted": 422,
        "query.refused": 422,
        "backlog.full": 429,
        "login.barred": 429,
        "rate.limited": 429,
        "internal": 500,
        "query.failed": 502,
        "callback.in_progress": 503,
        "query.unavailable": 503,
        "query.paused": 503,
        "query.closed": 503,
        "query.open": 503,
        "query.busy": 503,
        "in_part.done": 503,
        "files.unavailable": 503,
        "store.unavailable": 503,
        "store.full": 503,
        "gateway.not_ready": 503,
        "gateway.busy": 503,
        "query.timeout": 504,
    }
)
#: Seconds after which the same may be sent again, where nothing is known that says it better.
RETRY_AFTER: Mapping[str, int] = MappingProxyType(
    {
        "idempotency.in_progress": 1,
        "callback.in_progress": 1,
        "gateway.busy": 2,
        "in_part.done": 5,
        "files.unavailable": 5,
        "store.unavailable": 5,
        "gateway.not_ready": 5,
        "store.full": 60,
        "backlog.full": 60,
        "login.barred": 60,
        "rate.limited": 1,
        "query.unavailable": 10,
        "query.paused": 60,
        "query.closed": 60,
        "query.open": 10,
        "query.busy": 2,
    }
)


class Problem(GatewayError):
    """A refusal under its code in ``STATUSES``; ``facts`` fill its words and never repeat what was sent."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return STATUSES[self.code]

    def title(self, language: str) -> str:
        """Return what happened."""
        return text(f"problem.{self.code}", language)

    def detail(self, language: str) -> str:
        """Return what to do."""
        return text(f"problem.{self.code}.detail", language, **self.facts)

    def words(self, language: str) -> str:
        """Return both, as one text."""
        return f"{self.title(language)}. {self.detail(language)}"


def one_of(kind: type[E], name: str | None, parameter: str) -> E | None:
    """Return the member of this name; None where none is given. Raises Problem."""
    if name is None:
        return None
    if name not in set(kind):
        raise Problem("parameter.invalid", name=parameter, expected=", ".join(kind))
    return kind(name)


def need_moments(names: str, *moments: datetime | None) -> None:
    """Raise Problem where a time has no zone, or a year that nobody means; ``names`` are those of the fields."""
    for moment in moments:
        if moment is not None and (moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR):
            raise Problem("request.invalid", where=f"{names}: RFC 3339, {FIRST_YEAR}-{LAST_YEAR}")
