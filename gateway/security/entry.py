"""Logging in with a name and a password, for callers whose protocol has no API keys.

The password is an API key of the system (the name is the system's id then), or the one that the system's file names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from gateway.core.errors import GatewayError
from gateway.core.ids import KeyId, SystemId
from gateway.ports.secrets import Secret
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator, Caller, Unauthenticated, digest
from gateway.security.sessions import SessionInvalid, Sessions

#: What stands for a key's id where somebody came in with a password.
BY_PASSWORD = KeyId("password")
_LONGEST = 512  #: characters of a name or a password that are looked at


class LoginBarred(GatewayError):
    """Too many failures: not listened to for a while."""

    def __init__(self) -> None:
        super().__init__("too many logins have failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A name and a password that a system's file refers to; looked up at each login, so that it can be changed."""

    username: str
    password: Callable[[], Secret] = field(repr=False)

    def proof(self) -> str:
        """Return the digest that a session is bound to."""
        return _digest(self.password().reveal())


class Entry:
    """Lets these systems in, and knows them again by their sessions."""

    def __init__(
        self,
        authenticator: Authenticator,
        sessions: Sessions,
        failures: Failures,
        passwords: Mapping[SystemId, Password],
        *,
        systems: Collection[SystemId],
    ) -> None:
        self._authenticator = authenticator
        self._sessions = sessions
        self._failures = failures
        self._passwords = passwords
        self._systems = systems

    @property
    def seconds(self) -> int:
        """Return how long a session lasts."""
        return int(self._sessions.life.total_seconds())

    async def log_in(self, username: str, password: str, *, where: str, only: SystemId | None = None) -> str:
        """Return a session; ``only`` is the system that this door is for, ``where`` the caller's address.

        A key is looked at also where too many have failed: nobody guesses one, and behind a proxy all come from one
        address, whoever fails on purpose there. Raises Unauthenticated, LoginBarred.
        """
        who = f"{where} {username[:_LONGEST]}"
        is_barred = self._failures.is_barred(who)
        session = None if is_barred else self._by_password(username, password, only)
        session = session or await self._by_key(username, password, only)
        if session is not None:
            return session
        if is_barred:
            raise LoginBarred
        self._failures.count(who)
        raise Unauthenticated

    async def caller(self, session: str, *, only: SystemId | None = None) -> Caller:
        """Return whose session this is. Raises SessionInvalid, SessionExpired."""
        claim = self._sessions.claim(session)
        if only is not None and claim.system != only:
            raise SessionInvalid
        found = await self._authenticator.holder(claim.key) if claim.key else self._of_password(claim.system)
        if found is None or found.system != claim.system or claim.system not in self._systems:
            raise SessionInvalid
        self._sessions.prove(session, claim, claim.key or self._passwords[claim.system].proof())
        return found

    def _by_password(self, username: str, password: str, only: SystemId | None) -> str | None:
        """Compare with every system's password, so that the time tells nothing of the names."""
        found = [system for system, known in self._passwords.items() if _is_same(known, username, password)]
        if not found or (only is not None and found[0] != only):
            return None
        return self._sessions.issue(found[0], proof=self._passwords[found[0]].proof())

    async def _by_key(self, username: str, password: str, only: SystemId | None) -> str | None:
        basic = base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode()
        try:
            caller = await self._authenticator.caller(f"Basic {basic}")
        except Unauthenticated:
            return None
        if caller.system is None or caller.system not in self._systems or only not in (None, caller.system):
            return None
        proof = digest(password)
        return self._sessions.issue(caller.system, key=proof, proof=proof)

    def _of_password(self, system: SystemId) -> Caller | None:
        return Caller.of(system, BY_PASSWORD) if system in self._passwords else None


def _is_same(known: Password, username: str, password: str) -> bool:
    """Compare name and password in constant time."""
    name = hmac.compare_digest(_digest(known.username), _digest(username[:_LONGEST]))
    return hmac.compare_digest(known.proof(), _digest(password[:_LONGEST])) and name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
