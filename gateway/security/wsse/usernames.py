"""UsernameToken Profile 1.1: a name with a password, as it is or as a digest with a nonce and a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from lxml import etree

from gateway.ports.secrets import Secret
from gateway.security.wsse.anatomy import at_most_one, octets_of, only, text_of
from gateway.security.wsse.moments import Window, instant, read_instant
from gateway.security.wsse.names import BASE64, PASSWORD_DIGEST, PASSWORD_TEXT, wsse, wsu
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element

PasswordKind: TypeAlias = Literal["text", "digest"]

_KINDS: dict[str, PasswordKind] = {"": "text", PASSWORD_TEXT: "text", PASSWORD_DIGEST: "digest"}
_DIGEST: frozenset[PasswordKind] = frozenset({"digest"})
_LONGEST = 512  #: characters of a name or a password that are looked at
_LONGEST_NONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom a partner calls itself, and the passwords that it may show: two while one is being changed."""

    user: str
    passwords: tuple[Secret, ...] = field(repr=False)
    kinds: frozenset[PasswordKind] = _DIGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Whom we call ourselves."""

    user: str
    password: Secret = field(repr=False)
    kind: PasswordKind = "digest"


@dataclass(frozen=True, slots=True)
class Nonce:
    """What may be used once."""

    octets: bytes = field(repr=False)
    created: datetime


def user_of(token: Element) -> str:
    """Return the name that a token gives; raises Unbelievable."""
    return text_of(only(token, wsse("Username"))).strip()[:_LONGEST]


def check(token: Element, account: Account, window: Window, now: datetime) -> Nonce | None:
    """Hold a token against what the partner agreed with us; None where its password proves nothing but itself.

    Raises Unbelievable, in the same words for a wrong name and a wrong password.
    """
    password = only(token, wsse("Password"), Breach.CREDENTIALS)
    kind = _KINDS.get(password.get("Type", ""))
    if kind not in account.kinds:
        raise Unbelievable(Breach.ALGORITHM, "Password/@Type")
    nonce: Nonce | None = None
    if kind == "text":
        real = [one.reveal() for one in account.passwords]
    else:
        nonce, created = _nonce(token)
        window.check(nonce.created, None, now)
        real = [password_digest(nonce.octets, created, one.reveal()) for one in account.passwords]
    shown = text_of(password)
    fits = [_is_same(shown, one) for one in real]
    if not (_is_same(user_of(token), account.user) and any(fits)):
        raise Unbelievable(Breach.CREDENTIALS)
    return nonce


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Return ``Base64(SHA-1(nonce + created + password))``, as the profile prescribes it."""
    mixed = nonce + created.encode() + password.encode("utf-8", "surrogateescape")
    return base64.b64encode(hashlib.sha1(mixed, usedforsecurity=False).digest()).decode()


def username_token(login: Login, *, nonce: bytes, now: datetime) -> Element:
    """Return our UsernameToken."""
    token = etree.Element(wsse("UsernameToken"))
    etree.SubElement(token, wsse("Username")).text = login.user
    password = etree.SubElement(token, wsse("Password"))
    if login.kind == "text":
        password.set("Type", PASSWORD_TEXT)
        password.text = login.password.reveal()
        return token
    created = instant(now)
    password.set("Type", PASSWORD_DIGEST)
    password.text = password_digest(nonce, created, login.password.reveal())
    shown = etree.SubElement(token, wsse("Nonce"), EncodingType=BASE64)
    shown.text = base64.b64encode(nonce).decode()
    etree.SubElement(token, wsu("Created")).text = created
    return token


def _nonce(token: Element) -> tuple[Nonce, str]:
    """Return nonce and time; the time also as it is written, which is what the digest covers."""
    nonce, created = at_most_one(token, wsse("Nonce")), at_most_one(token, wsu("Created"))
    if nonce is None or created is None:
        raise Unbelievable(Breach.MISSING, "Nonce, Created")
    octets = octets_of(nonce, limit=_LONGEST_NONCE)
    if not octets or nonce.get("EncodingType", BASE64) != BASE64:
        raise Unbelievable(Breach.MALFORMED, "Nonce")
    # Blanks round it are no part of it: one at the end of a nonce could else be moved here, and be another nonce.
    return Nonce(octets, read_instant(created)), text_of(created).strip()


def _is_same(shown: str, real: str) -> bool:
    """Compare in constant time, whatever the lengths."""
    first, second = (hashlib.sha256(text.encode("utf-8", "surrogateescape")) for text in (shown[:_LONGEST], real))
    return hmac.compare_digest(first.digest(), second.digest())
