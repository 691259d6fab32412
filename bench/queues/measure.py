"""The whole path of the gateway beside that of each queue: accepted on disk, sent to the sink, its end recorded."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Sequence
from dataclasses import replace

from bench.config import write
from bench.gateway import RELAYED, Gateway, gateway
from bench.lines import Line, ratio, unmeasured
from bench.queues.install import NotInstalled
from bench.queues.stacks import STACKS, Stack
from bench.run import Run, patiently

_SHARE = 6  #: of our dossiers: so each is at work for seconds
_ROUNDS = 3
_WITHIN = 300.0  #: seconds


def queues(run: Run) -> Sequence[Line]:
    """Each queue in turn, the gateway beside it in every round."""
    with run.peer("sink") as sink:
        target = f"http://127.0.0.1:{sink}"
        with gateway(run, "beside-queues", write(run.folder, target), sink) as ours:
            return [_beside(run, ours, stack, f"{target}/in") for stack in STACKS]


def _beside(run: Run, ours: Gateway, stack: Stack, target: str) -> Line:
    name = f"beside_{stack.name}"
    small = replace(run, requests=max(run.requests // _SHARE, 64), rounds=min(run.rounds, _ROUNDS))
    try:
        stack.install()
        with stack.running(run, target) as port:
            pairs = [
                (ours.relay(run), _relay(small, port, number * small.requests)) for number in range(1, small.rounds + 2)
            ]
    except (NotInstalled, RuntimeError) as problem:
        return unmeasured(name, str(problem))
    return ratio(name, pairs[1:])


def _relay(run: Run, port: int, done: int) -> float:
    """Send a round and wait until so many are done in all; return dossiers per second."""
    started = time.perf_counter()
    run.press(port, "none", RELAYED)
    for _ in patiently(_WITHIN):
        if _done(port) >= done:
            return run.requests / (time.perf_counter() - started)
    raise RuntimeError(f"only {_done(port)} of {done} were done; its logs are in {run.folder}")


def _done(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/done", timeout=30) as answer:
        return int(answer.read())
