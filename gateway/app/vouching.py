"""Who may vouch for the places that files are fetched from: whom the file of the system there names, or the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ssl import SSLContext
from typing import TypeAlias

from gateway.app.fetch import Origin, opened_addresses
from gateway.config.settings import Configuration, SystemConfig
from gateway.config.sources import file_of
from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secret, Secrets
from gateway.security.tls import TlsUnfit, client_context, trust

Vouching: TypeAlias = Mapping[Origin, SSLContext]


def vouching(configuration: Configuration, secrets: Secrets) -> Vouching:
    """Return whom to trust at each place that has authorities of its own; raises ConfigError with every problem.

    Where several systems name one place, whoever any of them names may vouch for it, and the machine's no more: that
    one of them says nothing opens it to all the world's. Our client certificate is shown at none: whoever may name a
    file would ask there in our name.
    """
    contexts, problems = dict[Origin, SSLContext](), list[Problem]()
    for name, system in configuration.systems.items():
        try:
            if system.tls.authorities is not None:
                _let(contexts, system, secrets.get(system.tls.authorities))
        except (TlsUnfit, ConfigError) as error:
            problems += _told(name, error)
    if problems:
        raise ConfigError(*problems)
    return contexts


def _let(contexts: dict[Origin, SSLContext], system: SystemConfig, authorities: Secret) -> None:
    """Let a system's authorities vouch for its places; raises TlsUnfit."""
    for address in opened_addresses(system):
        origin = Origin.of(address)
        if origin is not None and origin.scheme == "https":
            trust(contexts.setdefault(origin, client_context()), authorities)


def _told(system: str, error: TlsUnfit | ConfigError) -> Iterator[Problem]:
    for one in error.problems if isinstance(error, ConfigError) else (error,):
        text = one.text if isinstance(one, Problem) else one.problem
        yield Problem(file=file_of(system), key="tls.authorities", text=text, remedy=one.remedy)
