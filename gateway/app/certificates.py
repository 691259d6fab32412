"""Certificates that a configuration names: which of them count no more, not yet, or not for long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.config.settings import Configuration, SystemConfig
from gateway.config.sources import file_of, texts_in
from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secrets
from gateway.security.tls import SOON, ends

_MARK = "-----BEGIN CERTIFICATE-----"
_REMEDY = "ask for another one, put it where the old one is, and let it hold (config apply)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """What is wrong with a certificate's dates."""

    problem: Problem
    is_over: bool  #: it does not count now, and nothing works without it: what is shown to a partner by TLS


def dated(configuration: Configuration, secrets: Secrets, now: datetime) -> Iterator[Dated]:
    """Yield every certificate of the systems' files that is over, has not begun, or ends soon."""
    for system in configuration.systems.values():
        for key, reference in _references(system):
            yield from _of(system, key, _text(secrets, reference), now)
        for name, pem in _named(system, configuration.files):
            yield from _of(system, f"certificates ({name})", pem, now)


def _references(system: SystemConfig) -> Iterator[tuple[str, str]]:
    named = {"tls.identity": system.tls.identity, "tls.authorities": system.tls.authorities}
    yield from ((key, reference) for key, reference in named.items() if reference)
    yield from ((f"secrets.{name}", reference) for name, reference in system.secrets.items())


def _named(system: SystemConfig, files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the files beside the systems' that it names: certificates of partners are among them."""
    pinned = system.security.expect.certificates if system.security.expect else ()
    for name in sorted({*texts_in(system.options), *pinned}):
        if name in files:
            yield name, files[name].decode("utf-8", "replace")


def _text(secrets: Secrets, reference: str) -> str:
    try:
        return secrets.get(reference).reveal()
    except ConfigError:  # it is named where it is looked up
        return ""


def _of(system: SystemConfig, key: str, pem: str, now: datetime) -> Iterator[Dated]:
    if _MARK not in pem:
        return
    for subject, begins, over in ends(pem):
        text = _words(subject, begins, over, now)
        if text:
            problem = Problem(file=file_of(system.id), key=key, text=text, remedy=_REMEDY)
            yield Dated(problem=problem, is_over=key == "tls.identity" and not begins <= now <= over)


def _words(subject: str, begins: datetime, over: datetime, now: datetime) -> str:
    if now > over:
        return f"the certificate of {subject} ended on {over:%Y-%m-%d}"
    if now < begins:
        return f"the certificate of {subject} begins to count on {begins:%Y-%m-%d} only"
    return f"the certificate of {subject} ends on {over:%Y-%m-%d}" if over - now < SOON else ""
