"""A bucket, who we are there, and how long we wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import S3Store

from gateway.core.errors import GatewayError
from gateway.ports.secrets import Secret

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential  # known to type checkers alone


class BucketUnfit(GatewayError):
    """The bucket answers, and repeating is in vain: it is not there, or we may not use it; says what it answered."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code  #: the object store's own word, such as NoSuchBucket; empty where it gave none


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where attachments lie; the bucket is the first part of the path at the endpoint."""

    name: str
    endpoint: str  #: http(s)://host[:port]
    region: str
    prefix: str  #: before every key, without a / at its ends
    access_key: Secret
    secret_key: Secret
    authorities: Secret | None = None  #: who else may vouch for the endpoint, PEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one answer may take, and how often a request is repeated meanwhile.

    What fails at once is repeated; what was waited for for as long as a ``request`` may take is not.
    """

    connect: timedelta = timedelta(seconds=5)
    request: timedelta = timedelta(seconds=30)  #: connection, request and answer
    retries: int = 2
    proof: timedelta = timedelta(seconds=10)  #: all that is tried at the start, together
    room: timedelta = timedelta(seconds=10)  #: until a large file finds a place among those on their way
    cleaning: timedelta = timedelta(seconds=5)  #: what tidies up after a failure; the sweep does what it misses

    @property
    def whole(self) -> timedelta:
        """Return how long one request may take with all that is repeated of it."""
        return 2 * self.request


def open_bucket(bucket: Bucket, patience: Patience) -> S3Store:
    """Return the client of a bucket. Whatever could be taken from the environment is said here instead."""
    endpoint = bucket.endpoint.rstrip("/")

    def keys() -> S3Credential:
        access, secret = bucket.access_key.reveal(), bucket.secret_key.reveal()
        return {"access_key_id": access, "secret_access_key": secret, "token": None, "expires_at": None}

    return S3Store(
        bucket.name,
        prefix=bucket.prefix,
        config={
            "endpoint": endpoint,
            "aws_endpoint_url_s3": endpoint,
            "region": bucket.region,
            "virtual_hosted_style_request": False,
            "skip_signature": False,
            "unsigned_payload": False,
            "checksum_algorithm": "SHA256",
            "disable_tagging": True,
            "disable_bulk_delete": True,
        },
        client_options=_client(endpoint, bucket, patience),
        retry_config={
            "max_retries": patience.retries,
            "retry_timeout": patience.request,
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
        },
        credential_provider=keys,
    )


def _client(endpoint: str, bucket: Bucket, patience: Patience) -> ClientConfig:
    options: ClientConfig = {
        "allow_http": True,  # the settings' checks know where that may be
        "connect_timeout": patience.connect,
        "timeout": patience.request,
        # A proxy that the one host is excluded from: without one the environment's would be taken.
        "proxy_url": endpoint,
        "proxy_excludes": urlsplit(endpoint).hostname or "",
    }
    if bucket.authorities is not None:
        options["root_certificate"] = bucket.authorities.reveal()
    return options
