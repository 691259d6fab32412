"""What an adapter is made of: one of which nothing has changed is kept, with its sessions and connections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from gateway.config.settings import Configuration, SystemConfig
from gateway.config.sources import texts_in
from gateway.core.errors import ConfigError
from gateway.ports.secrets import Secrets

_LONGEST = 300  #: characters of a text that may name a file


class NotedMappings(Mapping[str, object]):
    """The mapping tables, and which of them somebody has asked for."""

    def __init__(self, tables: Mapping[str, object]) -> None:
        self._tables = tables
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> object:
        found = self._tables[name]
        self.asked.add(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Two adapters of equal recipes are alike."""

    public: str  #: digest of what the configuration says
    private: str  #: digest of what it refers to outside: secrets, certificates; never written down


def recipe(configuration: Configuration, system: SystemConfig, mappings: Iterable[str], secrets: Secrets) -> Recipe:
    """Return what an adapter of this system that uses these mappings is made of."""
    settings = configuration.settings
    public = hashlib.sha256(msgspec.json.encode((system, settings.server.public_url, settings.links)))
    for name in sorted(mappings):
        public.update(msgspec.json.encode((name, configuration.mappings.get(name))))
    named = set(texts_in(system.options))
    for name, raw in _beside(configuration.files, named):
        public.update(f"{name}\0{hashlib.sha256(raw).hexdigest()}\0".encode())
    references = sorted({*_references(system), *settings.links.keys})
    private = hashlib.sha256()
    for part in (*_values(references, secrets), *_outside(Path(configuration.directory), sorted(named))):
        private.update(hashlib.sha256(part).digest())
    return Recipe(public=public.hexdigest(), private=private.hexdigest())


def _references(system: SystemConfig) -> Iterator[str]:
    """Yield what a system's file says of secrets and certificates, wherever it says so."""
    written: object = msgspec.to_builtins(system)
    return (text for text in texts_in(written) if text.startswith(("env:", "file:")))


def _beside(files: Mapping[str, bytes], named: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that options name, and what lies in their folders: a WSDL imports what lies beside it."""
    folders = {folder for name in named if name in files and (folder := str(PurePosixPath(name).parent)) != "."}
    for name, raw in files.items():
        if name in named or str(PurePosixPath(name).parent) in folders:
            yield name, raw


def _values(references: Iterable[str], secrets: Secrets) -> Iterator[bytes]:
    for reference in references:
        try:
            yield f"{reference}\0{secrets.get(reference).reveal()}".encode("utf-8", "surrogateescape")
        except ConfigError:
            yield reference.encode()


def _outside(directory: Path, named: Iterable[str]) -> Iterator[bytes]:
    """Yield what lies elsewhere and is named by options: certificates, mostly."""
    for name in named:
        if name.startswith("/") and len(name) <= _LONGEST and not Path(name).is_relative_to(directory):
            try:
                yield Path(name).read_bytes()
            except (OSError, ValueError):
                continue
