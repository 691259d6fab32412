"""A gateway in processes of its own, as it is served, that is given rounds of dossiers."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.run import Run, await_delivered, patiently
from tools.gateway_process import Launch, new_key, serving

KEPT = "1.2001"  #: a procedure that nobody is called for
RELAYED = "1.1001"  #: one that the partner is called for


@dataclass(slots=True, kw_only=True)
class Gateway:
    """One that runs, its portal's key, and the port of the sink that is its partner."""

    launch: Launch
    port: int
    key: str
    sink: int
    _delivered: int = field(default=0, init=False)

    def take(self, run: Run) -> float:
        """Send a round that is kept only; return dossiers per second."""
        return run.press(self.port, self.key, KEPT)

    def relay(self, run: Run) -> float:
        """Send a round and wait until the gateway's own books say that it is delivered; return dossiers per second."""
        before = _taken(self.sink)
        started = time.perf_counter()
        run.press(self.port, self.key, RELAYED)
        for _ in patiently(120):  # the sink is asked first: it costs the gateway nothing
            if _taken(self.sink) >= before + run.requests:
                break
        self._delivered += run.requests
        await_delivered(self.launch, self.port, self._delivered)
        return run.requests / (time.perf_counter() - started)


def _taken(sink: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{sink}/taken", timeout=10) as answer:
        return int(answer.read())


@contextmanager
def gateway(
    run: Run, name: str, config: Path, sink: int, *, workers: int = 1, environment: Mapping[str, str] | None = None
) -> Generator[Gateway]:
    """Serve over an empty folder of this name while the context lasts."""
    launch = Launch(config=config, data=run.fresh(name), workers=workers, environment=environment or {})
    with serving(launch) as port:
        yield Gateway(launch=launch, port=port, key=new_key(launch, port, "portal"), sink=sink)
