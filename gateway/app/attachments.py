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


async def prove(blobs: Blobs) -> None:
    """Use a bucket once, before anything is let in. Raises ConfigError where it cannot be used.

    One that does not answer keeps nobody from starting: files wait, and everything else goes on.
    """
    if not isinstance(blobs, S3Blobs):
        return
    try:
        await blobs.prove()
    except BucketUnfit as error:
        remedy = "make the bucket, or let these keys list, read, write and remove in it"
        raise ConfigError(Problem(file="gateway.toml", key="store.s3", text=str(error), remedy=remedy)) from error
    except StoreUnavailable as error:
        _log.error("object_store_away", error=str(error), alert=True)


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
