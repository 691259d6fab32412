"""How much memory the gateway has: while large files come in, while many come at once, and in the demo."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.config import write
from bench.lines import Line, line
from bench.load import dossier, post, press
from bench.processor import with_word
from bench.run import Run
from tools.gateway_process import ROOT, Launch, new_key, serving

_UPLOAD = 100_000_000
_AT_ONCE = 500  #: requests of a burst


def uploads(run: Run) -> Sequence[Line]:
    """How much the gateway grows by while files of 100 MB come in."""
    launch = Launch(config=write(run.folder, "http://127.0.0.1:9"), data=run.fresh("uploads"))
    with serving(launch) as port:
        key = new_key(launch, port, "portal")
        _upload(port, key, 1_000_000)
        before = _memory(launch, "VmRSS")
        grown: list[float] = []
        for _ in range(3):
            _upload(port, key, _UPLOAD)
            grown.append((_memory(launch, "VmHWM") - before) / 1e6)
    return (line("upload_growth", max(grown), f"{min(grown):.1f}..{max(grown):.1f}"),)


def burst(run: Run) -> Sequence[Line]:
    """The gateway's highest resident memory while 500 files, then 500 dossiers, of 100 KB come in at once."""
    launch = Launch(config=write(run.folder, "http://127.0.0.1:9"), data=run.fresh("burst"))
    with serving(launch) as port:
        headers = {"Authorization": f"Bearer {new_key(launch, port, 'portal')}", "Content-Type": "application/json"}
        files = [post("/v1/files", secrets.token_bytes(100_000), headers) for _ in range(_AT_ONCE)]
        large = [dossier(number, "burst", procedure="1.2001", sentences=1200) for number in range(_AT_ONCE)]
        for made in (files, [post("/v1/dossiers", body, headers) for body in large]):
            load = asyncio.run(press("127.0.0.1", port, made, connections=_AT_ONCE))
            if load.failed:
                raise RuntimeError(f"{load.failed} of {_AT_ONCE} requests failed")
        highest = _memory(launch, "VmHWM") / 1e6
    return (line("burst_memory", highest, "1 run"),)


def demo(_: Run) -> Sequence[Line]:
    """The gateway's highest resident memory in the demo."""
    command = [sys.executable, str(ROOT / "run_gateway.py"), "demo", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"the demo failed: {done.stderr.decode(errors='replace')[-500:]}")
    return (line("demo_memory", json.loads(done.stdout.splitlines()[-1])["memory"] / 1e6, "1 run"),)


def _memory(launch: Launch, field: str) -> int:
    """Return a field of the status of the gateway that serves over a folder, in bytes. Raises OSError, RuntimeError."""
    found = with_word(str(launch.data))
    if not found:
        raise RuntimeError(f"no gateway serves over {launch.data}")
    status = Path(f"/proc/{found[0]}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith(f"{field}:"))


def _upload(port: int, key: str, size: int) -> None:
    def chunks() -> Iterator[bytes]:
        chunk = bytes(1 << 16)
        left = size
        while left > 0:
            yield chunk[: min(left, len(chunk))]
            left -= len(chunk)

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/pdf", "X-File-Name": "sample.pdf"}
    connection.request("POST", "/v1/files", chunks(), {**headers, "Content-Length": str(size)})
    reply = connection.getresponse()
    answer = reply.read()
    connection.close()
    if reply.status != http.client.CREATED:
        raise RuntimeError(f"an upload was answered with {reply.status}: {answer[:300]!r}")
