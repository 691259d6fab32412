"""What the commands about mappings ask a serving gateway, over its API."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.trial_bodies import TrialBody, TrialsBody


class HttpTrials:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        return await self._api.post(f"/v1/ops/systems/{quote(system, safe='')}/mapping-trials", asked, TrialsBody)
