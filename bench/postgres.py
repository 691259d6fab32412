"""Over PostgreSQL: durable intake and the whole path beside the same peers, and two nodes beside one."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.config import write
from bench.database import database, postmaster, server, watched
from bench.gateway import RELAYED, Gateway, gateway
from bench.intake import doors
from bench.lines import Line, median, ratio
from bench.path import careful_proxy
from bench.processor import Idle, descended_from, seconds, with_word
from bench.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nodes:
    """Gateways over a database of their own."""

    gateway: Gateway
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What a round of relaying took."""

    rate: float
    processor: float  #: seconds per dossier, of gateways and database
    turn: float  #: seconds per dossier that nodes waited for each other
    commit: float  #: … and for the disk
    idle: float  #: processors that nobody used


def postgres(run: Run) -> Sequence[Line]:
    """All in turn, within each round; of half as many dossiers, because five are measured."""
    run = replace(run, requests=max(run.requests // 2, 64))
    with server(run.folder / "postgres") as address, run.peer("sink") as sink:
        target = f"http://127.0.0.1:{sink}"
        config = write(run.folder / "over-postgres", target, postgres=True)
        with (
            doors(run, "storeless", config) as (storeless, storeless_key),
            careful_proxy(run, config, f"{target}/in") as (careful, careful_key),
            _nodes(run, config, sink, address, 1) as one,
            _nodes(run, config, sink, address, 2) as two,
        ):
            intake, path, alone, together = zip(
                *(
                    (
                        (one.gateway.take(run), run.press(storeless, storeless_key, RELAYED)),
                        run.press(careful, careful_key, RELAYED),
                        _relay(run, one),
                        _relay(run, two),
                    )
                    for _ in range(run.rounds + 1)
                ),
                strict=True,
            )
    return (
        ratio("postgres_intake", intake[1:]),
        ratio("postgres_path", [(ours.rate, other) for ours, other in zip(alone[1:], path[1:], strict=True)]),
        *_two_beside_one(alone[1:], together[1:]),
    )


def _two_beside_one(alone: Sequence[_Round], together: Sequence[_Round]) -> Sequence[Line]:
    """Judge the rate where a processor was to spare for a second node, the processor time where none was."""
    rate = ratio("two_nodes_rate", [(two.rate, one.rate) for one, two in zip(alone, together, strict=True)])
    cost = [(two.processor * 1e6, one.processor * 1e6) for one, two in zip(alone, together, strict=True)]
    processor = ratio("two_nodes_processor", cost, " us")
    idle = median("idle_beside_one_node", [one.idle for one in alone], f"of {os.cpu_count()}")
    is_room = idle.value >= 1
    return (
        rate if is_room else _told(rate),
        _told(processor) if is_room else processor,
        idle,
        *(
            median(f"{wait}_wait_{name}", [getattr(one, wait) * 1000 for one in rounds])
            for name, rounds in (("one_node", alone), ("two_nodes", together))
            for wait in ("turn", "commit")
        ),
    )


def _told(line: Line) -> Line:
    """Return a line that is not judged."""
    return replace(line, goal="-", holds=True)


@contextmanager
def _nodes(run: Run, config: Path, sink: int, address: str, count: int) -> Generator[_Nodes]:
    with database(address) as own:
        words = {"GATEWAY_POSTGRES": own}
        with gateway(run, f"nodes-{count}", config, sink, workers=count, environment=words) as served:
            yield _Nodes(gateway=served, database=own)


def _relay(run: Run, nodes: _Nodes) -> _Round:
    processes = [*with_word(str(nodes.gateway.launch.data)), *descended_from(postmaster(nodes.database))]
    before, idle = seconds(processes), Idle.begin()
    with watched(nodes.database) as waits:
        rate = nodes.gateway.relay(run)
        processor = seconds(processes) - before  # the session that watches is its server's child once it has ended
    return _Round(
        rate=rate,
        processor=processor / run.requests,
        turn=waits.turn / run.requests,
        commit=waits.commit / run.requests,
        idle=idle.processors(),
    )
