"""The tests' own guard: nothing leaves this machine."""

import socket

import pytest


def test_refuses_connections_off_this_machine() -> None:
    """A documentation address is refused before a packet leaves."""
    with socket.socket() as client, pytest.raises(PermissionError, match="loopback"):
        client.connect(("192.0.2.1", 80))


def test_does_not_resolve_foreign_names() -> None:
    """A foreign name fails as DNS fails, at once."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("ministry.example", 443)


def test_lets_loopback_through() -> None:
    """A server on this machine can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
