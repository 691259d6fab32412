"""Every configuration that was ever in force, kept as files: what is in doubt is sent by the one that it was sent by.

Beside each folder of files lies a manifest with their digests, written last: what has none, or does not fit it, is not
there. Secrets are never kept; each version refers to them where they are. Several workers may share the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from gateway.app.layout import write_whole
from gateway.config.loader import examine
from gateway.config.settings import Configuration
from gateway.core.ids import SystemId
from gateway.stores.folders import fsync

_FOLDER = 0o700


class Manifest(Struct, frozen=True, kw_only=True):
    """What a kept version consists of."""

    version: str
    files: dict[str, str]  #: SHA-256 by name
    overrides: dict[str, str]  #: ``--set`` keys and texts
    systems: dict[SystemId, str]  #: what each system's adapter was made of, as a digest


class Versions:
    """The kept versions in a folder. Its methods read and write files: call them from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, version: str) -> Path:
        """Return the folder of a version's files."""
        return self._folder / version

    def keep(self, configuration: Configuration, systems: Mapping[SystemId, str]) -> None:
        """Keep a version durably, once; a copy that was damaged is made anew. Raises OSError."""
        manifest = Manifest(
            version=configuration.version,
            files={name: _digest(raw) for name, raw in configuration.files.items()},
            overrides=configuration.overrides,
            systems=dict(systems),
        )
        with self._alone():
            if self.manifest(manifest.version) == manifest and self.files(manifest) is not None:
                return
            self._write(configuration)
            sheet = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            write_whole(self._sheet(manifest.version), sheet.decode())
            fsync(self._folder)

    def mark(self, version: str) -> None:
        """Note which version is in force here. Raises OSError.

        Nothing is synced: it is for workers that come back, and after a power cut none does.
        """
        draft = self._mark.with_name(f"{self._mark.name}.{os.getpid()}")
        draft.write_text(version, encoding="ascii")
        draft.replace(self._mark)

    def forget_mark(self) -> None:
        """Note that none is in force yet."""
        self._mark.unlink(missing_ok=True)

    def in_force(self, directory: Path, overrides: Mapping[str, str]) -> Configuration | None:
        """Return the version that is in force here as one of this directory; None where none is, or it is not whole."""
        try:
            version = self._mark.read_text(encoding="ascii")
        except OSError:
            return None
        manifest = self.manifest(version)
        if manifest is None or self.files(manifest) is None:
            return None
        found, problems = examine(self.place(version), overrides=overrides)
        return None if problems or found.version != version else structs.replace(found, directory=str(directory))

    def manifest(self, version: str) -> Manifest | None:
        """Return what a version consists of; None where it was never kept."""
        try:
            return msgspec.json.decode(self._sheet(version).read_bytes(), type=Manifest)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def files(self, manifest: Manifest) -> dict[str, bytes] | None:
        """Return a version's files as they were; None where one of them is missing or was changed."""
        place = self.place(manifest.version)
        try:
            found = {name: (place / name).read_bytes() for name in manifest.files}
        except OSError:
            return None
        return found if {name: _digest(raw) for name, raw in found.items()} == manifest.files else None

    def configuration(self, version: str) -> Configuration | None:
        """Return a version as it was in force; None where it cannot be had any more."""
        manifest = self.manifest(version)
        if manifest is None or self.files(manifest) is None:
            return None
        found, problems = examine(self.place(version), overrides=manifest.overrides)
        return None if problems else found

    @property
    def _mark(self) -> Path:
        return self._folder / ".in-force"

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Wait for others that keep a version in the same folder."""
        self._folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        handle = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, configuration: Configuration) -> None:
        place = self.place(configuration.version)
        draft = self._folder / ".draft"  # there is one at a time: what is left of it is of somebody who was killed
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=_FOLDER)
        for name, raw in configuration.files.items():
            _put(draft / name, raw)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)

    def _sheet(self, version: str) -> Path:
        return self._folder / f"{version}.json"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _put(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
