"""Where everything lies in the data folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PRIVATE = 0o600
_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Layout:
    """The data folder of one gateway: what must be backed up, and what helps the command line."""

    root: Path
    kept: Path | None = None  #: the folder of configurations, where several workers of one machine share it

    @property
    def database(self) -> Path:
        """Return the store's file."""
        return self.root / "gateway.db"

    @property
    def lock(self) -> Path:
        """Return the lock that a serving gateway holds."""
        return self.root / "gateway.lock"

    @property
    def mark(self) -> Path:
        """Return the file that tells a database that was put back."""
        return self.root / "gateway.mark"

    def blobs(self, chosen: str) -> Path:
        """Return the folder of attachments: the chosen one, or where it lies by itself."""
        return self.root / (chosen or "blobs")

    @property
    def ballast(self) -> Path:
        """Return the file that holds disk space in reserve."""
        return self.root / "ballast"

    @property
    def configurations(self) -> Path:
        """Return the folder of all configurations that were ever in force."""
        return self.kept or self.root / "config"

    @property
    def logs(self) -> Path:
        """Return the folder of log files."""
        return self.root / "log"

    @property
    def operator_key(self) -> Path:
        """Return the key with which the command line on this machine speaks to the serving gateway."""
        return self.root / "operator.key"

    @property
    def session_key(self) -> Path:
        """Return the key that seals the sessions of the plug-in door."""
        return self.root / "session.key"

    @property
    def address(self) -> Path:
        """Return the file that says where the gateway serves."""
        return self.root / "gateway.url"

    def prepare(self) -> None:
        """Make the folder; other users cannot read it."""
        self.root.mkdir(mode=_FOLDER, parents=True, exist_ok=True)

    def announce(self, url: str) -> None:
        """Say where the gateway serves."""
        write_whole(self.address, f"{url}\n")


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner may read, whole or not at all."""
    write_whole(path, text, mode=_PRIVATE)


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a small file so that a reader sees the old or the new one, never half of it.

    Raises OSError that names a file, whichever step it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        error.filename = error.filename or str(path)
        raise
