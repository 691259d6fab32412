"""Adoptions straight on the file."""

from __future__ import annotations

from datetime import datetime

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.core.record import Shown, View
from gateway.ingress import adopting, shadowing
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, DoublesBody, OnlyOursBody, RehearsedBody
from gateway.ingress.views import Eyes
from gateway.ops.adopting import Adopter
from gateway.ops.shadowing import Shadower
from gateway.ports.evidence import Evidence


class FileAdopts:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _adopter: Adopter
    _evidence: Evidence
    _shadower: Shadower

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Adopt a list, or say what would become of it."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=asked.reason)
            return await adopting.adopt(self._adopter, self._eyes.language, asked, by)

    async def hand_back(self, system: str, asked: HandbackBody) -> HandedBackBody:
        """End what was never sent to a system, or say what would."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=asked.reason)
            done = await adopting.hand_back(self._adopter, self._eyes.language, system, asked, by)
        if done.items:
            shown = View(shown=Shown.DOSSIER, ids=tuple(item.dossier_id for item in done.items))
            await self._evidence.viewed(shown, actor=by.actor)
        return done

    async def compare(self, system: str, asked: CompareBody) -> ComparisonBody:
        """Compare what was rehearsed with a recorded log."""
        with refusals(self._eyes.language):
            return await shadowing.compare(self._shadower, self._eyes.language, system, asked)

    async def only_ours(self, system: str, asked: RehearsedBody) -> OnlyOursBody:
        """Return what was rehearsed in the time of a log, and no line is like."""
        with refusals(self._eyes.language):
            return await shadowing.only_ours(self._shadower, system, asked)

    async def doubles(self, system: str, since: datetime) -> DoublesBody:
        """Return the dossiers submitted since then that somebody beside the gateway sends, too."""
        with refusals(self._eyes.language):
            return await shadowing.doubles(self._shadower, self._eyes.language, system, since)
