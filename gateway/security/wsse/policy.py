"""What is agreed with one partner in one direction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.security.certificates import KeyPair, Pinned
from gateway.security.wsse.algorithms import STRONG, Allowed
from gateway.security.wsse.moments import USUAL, Window
from gateway.security.wsse.usernames import Account, Login

Also: TypeAlias = Literal["addressing", "username", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How we sign: Body and Timestamp always."""

    pairs: tuple[KeyPair, ...]  #: the first that is valid now signs: a new one is put in front before the old one ends
    algorithm: str = ""  #: a short name; empty: with SHA-256, as the key needs it
    digest: str = "sha256"
    also: Collection[Also] = ()  #: addressing: the WS-Addressing headers; username, token: these tokens of ours

    def method(self, pair: KeyPair) -> str:
        """Return the short name of the algorithm for this key."""
        return self.algorithm or ("rsa-sha256" if isinstance(pair.key, RSAPrivateKey) else "ecdsa-sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What our messages carry."""

    timestamp: timedelta | None = None  #: how long each counts; None: no Timestamp
    login: Login | None = None
    signing: Signing | None = None
    must_understand: bool = True
    confirms: bool = False  #: a reply repeats the signature that it answers, and signs it

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.timestamp is None and self.login is None and self.signing is None


NOTHING_SENT = Sending()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a partner's messages must carry. Without certificates and account: nothing, unless a Timestamp."""

    certificates: tuple[Pinned, ...] = ()  #: of these one has signed Body and Timestamp
    account: Account | None = None
    timestamp: bool = False  #: must there be one? A signature never goes without
    allowed: Allowed = STRONG
    window: Window = USUAL
    keys: tuple[KeyPair, ...] = field(default=(), repr=False)  #: that open what is encrypted for us
    ciphers: Collection[str] = ("aes128-gcm", "aes256-gcm")  #: short names

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.certificates or self.account or self.timestamp or self.keys)


NOTHING_EXPECTED = Expected()
