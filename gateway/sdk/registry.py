"""From a system's file to its adapter: ``rest``, ``soap``, ``webhook``, ``feed``, or one that somebody wrote.

A written adapter is a folder ``adapters/<name>`` with an ``adapter.py``, or a distribution that announces a module in
the entry-point group ``gateway.adapters``; either has ``build(config, context) -> Adapter``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TypeAlias

from gateway.config.settings import SystemConfig
from gateway.config.sources import file_of
from gateway.core.errors import ConfigError, Problem
from gateway.exchange.guard import class_of, contained, place_of
from gateway.ports.adapter import Adapter
from gateway.sdk.feed import FeedAdapter
from gateway.sdk.link import Context
from gateway.sdk.rest import build_rest
from gateway.sdk.soap import build_soap
from gateway.sdk.webhook import build_webhook

GROUP = "gateway.adapters"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")

Builder: TypeAlias = Callable[[SystemConfig, Context], Adapter]


def _build_feed(_: SystemConfig, __: Context) -> Adapter:
    return FeedAdapter()


_BUILT_IN: Mapping[str, Builder] = MappingProxyType(
    {"rest": build_rest, "soap": build_soap, "webhook": build_webhook, "feed": _build_feed}
)


def build(config: SystemConfig, context: Context) -> Adapter:
    """Return the adapter of one system; raises ConfigError with every problem of its files.

    What it needs at run time (connections, WSDL) is loaded by its ``open``, where it has one.
    """
    builder = _BUILT_IN.get(config.adapter)
    return builder(config, context) if builder else _by_written_code(config, context)


@contextmanager
def written_code(config: SystemConfig, done: str) -> Generator[None]:
    """Run what somebody wrote; whatever it raises is a problem of that system, and of no other.

    ``done`` says what cannot be done then. A ConfigError is told as it is. Of anything else class and place are told,
    not the text: it may hold a secret.
    """
    try:
        with contained():
            yield
    except Exception as bug:
        if isinstance(bug, ConfigError) and bug.problems:
            raise
        raise ConfigError(_faulty(config, f"cannot be {done}: {_told(bug)}")) from bug


def _by_written_code(config: SystemConfig, context: Context) -> Adapter:
    with written_code(config, "imported"):
        module = _written(config)
    if module is None:
        raise ConfigError(_unknown(config))
    builder = getattr(module, "build", None)
    if not callable(builder):
        raise ConfigError(_faulty(config, "has no build(config, context)"))
    with written_code(config, "built"):
        adapter = builder(config, context)
    if isinstance(adapter, type) or not isinstance(adapter, Adapter):
        made = f"the class {adapter.__name__}" if isinstance(adapter, type) else type(adapter).__name__
        raise ConfigError(_faulty(config, f"is none: its build returns {made}, which cannot send"))
    return adapter


def _told(bug: Exception) -> str:
    """Return class and place of what code raised; Python's own word of what it cannot find or read is no secret."""
    if isinstance(bug, SyntaxError):
        return f"{class_of(bug)} at {bug.filename}:{bug.lineno}"
    missed = f" of {bug.name}" if isinstance(bug, ModuleNotFoundError) and bug.name else ""
    return f"{class_of(bug)}{missed} at {place_of(bug)}"


def _written(config: SystemConfig) -> object:
    """Return the module of an adapter that somebody wrote, or None; raises what importing it raises."""
    return (_folder(config.adapter) or _announced(config)) if _NAME.fullmatch(config.adapter) else None


def _folder(name: str) -> object:
    module = f"adapters.{name}.adapter"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name in {"adapters", f"adapters.{name}", module}:
            return None
        raise


def _announced(config: SystemConfig) -> object:
    found = {point.value: point for point in entry_points(group=GROUP, name=config.adapter)}
    if len(found) > 1:
        text, remedy = f"is announced more than once: {', '.join(sorted(found))}", "uninstall all but one"
        raise ConfigError(_faulty(config, text, remedy))
    return next((point.load() for point in found.values()), None)


def _unknown(config: SystemConfig) -> Problem:
    known = ", ".join(sorted(_BUILT_IN))
    return Problem(
        file=file_of(config.id),
        key="adapter",
        text=f"the adapter `{config.adapter}` is not installed",
        remedy=f"use {known}, or add adapters/{config.adapter}/adapter.py",
    )


def _faulty(config: SystemConfig, text: str, remedy: str = "correct its code (adapters/README.md)") -> Problem:
    return Problem(
        file=file_of(config.id),
        key="adapter",
        text=f"the adapter `{config.adapter}` {text}",
        remedy=remedy,
    )
