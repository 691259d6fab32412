"""``[options.auth]`` as it is written: one table for each ``kind``. What names a secret names it in ``[secrets]``."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from gateway.config.durations import Duration, Lasting
from gateway.sdk.auth.credentials import Put
from gateway.sdk.reading import Table

Words = dict[str, str]


class NoneTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """``kind = "none"``: the network shows who we are, or a client certificate (``[tls]``)."""


class BasicTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="basic"):
    """``kind = "basic"``: names of secrets."""

    username: str = "username"
    password: str = "password"  # noqa: S105 # the name of a secret, not the secret


class BearerTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="bearer"):
    """``kind = "bearer"``: a fixed token."""

    token: str = "token"  # noqa: S105 # the name of a secret, not the secret


class ApiKeyTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="api_key"):
    """``kind = "api_key"``: a fixed key under a name of the partner's choice."""

    key: str = "api_key"
    put: Put = Put(name="X-API-Key")


class LgspTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="lgspaccesstoken"):
    """``kind = "lgspaccesstoken"``: the header of that name alone, as some LGSPs want it."""

    lgspaccesstoken: Words


class Server(Table, frozen=True, kw_only=True):
    """Where a login is, if not at the system's own endpoint; which of the two follows from the system's mode."""

    live: str = ""
    sandbox: str = ""


class SessionTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="session"):
    """``kind = "session"``: a login gives a token for a while."""

    path: str
    body: dict[str, object]
    token: str
    server: Server = Server()
    method: Literal["POST", "GET", "PUT"] = "POST"
    encode: Literal["json", "form"] = "json"
    headers: Words = msgspec.field(default_factory=Words)
    success: tuple[dict[str, object], ...] = ()
    put: Put = Put(prefix="Bearer ")
    lifetime: Duration | None = None
    expires_in: str = ""  #: the path to the seconds that the token lives
    lgspaccesstoken: Words = msgspec.field(default_factory=Words)


class ClientCredentialsTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="client_credentials"):
    """``kind = "client_credentials"``: OAuth 2 (RFC 6749, section 4.4), as a provincial LGSP speaks it, too."""

    path: str = "/token"
    server: Server = Server()
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105 # the name of a secret, not the secret
    shown: Literal["header", "form"] = "header"  #: where id and secret go: as Basic, or as two fields of the form
    form: Words = msgspec.field(default_factory=Words)  #: further fields: ``scope``, ``audience``
    lgspaccesstoken: Words = msgspec.field(default_factory=Words)  #: goes along with every request


class HmacTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="hmac"):
    """``kind = "hmac"``: a signature with a shared secret over what ``signed`` says."""

    key: str = "signing"
    algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1", "sha256", "sha512"] = "hmac-sha256"
    signed: str
    written: Literal["hex", "base64", "base64url"] = "hex"
    timestamp: str = "epoch"
    headers: Words = msgspec.field(default_factory=Words)
    put: Put | None = None  #: a field of the document, instead of headers


class HttpSignatureTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="http_signature"):
    """``kind = "http_signature"``: HTTP message signatures (RFC 9421)."""

    key: str = "signing"
    key_text: Literal["text", "base64", "hex", "pem"]  #: as what the secret holds the key
    key_id: str
    algorithm: Literal["hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512", "rsa-v1_5-sha256"]
    components: tuple[str, ...] = ("@method", "@target-uri", "content-digest")
    label: str = "sig1"
    tag: str = ""
    tells_algorithm: bool = True
    expires: Lasting | None = None
    nonce: bool = True


LoginTable: TypeAlias = SessionTable | ClientCredentialsTable
SigningTable: TypeAlias = HmacTable | HttpSignatureTable
AuthTable: TypeAlias = NoneTable | BasicTable | BearerTable | ApiKeyTable | LgspTable | SigningTable | LoginTable
