"""What a system's file agrees with a partner, compiled: certificates and keys are read, and every problem is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.config.durations import as_timedelta
from gateway.config.security import Expect, OurName, Security, Send, Signature, TheirName
from gateway.core.errors import ConfigError, Problem
from gateway.ports.secrets import Secret, Secrets, Withheld
from gateway.security.certificates import CertificateUnfit, KeyPair, Pinned, read_certificates, read_key_pair
from gateway.security.wsse.algorithms import SIGNATURES, Allowed
from gateway.security.wsse.moments import Window
from gateway.security.wsse.policy import NOTHING_EXPECTED, NOTHING_SENT, Expected, Sending, Signing
from gateway.security.wsse.usernames import Account, Login

_T = TypeVar("_T")
_LARGEST = 64 * 1024  #: bytes of a file with certificates


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Both directions between one system and us."""

    sending: Sending = NOTHING_SENT
    expected: Expected = NOTHING_EXPECTED


@dataclass(slots=True, kw_only=True)
class AgreementReader:
    """Reads what one table of a system's file says; notes what is wrong, and goes on."""

    file: str
    key: str  #: of the table: ``options.security``
    references: Mapping[str, str]  #: ``[secrets]`` of the file
    secrets: Secrets = field(repr=False)
    directory: Path  #: where the configuration is: certificates are found below it
    problems: list[Problem] = field(default_factory=list[Problem])

    def read(self, table: Security) -> Agreement:
        """Return what could be read."""
        return Agreement(
            sending=self._sending(table.send) if table.send else NOTHING_SENT,
            expected=self._expected(table.expect) if table.expect else NOTHING_EXPECTED,
        )

    def _sending(self, table: Send) -> Sending:
        if table.signature and not table.timestamp:
            self._wrong("send.timestamp", "a signature needs one", "leave it out, or write true")
        if table.confirm and not table.signature:
            self._wrong("send.confirm", "a confirmation must be signed", "add [security.send.signature]")
        return Sending(
            timestamp=as_timedelta(table.lifetime) if table.timestamp else None,
            login=self._login(table.username) if table.username else None,
            signing=self._signing(table.signature) if table.signature else None,
            must_understand=table.must_understand,
            confirms=table.confirm,
        )

    def _login(self, table: OurName) -> Login | None:
        password = self._secret(table.password, "send.username.password")
        return Login(user=table.user, password=password, kind=table.kind) if password else None

    def _signing(self, table: Signature) -> Signing:
        pairs = self._pairs(table.keys, "send.signature.keys")
        signing = Signing(pairs=pairs, algorithm=table.algorithm or "", digest=table.digest, also=table.also)
        for pair in pairs:
            if not SIGNATURES[signing.method(pair)].fits(pair.certificate.key):
                text = f"{table.algorithm} does not go with the kind of key in {pair.certificate.name}"
                self._wrong("send.signature.algorithm", text, "leave it out")
        return signing

    def _expected(self, table: Expect) -> Expected:
        if not (table.certificates or table.username or table.timestamp or table.keys):
            self._wrong("expect", "asks for nothing", "name certificates, a username or a timestamp, or leave it out")
        return Expected(
            certificates=tuple(one for name in table.certificates for one in self._certificates(name)),
            account=self._account(table.username) if table.username else None,
            timestamp=table.timestamp,
            allowed=Allowed.of(table.algorithms, table.digests),
            window=Window(skew=as_timedelta(table.skew), lifetime=as_timedelta(table.lifetime)),
            keys=self._opening(table.keys),
            ciphers=table.ciphers,
        )

    def _opening(self, names: tuple[str, ...]) -> tuple[KeyPair, ...]:
        """Return the keys that open what is encrypted for us: only RSA does."""
        pairs = self._pairs(names, "expect.keys")
        for pair in pairs:
            if not isinstance(pair.key, RSAPrivateKey):
                text = f"the key of {pair.certificate.name} is EC, and opens nothing"
                self._wrong("expect.keys", text, "name one that has an RSA key")
        return pairs

    def _account(self, table: TheirName) -> Account:
        found = [self._secret(name, "expect.username.passwords") for name in table.passwords]
        passwords = tuple(password for password in found if password)
        return Account(user=table.user, passwords=passwords, kinds=frozenset(table.kinds))

    def _certificates(self, name: str) -> tuple[Pinned, ...]:
        root, key = self.directory.resolve(), "expect.certificates"
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > _LARGEST:
            self._wrong(key, f"no file `{name}` of at most 64 KiB below {root}", "copy the partner's certificate there")
            return ()
        return self._fit(lambda: read_certificates(path.read_bytes()), key, name) or ()

    def _pairs(self, names: tuple[str, ...], key: str) -> tuple[KeyPair, ...]:
        found = [(name, self._secret(name, key)) for name in names]
        read = [self._fit(_reading(secret), key, name) for name, secret in found if secret]
        return tuple(pair for pair in read if pair)

    def _fit(self, read: Callable[[], _T], key: str, name: str) -> _T | None:
        try:
            return read()
        except CertificateUnfit as error:
            self._wrong(key, f"`{name}` {error.problem}", error.remedy)
        except OSError as error:
            self._wrong(key, f"`{name}` cannot be read: {type(error).__name__}", "let the gateway's user read it")
        return None

    def _secret(self, name: str, key: str) -> Secret | None:
        reference = self.references.get(name)
        if reference is None:
            self._wrong(key, f"[secrets] has no `{name}`", f'add {name} = "env:…" or "file:…" there')
            return None
        try:
            return self.secrets.get(reference)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None

    def _wrong(self, key: str, text: str, remedy: str) -> None:
        self.problems.append(Problem(file=self.file, key=f"{self.key}.{key}", text=text, remedy=remedy))


def _reading(secret: Secret) -> Callable[[], KeyPair | None]:
    """Return what reads a key pair; of a secret that this machine must not know there is nothing to read."""
    return lambda: None if isinstance(secret, Withheld) else read_key_pair(secret.reveal().encode())
