"""What every way to show who we are does, and the ways that never change while the gateway runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from gateway.ports.secrets import Secret
from gateway.sdk.classify import Verdict
from gateway.sdk.reading import Table
from gateway.sdk.request import Outgoing

Place = Literal["header", "query", "body"]


class LoginFailed(Exception):
    """We could not show who we are; nothing of the dossier was sent."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.why)
        self.verdict = verdict


class Auth(Protocol):
    """One way to show who we are."""

    @property
    def renewable(self) -> bool:
        """Whether refused credentials can be replaced by fresh ones."""
        ...

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with our credential, and what that credential is known by.

        One that is known by ``stale`` is not used again. Raises LoginFailed.
        """
        ...


class Put(Table, frozen=True, kw_only=True):
    """Where a token goes."""

    in_: Place = msgspec.field(name="in", default="header")
    name: str = "Authorization"
    prefix: str = ""

    def apply(self, outgoing: Outgoing, token: str) -> Outgoing:
        """Return the request with the token in its place."""
        text = self.prefix + token
        if self.in_ == "header":
            return outgoing.with_header(self.name, text)
        return outgoing.with_query(self.name, text) if self.in_ == "query" else outgoing.with_field(self.name, text)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A credential that never changes while the gateway runs, or none."""

    put: Put | None = None
    secret: Secret | None = None
    renewable: bool = False

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with the credential."""
        del until, stale
        if self.put is None or self.secret is None:
            return outgoing, ""
        return self.put.apply(outgoing, self.secret.reveal()), ""


@dataclass(frozen=True, slots=True)
class Along:
    """Headers with secrets that go with a request."""

    headers: Mapping[str, Secret] = field(default_factory=dict[str, Secret])

    def apply(self, outgoing: Outgoing) -> Outgoing:
        """Return the request with them."""
        for name, value in self.headers.items():
            outgoing = outgoing.with_header(name, value.reveal())
        return outgoing
