"""``[store.s3]``: a bucket of an S3-compatible object store, in which several gateways keep their attachments."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from gateway.config.addresses import PLACE, is_place
from gateway.core.errors import Problem

_FILE = "gateway.toml"

MaybeSecretRef: TypeAlias = Annotated[
    str, Meta(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)?\Z", description="env:NAME or file:/path, or nothing")
]


class ObjectStore(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the bucket is, and who we are there; without a bucket attachments lie in a folder."""

    bucket: Annotated[
        str, Meta(pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?\Z", description="a bucket's name, or nothing")
    ]
    endpoint: str  #: http(s)://host[:port]; the bucket is the first part of the path there
    region: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z", description="a region's name, such as us-east-1")]
    prefix: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z",
            max_length=200,
            description="words of A-Z, a-z, 0-9, - and _, with / between them",
        ),
    ]  #: before every key; one database's gateways alone use it
    access_key: MaybeSecretRef
    secret_key: MaybeSecretRef
    authorities: MaybeSecretRef  #: who may vouch for the endpoint, PEM; empty: whom the machine trusts
    plain_http: bool  #: whether an endpoint off this machine may be spoken to without TLS


def problems(wanted: ObjectStore, attachments: str) -> Iterator[Problem]:
    """Return what does not fit together; ``attachments`` is the folder that the settings name."""
    if not wanted.bucket:
        for key in ("endpoint", "access_key", "secret_key"):
            if getattr(wanted, key):
                text = "is of no account without a bucket: attachments would lie in a folder"
                yield _problem(key, text, "name the bucket in store.s3.bucket, or leave this out")
        return
    if attachments:
        text = "names a folder, and store.s3.bucket a bucket"
        yield Problem(file=_FILE, key="store.attachments", text=text, remedy="leave one of them out")
    for key in ("endpoint", "access_key", "secret_key"):
        if not getattr(wanted, key):
            yield _problem(key, "is missing, and there is a bucket", "say where it answers, and who we are there")
    if wanted.endpoint:
        yield from _endpoint(wanted)


def _endpoint(wanted: ObjectStore) -> Iterator[Problem]:
    if not is_place(wanted.endpoint):
        yield _problem("endpoint", "is no address", PLACE)
    elif wanted.endpoint.startswith("http:") and not wanted.plain_http and not _is_here(wanted.endpoint):
        text = "is plain http, and not on this machine: citizens' files and our requests would travel open"
        yield _problem("endpoint", text, "write https://…, or store.s3.plain_http = true where the line itself is safe")


def _is_here(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _problem(key: str, text: str, remedy: str) -> Problem:
    return Problem(file=_FILE, key=f"store.s3.{key}", text=text, remedy=remedy)
