"""Adoptions straight on the file."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.ingress import adopting
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody
from gateway.ingress.views import Eyes
from gateway.ops.adopting import Adopter


class FileAdopts:
    """Implements ``cli.adopts.Adopts``."""

    _eyes: Eyes
    _adopter: Adopter

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Adopt a list, or say what would become of it."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=asked.reason)
            return await adopting.adopt(self._adopter, self._eyes.language, asked, by)
