"""A bucket of attachments: whole, alone, and not in the open."""

import pytest

from gateway.config.loader import load
from gateway.core.errors import ConfigError

WHOLE = {
    "store.s3.bucket": "sample",
    "store.s3.endpoint": "https://objects.example:9000",
    "store.s3.access_key": "env:SAMPLE_ACCESS",
    "store.s3.secret_key": "file:keys/secret",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"store.s3.endpoint": "http://127.0.0.1:9000"},
        {"store.s3.endpoint": "http://localhost/"},
        {"store.s3.endpoint": "http://[::1]:9000"},
        {"store.s3.endpoint": "http://objects.example", "store.s3.plain_http": "true"},
        {"store.s3.prefix": "province-24/attachments"},
    ],
)
def test_a_whole_one_is_taken(directory, changes):
    assert load(directory.path, overrides=WHOLE | changes).settings.store.s3.bucket == "sample"


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"store.attachments": "/srv"}, "store.attachments", "names a folder"),
        ({"store.s3.endpoint": ""}, "store.s3.endpoint", "is missing"),
        ({"store.s3.secret_key": ""}, "store.s3.secret_key", "is missing"),
        ({"store.s3.endpoint": "http://objects.example"}, "store.s3.endpoint", "plain http"),
        ({"store.s3.endpoint": "http://127.0.0.1.example"}, "store.s3.endpoint", "plain http"),
        ({"store.s3.endpoint": "objects.example"}, "store.s3.endpoint", "is no address"),
        ({"store.s3.endpoint": "ftp://objects.example"}, "store.s3.endpoint", "is no address"),
        ({"store.s3.endpoint": "https://key@objects.example"}, "store.s3.endpoint", "is no address"),
        ({"store.s3.endpoint": "https://objects.example/bucket"}, "store.s3.endpoint", "is no address"),
        ({"store.s3.endpoint": "https://objects.example:port"}, "store.s3.endpoint", "is no address"),
        ({"store.s3.secret_key": "sample-only"}, "store.s3.secret_key", "env:NAME"),
        ({"store.s3.prefix": ""}, "store.s3.prefix", ""),
        ({"store.s3.prefix": "../other"}, "store.s3.prefix", ""),
        ({"store.s3.bucket": "UPPER"}, "store.s3.bucket", ""),
    ],
)
def test_what_cannot_be_right_is_named(directory, changes, key, says):
    with pytest.raises(ConfigError) as caught:
        load(directory.path, overrides=WHOLE | changes)
    assert key in str(caught.value)
    assert says in str(caught.value)
    assert "sample-only" not in str(caught.value)


def test_keys_without_a_bucket_would_be_of_no_account(directory):
    """Files that somebody holds for shared would lie in a folder."""
    with pytest.raises(ConfigError, match=r"store\.s3\.endpoint: is of no account without a bucket"):
        load(directory.path, overrides=WHOLE | {"store.s3.bucket": ""})
