"""Secrets from the environment and from files, read when they are asked for, so that a rotation needs no restart."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secret, Withheld

_LIMIT = 64 * 1024  #: bytes of one secret
_PLACEHOLDER = "whsec_" + "A" * 43 + "="


class LocalSecrets:
    """``env:NAME`` and ``file:/path`` (relative to the configuration directory); a file's last line end is dropped."""

    def __init__(self, directory: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._directory = directory
        self._environment = environment

    def get(self, reference: str) -> Secret:
        """Return the secret behind the reference; raises ConfigError with the remedy."""
        scheme, _, place = reference.partition(":")
        if scheme == "env" and place:
            return self._from_environment(place)
        if scheme == "file" and place:
            return self._from_file(self._directory / place)
        raise _problem(reference, "this is no reference to a secret", "write env:NAME or file:/path")

    def _from_environment(self, name: str) -> Secret:
        value = self._environment.get(name, "")
        if not value:
            raise _problem(f"env:{name}", "the variable is not set", f"set {name} for the gateway's process")
        return Secret(value)

    def _from_file(self, path: Path) -> Secret:
        try:
            with path.open("rb") as file:
                raw = file.read(_LIMIT + 1)
            value = raw.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")  # an editor's mark is no part of it
        except OSError as problem:
            text = f"the file cannot be read: {problem.strerror}"
            raise _problem(f"file:{path}", text, "put it there, and let the gateway's user read it") from problem
        except UnicodeDecodeError as problem:
            raise _problem(f"file:{path}", "the file is not UTF-8", "save it as UTF-8") from problem
        if not value or len(raw) > _LIMIT:
            raise _problem(f"file:{path}", "the file is empty or larger than 64 KiB", "put one secret into it")
        return Secret(value)


class UnknownSecrets:
    """Stands in for every secret where nothing is sent: on a machine that must not know them."""

    def get(self, reference: str) -> Secret:
        """Return a value of the right shape for a signing key, too."""
        del reference
        return Withheld(_PLACEHOLDER)


def _problem(reference: str, text: str, remedy: str) -> ConfigError:
    return ConfigError(Problem(file="secrets", key=reference, text=text, remedy=remedy))
