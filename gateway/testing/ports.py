"""Ports of loopback for processes that begin later."""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")  #: first and last port for those who call out
_LOWEST = 20_000
_FEW = 1000


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
    """Yield ports in any order; 0, whichever the system likes, where it leaves hardly any to others."""
    try:
        first = int(_GIVEN.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        first = 0
    if first - _LOWEST > _FEW:
        yield from secrets.SystemRandom().sample(range(_LOWEST, first), _FEW)
    while True:
        yield 0


def _bind(one: socket.socket, candidates: Iterator[int]) -> None:
    for port in candidates:
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not port:
                raise
        else:
            return
