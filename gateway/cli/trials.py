"""What the commands about mappings ask the desk; and how a serving gateway answers."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.trial_bodies import TrialBody, TrialsBody


class Tries(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        ...


class HttpTrials:
    """Implements ``Tries`` over HTTP."""

    _api: Api

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        return await self._api.post(f"/v1/ops/systems/{quote(system, safe='')}/mapping-trials", asked, TrialsBody)
