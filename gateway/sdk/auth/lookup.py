"""The secrets of one system's file, looked up once; what is missing is noted and never repeated."""

from __future__ import annotations

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.reading import Reader
from gateway.sdk.source import Form, Source
from gateway.wire.http import unsendable

KEY = "options.auth"
_ANY = "X"  #: a header's name that is one


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

    def shown(self, name: str, key: str) -> Secret | None:
        """Return a secret that stands in a header; one that cannot is noted."""
        secret = self.secret(name, key)
        if secret is not None and unsendable({_ANY: secret.reveal()}) is not None:
            text = f"the secret `{name}` holds a character that HTTP forbids in a header, a line break perhaps"
            self.reader.wrong(key, text, "write it anew, without what an editor has put round it")
        return secret

    def in_headers(self, form: Form) -> None:
        """Note every secret that a form of headers refers to and that cannot stand in one."""
        for one in form.references:
            if one.root == "secret" and one.path:
                self.shown(str(one.path.steps[0]), KEY)

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
