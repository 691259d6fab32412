"""Why a message is not believed: a closed code, and for the log the place where it broke."""

from __future__ import annotations

from enum import StrEnum

from gateway.core.errors import GatewayError


class Breach(StrEnum):
    """What is wrong. Whoever forges learns no more than this."""

    MISSING = "missing"  #: no Security header, or not all that it must hold
    REPEATED = "repeated"  #: two of what must be there once
    MALFORMED = "malformed"  #: not built as WS-Security builds it
    UNSIGNED = "unsigned"  #: the signature covers not both Body and Timestamp, or something out of place
    ALGORITHM = "algorithm"  #: an algorithm or transform that this partner may not use
    UNKNOWN_KEY = "unknown_key"  #: made with none of the pinned certificates
    CERTIFICATE = "certificate"  #: the pinned certificate is not valid at this time
    SIGNATURE = "signature"  #: does not fit what it covers
    EXPIRED = "expired"  #: too old
    EARLY = "early"  #: from the future: somebody's clock is wrong
    CREDENTIALS = "credentials"  #: name or password
    UNDECRYPTABLE = "undecryptable"  #: with none of our keys, or nothing is expected to be encrypted


class Unbelievable(GatewayError):
    """A message proves nothing; ``place`` says where, and never what stands there."""

    def __init__(self, breach: Breach, place: str = "") -> None:
        super().__init__(f"{breach}: {place}" if place else str(breach))
        self.breach = breach
        self.place = place
