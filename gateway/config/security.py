"""WS-Security as a system's file declares it: ``[options.security]`` for our calls, ``[security]`` for its own."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from gateway.config.durations import Duration, Lasting

PasswordKind: TypeAlias = Literal["digest", "text"]
Algorithm: TypeAlias = Literal[
    "rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512", "rsa-sha1"
]
Digest: TypeAlias = Literal["sha256", "sha384", "sha512", "sha1"]
AlsoSigned: TypeAlias = Literal["addressing", "username", "token"]
CipherName: TypeAlias = Literal["aes128-gcm", "aes192-gcm", "aes256-gcm", "aes128-cbc", "aes192-cbc", "aes256-cbc"]
User: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
SecretNames: TypeAlias = Annotated[tuple[str, ...], Meta(min_length=1, max_length=4, description="names in [secrets]")]


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a TOML file: unknown keys are errors."""


class OurName(_Table, frozen=True):
    """A UsernameToken of ours."""

    user: User
    password: str = "wss_password"  # noqa: S105 # the name of a secret, not the secret
    kind: PasswordKind = "digest"


class TheirName(_Table, frozen=True):
    """A UsernameToken that must be there."""

    user: User
    passwords: SecretNames = ("wss_password",)
    kinds: Annotated[tuple[PasswordKind, ...], Meta(min_length=1)] = ("digest",)


class Signature(_Table, frozen=True):
    """A signature of ours over Body and Timestamp."""

    keys: SecretNames = ("wss_key",)  #: each a private key with its certificate, in PEM; the first that is valid signs
    algorithm: Algorithm | None = None  #: None: with SHA-256, as the key needs it
    digest: Digest = "sha256"
    also: tuple[AlsoSigned, ...] = ()


class Send(_Table, frozen=True):
    """What our messages carry."""

    timestamp: bool = True
    lifetime: Lasting = "5m"  #: from Created to Expires
    username: OurName | None = None
    signature: Signature | None = None
    must_understand: bool = True
    confirm: bool = False  #: in a reply: SignatureConfirmation (WSS 1.1) of the signature that was believed


class Expect(_Table, frozen=True):
    """What the system's messages must carry."""

    certificates: Annotated[tuple[str, ...], Meta(max_length=8)] = ()  #: PEM files below the configuration directory
    username: TheirName | None = None
    timestamp: bool = False
    skew: Duration = "60s"
    lifetime: Lasting = "5m"  #: how old a message may be, whatever it says of itself
    algorithms: Annotated[tuple[Algorithm, ...], Meta(min_length=1)] = (
        "rsa-sha256",
        "rsa-sha384",
        "rsa-sha512",
        "ecdsa-sha256",
        "ecdsa-sha384",
        "ecdsa-sha512",
    )
    digests: Annotated[tuple[Digest, ...], Meta(min_length=1)] = ("sha256", "sha384", "sha512")
    keys: Annotated[tuple[str, ...], Meta(max_length=4)] = ()  #: names in [secrets]: what opens what is encrypted
    ciphers: Annotated[tuple[CipherName, ...], Meta(min_length=1)] = ("aes128-gcm", "aes256-gcm")


class Security(_Table, frozen=True):
    """Both directions between one system and us."""

    send: Send | None = None
    expect: Expect | None = None
