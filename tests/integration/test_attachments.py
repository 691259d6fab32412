"""What a gateway says of its bucket when it starts, or is asked about its configuration."""

from pathlib import Path

import msgspec
import pytest

from gateway.app.adapters import UnknownSecrets
from gateway.app.attachments import attachments, bucket_of, prove
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.loader import defaults
from gateway.config.settings import StoreSettings
from gateway.core.errors import ConfigError
from gateway.ports.blobs import Blobs
from gateway.testing.s3 import complete_in, empty_bucket
from gateway.testing.secrets import FakeSecrets

SECRETS = FakeSecrets({"env:ACCESS": "sample", "env:SECRET": "sample-only", "env:CA": "no certificate"})


def store(**changes: str) -> StoreSettings:
    bucket = empty_bucket()
    keys = {"access_key": "env:ACCESS", "secret_key": "env:SECRET"}
    table = {"bucket": bucket.name, "endpoint": bucket.endpoint, **keys, **changes}
    settings = defaults().store
    return msgspec.structs.replace(settings, s3=msgspec.structs.replace(settings.s3, **table))


def opened(settings: StoreSettings, folder: Path) -> Blobs:
    return attachments(settings, Layout(folder), Machine(), SECRETS)


async def test_a_bucket_that_works_is_left_as_it_was(tmp_path):
    settings = store()
    await prove(opened(settings, tmp_path))
    assert complete_in(settings.s3.bucket) == []
    assert list(tmp_path.iterdir()) == []  # no folder of attachments either


async def test_a_bucket_that_is_not_there_is_a_fault_of_the_settings(tmp_path):
    """Named like every other: where, what, and what to do."""
    with pytest.raises(ConfigError, match=r"gateway\.toml: store\.s3: .*NoSuchBucket.*\(make the bucket") as caught:
        await prove(opened(store(bucket="sample-none"), tmp_path))
    assert "sample-only" not in str(caught.value)


async def test_an_object_store_that_does_not_answer_keeps_nobody_from_starting(tmp_path):
    await prove(opened(store(endpoint="http://127.0.0.1:9"), tmp_path))


def test_who_may_not_know_the_secrets_checks_the_rest():
    settings = store(authorities="env:CA")
    assert bucket_of(settings.s3, UnknownSecrets()).authorities is None
    with pytest.raises(ConfigError, match=r"store\.s3\.authorities"):
        bucket_of(settings.s3, SECRETS)
