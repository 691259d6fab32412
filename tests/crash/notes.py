"""What a gateway with a fuse has written, read while it runs and after it has died."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_OVER = frozenset({"delivered", "cancelled", "held", "dead"})


class Notes:
    """What the fuse's gateway has written, since it was started."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.accepted: list[str] = []  #: messages, by whichever process since the first
        self.late: set[str] = set()  #: deliveries that one of them settled after it had lost their leases
        self.begin()

    def begin(self) -> None:
        """Forget the process before."""
        self.serving_at = 0.0
        self.died_at = self.stopped_at = ""
        self.node = ""
        self.settled: list[dict[str, Any]] = []
        self.over: set[str] = set()

    def look(self) -> Notes:
        """Read what has come."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._read)
                for raw in file:
                    self._read += len(raw)
                    self._take(json.loads(raw))
        return self

    def _take(self, note: dict[str, Any]) -> None:
        if "serving" in note:
            self.serving_at = note["at"]
        elif "died_at" in note:
            self.died_at = note["died_at"]
        elif "stopped_at" in note:
            self.stopped_at = note["stopped_at"]
        elif "joined" in note:
            self.node = note["joined"]
        elif "accepted" in note:
            self.accepted += note["accepted"]
        else:
            self.settled.append(note)
            if note["late"]:
                self.late.add(note["settled"])
            if note["to"] in _OVER:
                self.over.add(note["settled"])
