"""Where attachments are kept: in a folder, or in a bucket that several gateways share."""

from __future__ import annotations

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.object_store import ObjectStore
from gateway.config.settings import StoreSettings
from gateway.core.errors import ConfigError, Problem, StoreUnavailable
from gateway.core.pressure import Urgency, mark
from gateway.ports.blobs import Blobs
from gateway.ports.secrets import Secret, Secrets, Withheld
from gateway.security.tls import TlsUnfit, client_context, trust
from gateway.stores.blobs import LocalBlobs
from gateway.stores.s3 import Bucket, BucketUnfit, S3Blobs

_log: FilteringBoundLogger = structlog.get_logger()


def attachments(settings: StoreSettings, layout: Layout, machine: Machine, secrets: Secrets) -> Blobs:
    """Return the store of files that the settings name; nothing is asked yet. Raises ConfigError."""
    if settings.s3.bucket:
        return S3Blobs(bucket_of(settings.s3, secrets), clock=machine.clock, ids=machine.ids)
    reserve = mark(settings.reserve, Urgency.BACK)
    return LocalBlobs(layout.blobs(settings.attachments), clock=machine.clock, ids=machine.ids, reserve=reserve)


async def prove(blobs: Blobs, wanted: ObjectStore) -> None:
    """Use a folder or a bucket once, before anything is let in. Raises ConfigError where a bucket cannot be used.

    One that does not answer keeps nobody from starting: files wait, and everything else goes on.
    """
    if isinstance(blobs, LocalBlobs):
        await blobs.begin()
    if not isinstance(blobs, S3Blobs):
        return
    try:
        await blobs.prove()
    except BucketUnfit as error:
        raise ConfigError(_told(wanted, error)) from error
    except StoreUnavailable as error:
        _log.error("object_store_away", bucket=wanted.bucket, endpoint=wanted.endpoint, error=str(error), alert=True)


def _told(wanted: ObjectStore, error: BucketUnfit) -> Problem:
    """Return which setting is at fault, by the code that the object store gives for its refusal."""
    match error.code:
        case "InvalidAccessKeyId":
            key, what = "access_key", "no key of this name is known"
            remedy = f"put the name of a key that may use the bucket into {wanted.access_key}"
        case "SignatureDoesNotMatch":
            key, what = "secret_key", "this secret does not belong to the access key"
            remedy = f"put the secret of the key that {wanted.access_key} names into {wanted.secret_key}"
        case "RequestTimeTooSkewed":
            key, what = "endpoint", "its clock and this machine's differ too much"
            remedy = "set this machine's clock, or the object store's, and keep both by NTP"
        case "AuthorizationHeaderMalformed" | "PermanentRedirect":
            key, what = "region", "the bucket is of another region, or moved"
            remedy = f"name its own region in place of {wanted.region}, or its own endpoint"
        case "NoSuchBucket" | "InvalidBucketName":
            key, what = "bucket", "there is no such bucket"
            remedy = "make the bucket, or name the right one"
        case _:
            key, what = "access_key", "this key may not do what the gateway has to"
            remedy = (
                f"let the key of {wanted.access_key} list, read, write and remove below {wanted.prefix}/ in the bucket"
            )
    text = f"bucket {wanted.bucket!r} at {wanted.endpoint}: {what}; {error}"
    return Problem(file="gateway.toml", key=f"store.s3.{key}", text=text, remedy=remedy)


def bucket_of(settings: ObjectStore, secrets: Secrets) -> Bucket:
    """Return the bucket, its secrets looked up; raises ConfigError."""
    return Bucket(
        name=settings.bucket,
        endpoint=settings.endpoint,
        region=settings.region,
        prefix=settings.prefix,
        access_key=secrets.get(settings.access_key),
        secret_key=secrets.get(settings.secret_key),
        authorities=_authorities(secrets.get(settings.authorities)) if settings.authorities else None,
    )


def _authorities(pem: Secret) -> Secret | None:
    if isinstance(pem, Withheld):
        return None
    try:
        trust(client_context(), pem)
    except TlsUnfit as error:
        problem = Problem(file="gateway.toml", key="store.s3.authorities", text=error.problem, remedy=error.remedy)
        raise ConfigError(problem) from error
    return pem
