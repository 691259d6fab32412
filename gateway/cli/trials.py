"""What the commands about mappings ask the desk, over a serving gateway's API or straight on the file."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from gateway.cli.api import Api
from gateway.cli.decisions_file import refusals
from gateway.ingress.trial_bodies import TrialBody, TrialsBody
from gateway.ingress.trying import tried
from gateway.ingress.views import Eyes
from gateway.ops.whatif import WhatIf


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


class FileTrials:
    """Implements ``Tries`` on the file."""

    _eyes: Eyes
    _what_if: WhatIf

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        with refusals(self._eyes.language):
            return await tried(self._what_if, self._eyes, system, asked)
