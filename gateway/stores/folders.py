"""Folders that outlive a power cut: a name, of a file or a folder, is safe once the folder above it is synced."""

from __future__ import annotations

import os
import threading
from itertools import takewhile
from pathlib import Path

_PRIVATE = 0o700


class DurableFolders:
    """Makes folders below a root for their owner alone, syncing no more than must be; for several threads.

    Whoever made a folder may not have synced it yet: only what this process has synced itself counts as safe. The
    names in a folder are new with every file.
    """

    def __init__(self, root: Path) -> None:
        """Make the root. Raises OSError."""
        made = list(takewhile(lambda folder: not folder.exists(), (root, *root.parents)))
        root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        for folder in made:
            fsync(folder.parent)
        self._root = root
        self._safe = {root}
        self._lock = threading.Lock()

    def make(self, folder: Path) -> None:
        """Make a folder, and those above it; one that was here and has gone is no longer safe."""
        with self._lock:
            self._make(folder)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=_PRIVATE)
        except FileExistsError:
            return
        except FileNotFoundError:
            if folder == self._root:
                raise
            self._make(folder.parent)
            folder.mkdir(mode=_PRIVATE, exist_ok=True)
        self._safe.discard(folder)

    def sync(self, folder: Path) -> None:
        """Make the names in a folder durable, and its own as far up as that is not so yet."""
        fsync(folder)
        with self._lock:
            new = list(takewhile(lambda one: one not in self._safe, (folder, *folder.parents)))
        for one in new:
            fsync(one.parent)
        with self._lock:
            self._safe.update(new)


def fsync(path: Path) -> None:
    """Sync a file or a folder to the disk."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
