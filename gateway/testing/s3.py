"""A real S3-compatible server for tests: moto's, in a process of its own on loopback, one per process of a test run."""

from __future__ import annotations

import atexit
import secrets
import subprocess
import sys
from functools import cache
from urllib.request import Request, urlopen

from gateway.ports.secrets import Secret
from gateway.stores.s3 import Bucket
from gateway.wire.xml import parse

_LIMIT = 10.0  #: seconds for one answer, and for its end
#: Serves until its input ends: with whoever started it, however that ends.
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@cache
def server() -> str:
    """Return the address of a running server; raises OSError where none can be had."""
    process = subprocess.Popen(  # noqa: S603 - a text of our own
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    if process.stdout is None or not (line := process.stdout.readline()):
        raise OSError("the S3-compatible server did not start")
    atexit.register(process.communicate, timeout=_LIMIT)  # ends its input, and waits for its end
    host, port = line.decode().split()
    return f"http://{host}:{port}"


def empty_bucket() -> Bucket:
    """Make a bucket that nobody else uses."""
    name = f"sample-{secrets.token_hex(6)}"
    ask("PUT", name)
    return Bucket(
        name=name,
        endpoint=server(),
        region="us-east-1",
        prefix="attachments",
        access_key=Secret("sample"),
        secret_key=Secret("sample-only"),
    )


def complete_in(bucket: str) -> list[str]:
    """Return the keys of the objects in a bucket."""
    return _keys(ask("GET", f"{bucket}?list-type=2"), "Contents")


def begun_in(bucket: str) -> list[str]:
    """Return the keys of the uploads in parts that are not ended."""
    return _keys(ask("GET", f"{bucket}?uploads"), "Upload")


def _keys(listed: bytes, element: str) -> list[str]:
    return [node.text or "" for node in parse(listed).iterfind(f"{{*}}{element}/{{*}}Key")]


def ask(method: str, path: str, body: bytes | None = None) -> bytes:
    """Return what the server itself answers."""
    request = Request(f"{server()}/{path}", method=method, data=body)  # noqa: S310 - loopback
    with urlopen(request, timeout=_LIMIT) as reply:  # noqa: S310 - loopback
        return bytes(reply.read())
