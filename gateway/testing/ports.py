"""Ports of loopback for processes that begin later."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice
from pathlib import Path

_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")  #: first and last port for those who call out
_LOWEST = 20_000
_FEW = 1000
_SHARES = 16


def free_ports(*names: str) -> dict[str, int]:
    """Return a free loopback port for each name, all held open until all are known.

    None is one that the system gives to who calls out: it could be taken so before its own process begins.
    """
    sockets = [socket.socket() for _ in names]
    candidates = _candidates()
    try:
        for one in sockets:
            _bind(one, candidates)
        return {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    finally:
        for one in sockets:
            one.close()


def free_port() -> int:
    """Return one."""
    return free_ports("one")["one"]


def _candidates() -> Iterator[int]:
    """Yield ports of this process's share; 0, whichever the system likes, where it leaves hardly any to others."""
    yield from islice(_share(os.getpid()), _FEW)
    while True:
        yield 0


@cache
def _share(process: int) -> Iterator[int]:
    """Return the ports that a process gives, in any order, for ever: none again before it has given all others.

    One that is given stays free until its own process binds it, and nobody else may be given it meanwhile. Processes
    whose ids lie side by side share none.
    """
    try:
        first = int(_GIVEN.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        first = 0
    ports = range(_LOWEST + process % _SHARES, first, _SHARES)
    return cycle(secrets.SystemRandom().sample(ports, len(ports)))


def _bind(one: socket.socket, candidates: Iterator[int]) -> None:
    for port in candidates:
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not port:
                raise
        else:
            return
