"""What a gateway says of its bucket when it starts, or is asked about its configuration."""

from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession, ClientTimeout, web
from structlog.testing import capture_logs

from gateway.app.attachments import attachments, bucket_of, prove
from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.secrets import UnknownSecrets
from gateway.config.loader import defaults, load
from gateway.config.settings import StoreSettings
from gateway.core.errors import ConfigError
from gateway.ports.blobs import Blobs
from gateway.testing.loopback import Loopback
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
    await prove(opened(settings, tmp_path), settings.s3)
    assert complete_in(settings.s3.bucket) == []
    assert list(tmp_path.iterdir()) == []  # no folder of attachments either


async def test_a_bucket_that_is_not_there_is_a_fault_of_the_settings(tmp_path):
    """Named like every other: where, what, and what to do."""
    settings = store(bucket="sample-none")
    with pytest.raises(
        ConfigError, match=r"gateway\.toml: store\.s3\.bucket: .*NoSuchBucket.*\(make the bucket"
    ) as caught:
        await prove(opened(settings, tmp_path), settings.s3)
    assert "sample-only" not in str(caught.value)


class Refusing(Loopback):
    """An object store that refuses everything, as S3 words it."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    async def answer(self, request: web.Request) -> web.StreamResponse:
        del request
        said = f"<Error><Code>{self.code}</Code><AWSAccessKeyId>sample</AWSAccessKeyId></Error>"
        return web.Response(status=403, text=said, content_type="application/xml")


@pytest.mark.parametrize(
    ("code", "key", "remedy"),
    [
        ("InvalidAccessKeyId", "access_key", "into env:ACCESS"),
        ("SignatureDoesNotMatch", "secret_key", "into env:SECRET"),
        ("RequestTimeTooSkewed", "endpoint", "clock"),
        ("AuthorizationHeaderMalformed", "region", "us-east-1"),
        ("AccessDenied", "access_key", r"env:ACCESS list, read, write and remove below attachments/"),
    ],
)
async def test_what_an_object_store_refuses_is_told_by_the_setting_that_mends_it(tmp_path, code, key, remedy):
    """Which key, which bucket, where, and what to do; never a secret."""
    async with Refusing(code) as there:
        settings = store(endpoint=there.address, bucket="sample-files")
        with pytest.raises(ConfigError) as caught:
            await prove(opened(settings, tmp_path), settings.s3)
    (problem,) = caught.value.problems
    assert problem.key == f"store.s3.{key}"
    for word in ("sample-files", there.address, f"(403 {code})"):
        assert word in problem.text
    assert remedy in problem.remedy
    assert "sample-only" not in str(caught.value)


async def test_an_object_store_that_does_not_answer_keeps_nobody_from_starting(tmp_path):
    settings = store(endpoint="http://127.0.0.1:9")
    with capture_logs() as logs:
        await prove(opened(settings, tmp_path), settings.s3)
    (told,) = [line for line in logs if line["event"] == "object_store_away"]
    assert (told["bucket"], told["endpoint"]) == (settings.s3.bucket, "http://127.0.0.1:9")


FILES = {
    "gateway.toml": "[server]\nport = 0\n[store]\nreserve = 0\n",
    "routes.toml": '[[route]]\nid = "out"\nsource = "portal"\nto = ["tax"]\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/tax.toml": 'id = "tax"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Thuế"\n',
}
AWAY = {
    "store.s3.bucket": "sample",
    "store.s3.endpoint": "http://127.0.0.1:9",
    "store.s3.access_key": "env:ACCESS",
    "store.s3.secret_key": "env:SECRET",
}


async def until_pressed(session: ClientSession, url: str) -> list[str]:
    """Return what presses, once the gauge has looked; the test's own time ends a wait in vain."""
    while True:
        async with session.get(f"{url}/readyz") as reply:
            assert reply.status == 200
            if pressure := (await reply.json()).get("pressure"):
                return pressure


async def test_while_the_object_store_is_away_files_come_again_and_dossiers_go_on(tmp_path):
    """G1: 503 with Retry-After; nothing else waits for it."""
    for name, text in FILES.items():
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    layout = Layout(tmp_path / "data")
    async with (
        serving(load(tmp_path / "config", overrides=AWAY), layout, secrets=SECRETS) as gateway,
        ClientSession(timeout=ClientTimeout(total=20)) as session,
    ):
        operator = {"Authorization": f"Bearer {layout.operator_key.read_text().strip()}"}
        asked = {"name": "portal", "role": "system"}
        async with session.post(f"{gateway.url}/v1/ops/keys", json=asked, headers=operator) as reply:
            key = {"Authorization": f"Bearer {(await reply.json())['key']}"}
        for size in (10, 2_000_000):
            async with session.post(f"{gateway.url}/v1/files", data=BytesIO(bytes(size)), headers=key) as reply:
                assert (reply.status, (await reply.json())["code"]) == (503, "files.unavailable")
                assert int(reply.headers["Retry-After"]) > 0
        body = {"dossier": {"code": "H52.12-1", "procedure": {"code": "1.001"}, "owner": {"name": {"whole": "Mẫu"}}}}
        async with session.post(f"{gateway.url}/v1/dossiers", json=body, headers=key) as reply:
            assert reply.status == 202
        assert await until_pressed(session, gateway.url) == ["files"]


def test_who_may_not_know_the_secrets_checks_the_rest():
    settings = store(authorities="env:CA")
    assert bucket_of(settings.s3, UnknownSecrets()).authorities is None
    with pytest.raises(ConfigError, match=r"store\.s3\.authorities"):
        bucket_of(settings.s3, SECRETS)
