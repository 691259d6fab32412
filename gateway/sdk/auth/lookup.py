"""The secrets of one system's file, looked up once; what is missing is noted and never repeated."""

from __future__ import annotations

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.reading import Reader
from gateway.sdk.source import Form, Source

KEY = "options.auth"


class Lookup:
    """``[secrets]`` of one system, and where its problems are noted."""

    def __init__(self, config: SystemConfig, secrets: Secrets, reader: Reader) -> None:
        self.config = config
        self.reader = reader
        self._secrets = secrets
        self._found: dict[str, Secret | None] = {}

    def secret(self, name: str, key: str) -> Secret | None:
        """Return the secret of this name; a missing one is noted once."""
        if name not in self._found:
            self._found[name] = self._looked_up(name, key)
        return self._found[name]

    def named(self, *forms: Form) -> Source:
        """Return the secrets that templates refer to."""
        references = [one for form in forms for one in form.references if one.root == "secret"]
        names = dict.fromkeys(str(one.path.steps[0]) for one in references if one.path)
        values = {name: secret.reveal() for name in names if (secret := self.secret(name, KEY))}
        return Source({"secret": values})

    def _looked_up(self, name: str, key: str) -> Secret | None:
        reference = self.config.secrets.get(name)
        if reference is None:
            self.reader.wrong(key, f"[secrets] has no `{name}`", f'add {name} = "env:…" or "file:…" there')
            return None
        try:
            return self._secrets.get(reference)
        except ConfigError as error:
            self.reader.adopt(error)
            return None
