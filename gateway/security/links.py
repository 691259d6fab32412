"""Links to files that open without a key for a while: for partners that download from us instead of being sent bytes.

A link names its file, the system that it was made for and its end, signed with HMAC-SHA256. The first key signs and
every key opens: a new one is put in front, and the old one is dropped once the last link that it signed has ended.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.core.ids import FileId, SystemId
from gateway.ports.secrets import Secret

LINK_PATH = "/v1/links/"
SHORTEST_KEY = 32  #: characters

_PURPOSE = "file-link:1:"
_TOKEN = re.compile(
    r"(?P<file>[A-Za-z0-9_-]{1,64})\.(?P<system>[a-z][a-z0-9_]{1,40})\.(?P<end>[0-9]{1,11})\.(?P<mac>[A-Za-z0-9_-]{43})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a link of ours opens."""

    file: FileId
    system: SystemId
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLinks:
    """Makes links and reads them; without a key it does neither."""

    keys: Sequence[Secret] = field(default=(), repr=False)
    lifetime: timedelta = timedelta(days=7)

    @property
    def ready(self) -> bool:
        """Whether there is a key to sign with."""
        return bool(self.keys)

    def path(self, file: FileId, system: SystemId, now: datetime) -> str:
        """Return the path of a link that lives for one lifetime at least and two at most.

        Ends are the same for a whole lifetime, so that what is sent again is as it was. Raises ValueError where there
        is no key.
        """
        if not self.keys:
            raise ValueError("links need a key: set links.keys in gateway.toml")
        said = f"{file}.{system}.{self._end(now)}"
        return f"{LINK_PATH}{said}.{_mac(self.keys[0], said)}"

    def read(self, token: str) -> Grant | None:
        """Return what a link opens, or opened until it ended; None where it is none of ours."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        said, _, mac = token.rpartition(".")
        genuine = [hmac.compare_digest(mac, _mac(key, said)) for key in self.keys]
        if not any(genuine):
            return None
        ends_at = datetime.fromtimestamp(int(match["end"]), UTC)
        return Grant(file=FileId(match["file"]), system=SystemId(match["system"]), ends_at=ends_at)

    def _end(self, now: datetime) -> int:
        length = max(1, int(self.lifetime.total_seconds()))
        return (int(now.timestamp()) // length + 2) * length


NO_LINKS = FileLinks()


def _mac(key: Secret, said: str) -> str:
    made = hmac.digest(key.reveal().encode(), (_PURPOSE + said).encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
