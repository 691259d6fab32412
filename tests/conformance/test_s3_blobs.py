"""Attachments in a bucket of a real S3-compatible server: the contract, and what only a network can do."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from aiohttp import web
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.ports.secrets import Secret
from gateway.stores.s3 import Bucket, BucketUnfit, Patience, S3Blobs
from gateway.stores.s3.signing import address, signature
from gateway.testing.blob_contract import BlobContract, Room, stream
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.loopback import Loopback, without_hops
from gateway.testing.s3 import ask, begun_in, complete_in, empty_bucket, server

MB = 1 << 20
HASTE = Patience(
    connect=timedelta(seconds=1),
    request=timedelta(seconds=1),  # for what is never answered; a busy machine answers in that
    retries=0,
    room=timedelta(milliseconds=50),
    cleaning=timedelta(seconds=1),
)
OUR_KEY = "attachments/{day}/0195c0de-0000-7000-8000-00000000000{number}"


@pytest.fixture
def bucket() -> Bucket:
    return empty_bucket()


@pytest.fixture
def room(bucket: Bucket) -> Room:
    return a_room(bucket)


def a_room(bucket: Bucket, patience: Patience | None = None) -> Room:
    clock = FakeClock(datetime.now(UTC))  # the server's clock is the machine's
    return Room(
        blobs=S3Blobs(bucket, clock=clock, ids=FakeIds(), patience=patience or Patience()),
        clock=clock,
        complete=lambda: complete_in(bucket.name),
        begun=lambda: begun_in(bucket.name),
    )


class TestS3Blobs(BlobContract):
    """Every behaviour of every store of files."""


class Between(Loopback):
    """Stands before the server, and answers some requests in its place."""

    def __init__(self, meant: str = "", status: int = 0, *, carries_out: bool = False) -> None:
        """``meant`` is in the method and path of such requests; ``status`` is their answer, 0: none ever."""
        super().__init__()
        self.meant, self.status, self.carries_out = meant, status, carries_out
        self.seen: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        is_meant = bool(self.meant) and self.meant in f"{request.method} {request.path_qs}"
        if not is_meant or self.carries_out:
            url, headers = f"{server()}{request.raw_path}", without_hops(request.headers)
            passed = await self.pass_on(request, url, await request.read(), headers)
            if not is_meant:
                return web.Response(status=passed.status, headers=passed.headers, body=passed.body)
        if not self.status:
            await asyncio.Event().wait()
        return web.Response(status=self.status)


def large() -> AsyncIterator[bytes]:
    return stream(*[b"x" * MB] * 7)


def small() -> AsyncIterator[bytes]:
    return stream(b"small")


@pytest.mark.parametrize(
    ("source", "meant", "status", "carries_out"),
    [
        (small, "PUT", 500, False),
        (small, "PUT", 0, True),
        (large, "POST", 0, False),  # not even begun
        (large, "PUT", 403, False),  # a part
        (large, "?uploadId=", 500, True),  # complete, and the answer to that is lost
    ],
)
async def test_what_is_not_acknowledged_is_not_there(bucket: Bucket, source, meant, status, carries_out) -> None:
    """G1: refused, unanswered, or carried out without a word: it may be repeated, and nothing is left of it."""
    async with Between(meant, status, carries_out=carries_out) as between:
        room = a_room(replace(bucket, endpoint=between.address), HASTE)
        with pytest.raises(StoreUnavailable):
            await room.put(source())
    assert room.complete() == []


async def test_a_full_object_store_is_said_to_be_full(bucket: Bucket) -> None:
    """The sender hears of no room, not of an outage."""
    async with Between("PUT", 507) as between:
        with pytest.raises(StoreFull):
            await a_room(replace(bucket, endpoint=between.address), HASTE).put(stream(b"x"))


@pytest.mark.parametrize("status", [500, 404, 0])
async def test_a_file_that_cannot_be_read_now_is_not_held_for_lost(bucket: Bucket, status: int) -> None:
    """G2: not FileNotFoundError, the relay comes again; also where it breaks off in the middle.

    Only the object store's own word for it says that a file is lost, not that of whoever stands before it.
    """
    blob = await a_room(bucket).put(large())
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        await a_room(replace(bucket, name="sample-none")).read(blob)
    async with Between("GET", status) as between:
        room = a_room(replace(bucket, endpoint=between.address), HASTE)
        with pytest.raises(StoreUnavailable):
            await room.read(blob)
        between.meant = ""
        async with room.blobs.open(blob) as chunks:
            assert len(await anext(chunks)) == MB
            between.meant = "GET"
            with pytest.raises(StoreUnavailable):
                await anext(chunks)


async def test_what_a_killed_gateway_had_begun_is_given_up_and_strangers_are_left_alone(bucket: Bucket) -> None:
    """Below the prefix only what has a key of ours, and is old by that."""
    room = a_room(bucket)
    today, long_ago = f"{room.clock.now():%Y/%m/%d}", "2025/01/31"
    old, young = (OUR_KEY.format(day=day, number=1) for day in (long_ago, today))
    others = [f"{long_ago}/someone", "attachments/readme.txt", f"attachments/{long_ago}/x", old.replace("-0000", "")]
    for key in (old, young, *others):
        ask("POST", f"{bucket.name}/{key}?uploads", b"")
    for key in others:
        ask("PUT", f"{bucket.name}/{key}", b"theirs")

    async def keeps(_: Collection[str]) -> Collection[str]:
        return ()

    assert await room.blobs.sweep(older_than=timedelta(hours=24), kept=keeps) == 1
    assert sorted(room.begun()) == sorted((young, *others))
    assert sorted(room.complete()) == sorted(others)


async def test_a_bucket_is_proved_by_use_and_that_leaves_nothing(bucket: Bucket) -> None:
    """What cannot work is told from what does not work now."""
    room = a_room(bucket)
    assert isinstance(room.blobs, S3Blobs)
    await room.blobs.prove()
    assert room.complete() == []
    with pytest.raises(BucketUnfit, match="NoSuchBucket"):
        await _blobs(replace(bucket, name="sample-none"), Patience()).prove()
    with pytest.raises(StoreUnavailable, match="no answer"):
        await _blobs(replace(bucket, endpoint="http://127.0.0.1:9")).prove()
    async with Between("PUT", 403) as between:
        with pytest.raises(BucketUnfit, match="403"):
            await _blobs(replace(bucket, endpoint=between.address)).prove()


async def test_one_that_answers_nothing_is_left_after_the_time_of_one_request(bucket: Bucket):
    """Who repeats what was waited for in vain keeps an upload waiting until its caller has long given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = replace(bucket, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        brief = Patience(request=timedelta(seconds=1), retries=2, cleaning=timedelta(milliseconds=100))
        began = monotonic()
        with pytest.raises(StoreUnavailable):
            await _blobs(hangs, brief).put(stream(b"%PDF"), name="a", content_type="application/pdf", limit=MB)
    assert monotonic() < began + 2


async def test_one_that_answers_nothing_keeps_nobody_from_starting_for_long(bucket: Bucket):
    """G11: `serve --workers` gives each a minute; what is waited for in the middle of a day is another thing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = replace(bucket, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = monotonic()
        with pytest.raises(StoreUnavailable, match="answers nothing"):
            await _blobs(hangs, Patience(proof=timedelta(milliseconds=200))).prove()
    assert monotonic() < began + 2
    assert Patience().proof < timedelta(seconds=30)


def _blobs(bucket: Bucket, patience: Patience = HASTE) -> S3Blobs:
    return S3Blobs(bucket, clock=FakeClock(), ids=FakeIds(), patience=patience)


async def test_large_files_wait_for_a_place_for_a_while(bucket: Bucket) -> None:
    """Each holds memory: one more than there are places is refused for now, and small ones pass."""
    brief = Patience(room=timedelta(milliseconds=50))  # for a place alone: a busy machine answers twelve in its time
    room, going_on = a_room(bucket, brief), asyncio.Event()
    begun = asyncio.Semaphore(0)

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * (MB + 1)
        begun.release()
        await going_on.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(12):
            group.create_task(room.put(slow()))
        for _ in range(12):
            await begun.acquire()
        with pytest.raises(StoreUnavailable, match="too many large files"):
            await room.put(large())
        await room.put(stream(b"small"))
        going_on.set()
    await room.put(large())
    assert len(room.complete()) == 14


async def test_the_environment_says_nothing_about_the_bucket(bucket: Bucket, monkeypatch) -> None:
    """The settings alone do: not what a machine's administrator uses for other programs, nor a proxy."""
    for name, value in {
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_SESSION_TOKEN": "strange",
        "AWS_ACCESS_KEY_ID": "strange",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    async with Between() as between:
        await a_room(replace(bucket, endpoint=between.address), HASTE).put(stream(b"x"))
    (request,) = between.seen
    assert "Credential=sample/" in request.headers["Authorization"]
    assert "x-amz-security-token" not in request.headers
    assert request.headers["x-amz-checksum-sha256"]


@pytest.mark.parametrize("upload", ["abc", "a+b/c=~é &"])
def test_requests_of_our_own_are_signed_as_amazons_client_signs_them(upload: str) -> None:
    """botocore is the model."""
    bucket = Bucket(
        name="sample",
        endpoint="https://s3.example:9000/",
        region="ap-southeast-1",
        prefix="a",
        access_key=Secret("AKID"),
        secret_key=Secret("sample-only"),
    )
    url = address(bucket, "a/2026/03/02/x y", {"uploadId": upload, "prefix": "a/"})
    at = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
    model = AWSRequest(method="DELETE", url=url, headers={})
    model.context["timestamp"] = f"{at:%Y%m%dT%H%M%SZ}"
    signer = S3SigV4Auth(Credentials("AKID", "sample-only"), "s3", "ap-southeast-1")
    ours = signature("DELETE", url, bucket, at)
    model.headers["X-Amz-Date"] = ours["x-amz-date"]
    model.headers["X-Amz-Content-SHA256"] = ours["x-amz-content-sha256"]
    asked = signer.canonical_request(model)
    proof = signer.signature(signer.string_to_sign(model, asked), model)
    assert ours["Authorization"].endswith(f"Signature={proof}")


@pytest.mark.slow
async def test_a_large_file_passes_in_little_memory(room: Room) -> None:
    """30 MB in and out grow the process by two parts and little more."""
    chunk = b"x" * 65536

    async def much() -> AsyncIterator[bytes]:
        for _ in range(480):
            yield chunk

    await room.put(stream(chunk))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blob = await room.put(much())
    size = 0
    async with room.blobs.open(blob) as chunks:
        async for piece in chunks:
            size += len(piece)
    assert size == blob.size == 480 * 65536
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024
