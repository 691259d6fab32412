"""Counters, gauges and distributions in memory, rendered as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_BYTES = tuple(float(1 << power) for power in range(8, 30, 2))


@dataclass(slots=True)
class _Distribution:
    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list[int])
    total: float = 0.0

    def add(self, value: float) -> None:
        if not self.counts:
            self.counts = [0] * (len(self.bounds) + 1)
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class MemoryMetrics:
    """Implements ``ports.metrics.Metrics``; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[tuple[str, Labels], float] = {}
        self._gauges: dict[tuple[str, Labels], float] = {}
        self._distributions: dict[tuple[str, Labels], _Distribution] = {}

    def count(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter."""
        key = (name, _sorted(labels))
        with self._lock:
            self._counters[key] = self._counters.get(key, 0) + value

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        with self._lock:
            self._gauges[name, _sorted(labels)] = value

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Record one measurement; names that end in ``_bytes`` get buckets for bytes, others for seconds."""
        key = (name, _sorted(labels))
        with self._lock:
            found = self._distributions.get(key)
            if found is None:
                found = self._distributions[key] = _Distribution(_BYTES if name.endswith("_bytes") else _SECONDS)
            found.add(value)

    def value(self, name: str, **labels: str) -> float:
        """Return a counter or a gauge, 0 where nothing was counted or set."""
        key = (name, _sorted(labels))
        with self._lock:
            return self._counters.get(key, self._gauges.get(key, 0))

    def render(self) -> str:
        """Return everything as Prometheus text."""
        with self._lock:
            lines = [
                *_lines(self._counters, "counter"),
                *_lines(self._gauges, "gauge"),
                *_distribution_lines(self._distributions),
            ]
        return "\n".join(lines) + "\n" if lines else ""


def _sorted(labels: dict[str, str]) -> Labels:
    items = tuple(labels.items())
    return items if len(items) == 1 else tuple(sorted(items))


def _lines(values: dict[tuple[str, Labels], float], sort: str) -> Iterator[str]:
    last = ""
    for (name, labels), value in sorted(values.items()):
        if name != last:
            yield f"# TYPE {name} {sort}"
            last = name
        yield f"{name}{_text(labels)} {value:.15g}"


def _distribution_lines(distributions: dict[tuple[str, Labels], _Distribution]) -> Iterator[str]:
    last = ""
    for (name, labels), found in sorted(distributions.items(), key=lambda item: item[0]):
        if name != last:
            yield f"# TYPE {name} histogram"
            last = name
        running = 0
        for bound, count in zip((*map("{:g}".format, found.bounds), "+Inf"), found.counts, strict=True):
            running += count
            yield f"{name}_bucket{_text((*labels, ('le', bound)))} {running}"
        yield f"{name}_sum{_text(labels)} {found.total:g}"
        yield f"{name}_count{_text(labels)} {running}"


def _text(labels: Labels) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
