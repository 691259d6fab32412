"""The links to files that a configuration allows for."""

from __future__ import annotations

from gateway.app.secrets import UnknownSecrets
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration, LinkSettings
from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secrets
from gateway.security.links import SHORTEST_KEY, FileLinks


def links_of(configuration: Configuration, secrets: Secrets) -> tuple[FileLinks, tuple[Problem, ...]]:
    """Return the links to files, and what is wrong with their keys: then such as look as if they had one."""
    try:
        return file_links(configuration.settings.links, secrets), ()
    except ConfigError as error:
        return file_links(configuration.settings.links, UnknownSecrets()), error.problems


def file_links(settings: LinkSettings, secrets: Secrets) -> FileLinks:
    """Return the links with their keys; raises ConfigError for a key that is missing or easily guessed."""
    keys = tuple(secrets.get(reference) for reference in settings.keys)
    for position, key in enumerate(keys):
        if len(key.reveal()) < SHORTEST_KEY:
            raise ConfigError(
                Problem(
                    file="gateway.toml",
                    key=f"links.keys[{position}]",
                    text=f"the secret is shorter than {SHORTEST_KEY} characters",
                    remedy="make one with: openssl rand -base64 32",
                )
            )
    return FileLinks(keys=keys, lifetime=as_timedelta(settings.lifetime))
