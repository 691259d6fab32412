"""The address of a server as an operator writes it, judged before anything is sent there for ever in vain."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

ADDRESS = "write http://host:port/path or https://…, without user, password or query"
PLACE = "write http://host:port or https://host, and no more"

_OTHER = re.compile(r"[\s\x00-\x1f\x7f\\?#]")  #: has no place in one; ``urlsplit`` would drop some of it in silence
_SERVER = re.compile(r"\[(?P<v6>[^\[\]@]+)\](?::\d{1,5})?|(?P<name>[^\[\]@:]+)(?::\d{1,5})?")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?")
_LONGEST = 253  #: characters of a name (RFC 1035)
_NUMBER = re.compile(r"[0-9.]*[0-9]")


def is_address(text: str) -> bool:
    """Whether an HTTP client can call it: a scheme, a host or its number, perhaps a port and a path (RFC 3986)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if _OTHER.search(text) or not text.startswith(("http://", "https://")) or port == 0:
        return False
    server = _SERVER.fullmatch(parts.netloc)
    return server is not None and (_is_v6(server["v6"]) if server["v6"] else _is_host(server["name"]))


def is_place(text: str) -> bool:
    """Whether it is an address that has nothing but a scheme, a host and perhaps a port."""
    parts = urlsplit(text) if is_address(text) else None
    return parts is not None and text.removesuffix("/") == f"{parts.scheme}://{parts.netloc}"


def _is_v6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_host(name: str) -> bool:
    """A name of letters, digits and hyphens, a Vietnamese one by its ASCII form; of digits alone, an IPv4 address."""
    try:
        plain = name.lower() if name.isascii() else name.encode("idna").decode()
        if _NUMBER.fullmatch(plain):
            IPv4Address(plain)
    except ValueError:
        return False
    return name.isprintable() and len(plain) <= _LONGEST and _NAME.fullmatch(plain) is not None
