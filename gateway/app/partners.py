"""What systems prove in the messages that they send to the SOAP door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.config.settings import Configuration
from gateway.config.sources import file_of
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.ports.secrets import Secrets
from gateway.security.wsse.agreement import Agreement, AgreementReader
from gateway.security.wsse.partners import Partners

_KEY = "security"


def partners_of(configuration: Configuration, secrets: Secrets) -> Partners:
    """Return what is agreed with each system about its calls; raises ConfigError with every problem."""
    agreements, problems = dict[SystemId, Agreement](), list[Problem]()
    for name, system in configuration.systems.items():
        reader = AgreementReader(
            file=file_of(name),
            key=_KEY,
            references=system.secrets,
            secrets=secrets,
            directory=Path(configuration.directory),
        )
        agreements[SystemId(name)] = reader.read(system.security)
        problems += reader.problems
    problems += _shared(agreements)
    if problems:
        raise ConfigError(*problems)
    return Partners(agreements)


def _shared(agreements: Mapping[SystemId, Agreement]) -> Iterator[Problem]:
    """Find what would leave it open who calls: one certificate, or one name, of two systems."""
    expected = [agreed.expected for agreed in agreements.values()]
    users = Counter(one.account.user for one in expected if one.account)
    certificates = Counter(name for one in expected for name in {pinned.name for pinned in one.certificates})
    for key, counted in (("username.user", users), ("certificates", certificates)):
        for name, count in counted.items():
            if count > 1:
                text = f"{name!r} is that of {count} systems: nobody could tell which of them calls"
                yield Problem(file="systems/", key=f"{_KEY}.expect.{key}", text=text, remedy="give each its own")
