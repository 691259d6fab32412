"""The whole path to a partner by SOAP beside the same path by REST: the same dossiers, table and fields."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from bench.config import write
from bench.gateway import Gateway, gateway
from bench.lines import Line, ratio
from bench.run import Run


def soap_path(run: Run) -> Sequence[Line]:
    """Two gateways, each with a sink of its own, in turn."""
    with _relaying(run, "soap") as soap, _relaying(run, "rest") as rest:
        rounds = [(soap.relay(run), rest.relay(run)) for _ in range(run.rounds + 1)]
    return (ratio("soap_path", rounds[1:]),)


@contextmanager
def _relaying(run: Run, by: str) -> Generator[Gateway]:
    with run.peer("sink") as sink:
        config = write(run.folder / by, f"http://127.0.0.1:{sink}", soap=by == "soap")
        with gateway(run, f"{by}_path", config, sink) as found:
            yield found
