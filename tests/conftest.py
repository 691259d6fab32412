"""What all tests share: a repeatable Hypothesis profile, and a network that ends at this machine."""

import ipaddress
import os
import socket
import sys
from typing import Any

from hypothesis import HealthCheck, settings

# A machine that carries other work draws values slowly: that is no fault of what is tested.
settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=1000)

REMOTE = "tests reach loopback addresses only, not {!r}"


def is_loopback(host: str) -> bool:
    """Tell whether a host given as a name or an address is this machine."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in {"", "localhost"}


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def keep_local(event: str, args: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, connections off this machine; other names than localhost do not resolve."""
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if isinstance(address, tuple) and not is_loopback(str(address[0])):
            raise PermissionError(REMOTE.format(address[0]))
    elif event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host and not is_address(host) and not is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, REMOTE.format(host))


def pytest_configure() -> None:
    """Choose the profile (HYPOTHESIS_PROFILE=explore for more examples) and close the network for good."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # what a test starts, curl too, would ask the proxy for what is on this machine
    os.environ.pop("COLUMNS", None)  # pytest-xdist gives its workers 80, and what commands print goes by it
    sys.addaudithook(keep_local)
