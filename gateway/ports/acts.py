"""The audit of what people do: recorded in the transaction that does it, read newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.core.acts import Act, ActId, By, Target, Verb
from gateway.core.errors import GatewayError
from gateway.core.ids import DossierId


class Overtaken(GatewayError):
    """Somebody else has acted on it meanwhile, and led it elsewhere: nothing is recorded."""


class Acts(Protocol):
    """What operators did. Methods of a store that do something for a person take ``by`` and record it themselves."""

    async def record_act(
        self,
        verb: Verb,
        target: Target,
        *,
        by: By,
        dossier: DossierId | None = None,
        facts: Mapping[str, str] | None = None,
        upon: str | None = None,
    ) -> Act:
        """Record an act that changes nothing in the store: a probe, an export.

        ``upon`` is what it takes for where the act before it on the target has led, the fact ``after`` of that one;
        empty where there is none. Raises Overtaken where it has led elsewhere; where a record cannot be read, nobody
        knows.
        """
        ...

    async def acts(
        self, target: Target | None = None, *, before: ActId | None = None, limit: int = 100
    ) -> Sequence[Act]:
        """Return acts, of one target or all, the newest first; ``before`` goes on where a page ended."""
        ...
