"""The whole path: accept durably, send, record durably; against two proxies that keep nothing (docs/adr/0012)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.config import write
from bench.gateway import RELAYED, gateway
from bench.lines import Line, ratio
from bench.run import Run


def whole_path(run: Run) -> Sequence[Line]:
    """The gateway, the careful proxy and the bare one, in turn."""
    with run.peer("sink") as sink:
        target = f"http://127.0.0.1:{sink}"
        config = write(run.folder, target)
        with (
            gateway(run, "path", config, sink) as ours,
            careful_proxy(run, config, f"{target}/in") as (careful, key),
            run.peer("bare", "--target", f"{target}/in") as bare,
        ):
            rounds = [
                (ours.relay(run), run.press(careful, key, RELAYED), run.press(bare, key, RELAYED))
                for _ in range(run.rounds + 1)
            ]
    return (
        ratio("whole_path", [(ours, careful) for ours, careful, _ in rounds[1:]]),
        ratio("whole_path_bare", [(ours, bare) for ours, _, bare in rounds[1:]]),
    )


@contextmanager
def careful_proxy(run: Run, config: Path, target: str) -> Generator[tuple[int, str]]:
    """Run the careful proxy; yields its port and key."""
    data = run.fresh("careful")
    with run.peer("careful", "--config", config, "--data", data, "--target", target) as port:
        yield port, (data / "key").read_text(encoding="utf-8")
