"""Trials of mappings straight on the file."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.ingress.trial_bodies import TrialBody, TrialsBody
from gateway.ingress.trying import tried
from gateway.ingress.views import Eyes
from gateway.ops.whatif import WhatIf


class FileTrials:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _what_if: WhatIf

    async def try_mapping(self, system: str, asked: TrialBody) -> TrialsBody:
        """Compare what two versions would send."""
        with refusals(self._eyes.language):
            return await tried(self._what_if, self._eyes, system, asked)
