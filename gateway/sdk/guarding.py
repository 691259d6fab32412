"""``[[options.receive.<path>.auth]]``: how a partner shows who it is at one of its own paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec

from gateway.config.durations import Lasting, as_timedelta
from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.ports.callers import Proof
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.reading import Reader, Table
from gateway.security.callers import SHORTEST, ApiKey, Authorization, Hmac, Lookup

_PARTS = frozenset({"body", "method", "path", "query"})
_PLACES = frozenset({"@target-uri", "@request-target", "@path"})
_DERIVED = _PLACES | {"@method", "@authority", "@scheme", "@query"}
_FIELD = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


class OurKeyTable(Table, frozen=True, kw_only=True, tag="gateway_key", tag_field="kind"):
    """A key of ours, as at every other door."""


class ApiKeyTable(Table, frozen=True, kw_only=True, tag="api_key", tag_field="kind"):
    """A secret in a header or in the query."""

    key: str = "api_key"
    in_: Literal["header", "query"] = msgspec.field(name="in", default="header")
    name: Annotated[str, msgspec.Meta(min_length=1)] = "X-API-Key"


class BasicTable(Table, frozen=True, kw_only=True, tag="basic", tag_field="kind"):
    """HTTP's Basic scheme."""

    username: str = "username"
    password: str = "password"  # noqa: S105 - the name under which the secret is found


class BearerTable(Table, frozen=True, kw_only=True, tag="bearer", tag_field="kind"):
    """HTTP's Bearer scheme."""

    token: str = "token"  # noqa: S105 - the name under which the secret is found


class HmacTable(Table, frozen=True, kw_only=True, tag="hmac", tag_field="kind"):
    """A signature over the body."""

    key: str = "hmac_key"
    header: Annotated[str, msgspec.Meta(min_length=1)]
    prefix: str = ""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    over: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("body",)
    join: str = ""
    timestamp: str = ""
    tolerance: Lasting = "5m"


class EnvelopeTable(Table, frozen=True, kw_only=True, tag="ws_security", tag_field="kind"):
    """What the envelope proves, as ``[security.expect]`` of the system's file says."""


class HttpSignatureTable(Table, frozen=True, kw_only=True, tag="http_signature", tag_field="kind"):
    """An HTTP message signature (RFC 9421)."""

    key: str = "http_signature_key"
    key_text: Literal["text", "base64", "hex", "pem"]  #: as what the secret holds the key
    key_id: Annotated[str, msgspec.Meta(min_length=1)]
    algorithm: Literal["hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512", "rsa-v1_5-sha256"]
    components: tuple[str, ...] = ("@method", "@target-uri", "content-digest")
    tag: str = ""
    max_age: Lasting = "5m"


ProofTable: TypeAlias = (
    OurKeyTable | ApiKeyTable | BasicTable | BearerTable | HmacTable | HttpSignatureTable | EnvelopeTable
)


class GuardCompiler:
    """Turns the tables of one system's paths into proofs; problems are noted, and no secret is repeated."""

    def __init__(self, config: SystemConfig, secrets: Secrets, reader: Reader) -> None:
        self._config = config
        self._secrets = secrets
        self._reader = reader

    def compile(self, tables: Sequence[ProofTable], key: str, *, reads_query: bool = False) -> tuple[Proof, ...]:
        """Return the proofs, of which one must hold; a key of ours is none of them.

        ``reads_query`` says that a call's query counts, so that it must be signed where anything is.
        """
        found = [self._proof(table, f"{key}.auth[{number}]") for number, table in enumerate(tables)]
        for number, table in enumerate(tables if reads_query else ()):
            self._refuse_open_query(table, f"{key}.auth[{number}]")
        return tuple(proof for proof in found if proof is not None)

    def _refuse_open_query(self, table: ProofTable, key: str) -> None:
        text = "the mapping reads the query, which is not signed: anybody could exchange it"
        if isinstance(table, HmacTable) and "query" not in table.over:
            self._reader.wrong(f"{key}.over", text, 'add "query"')
        elif isinstance(table, EnvelopeTable):
            self._reader.wrong(key, text, "read the envelope alone")

    def _refuse_no_agreement(self, key: str) -> None:
        expect = self._config.security.expect
        if expect is None or not (expect.certificates or expect.username):
            text = "[security.expect] names neither certificates nor a user: an envelope proves nothing"
            self._reader.wrong(key, text, "write there what its messages carry")

    def _proof(self, table: ProofTable, key: str) -> Proof | None:
        match table:
            case OurKeyTable() | EnvelopeTable():
                if isinstance(table, EnvelopeTable):
                    self._refuse_no_agreement(key)
                return None
            case ApiKeyTable():
                return ApiKey(place=table.in_, name=table.name, key=self._secret(table.key, f"{key}.key"))
            case BasicTable():
                username = self._secret(table.username, f"{key}.username", shortest=1)
                return Authorization(
                    scheme="basic", username=username, secret=self._secret(table.password, f"{key}.password")
                )
            case BearerTable():
                return Authorization(scheme="bearer", secret=self._secret(table.token, f"{key}.token"))
            case HmacTable():
                return self._hmac(table, key)
            case HttpSignatureTable():
                return self._http_signature(table, key)

    def _hmac(self, table: HmacTable, key: str) -> Hmac:
        for name in table.over:
            if name not in _PARTS and not name.startswith("header:"):
                self._reader.wrong(
                    f"{key}.over", f"`{name}` is nothing of a call", "write body, method, path, query, header:NAME"
                )
        if "body" not in table.over:
            self._reader.wrong(f"{key}.over", "the body is not signed: anybody could exchange it", 'add "body"')
        if table.timestamp and f"header:{table.timestamp}".lower() not in {name.lower() for name in table.over}:
            self._reader.wrong(f"{key}.timestamp", "is not signed", f'add "header:{table.timestamp}" to over')
        return Hmac(
            header=table.header,
            key=self._secret(table.key, f"{key}.key"),
            over=table.over,
            join=table.join,
            prefix=table.prefix,
            algorithm=table.algorithm,
            encoding=table.encoding,
            timestamp=table.timestamp,
            tolerance=as_timedelta(table.tolerance),
        )

    def _http_signature(self, table: HttpSignatureTable, key: str) -> Proof:
        from gateway.security.message_proofs import MessageSignature  # noqa: PLC0415 - its library is used by few
        from gateway.security.message_signatures import SignatureUnfit  # noqa: PLC0415

        for name in table.components:
            if name not in _DERIVED and not _FIELD.fullmatch(name):
                remedy = f"write a header's name in small letters, or one of {', '.join(sorted(_DERIVED))}"
                self._reader.wrong(f"{key}.components", f"`{name}` is nothing of a call that can be signed", remedy)
        if _PLACES.isdisjoint(table.components):
            text = "the address is not signed: a call could be shown again at another path"
            self._reader.wrong(f"{key}.components", text, 'add "@target-uri", or "@path" behind a proxy')
        lookup = self._secret(table.key, f"{key}.key")
        proof = MessageSignature(
            algorithm=table.algorithm,
            key_id=table.key_id,
            key=lookup,
            key_text=table.key_text,
            components=table.components,
            tag=table.tag,
            max_age=as_timedelta(table.max_age),
        )
        try:
            if lookup is not _unknown:
                proof.check()
        except SignatureUnfit as error:
            self._reader.wrong(f"{key}.key", str(error))
        return proof

    def _secret(self, name: str, key: str, *, shortest: int = SHORTEST) -> Lookup:
        """Return what looks a secret of ``[secrets]`` up; one that is missing, or easily guessed, is noted."""
        reference = self._config.secrets.get(name)
        if reference is None:
            self._reader.wrong(key, f"[secrets] has no `{name}`", f'add {name} = "env:…" or "file:…" there')
            return _unknown
        try:
            found = self._secrets.get(reference)
        except ConfigError as error:
            self._reader.adopt(error)
            return _unknown
        if len(found.reveal()) < shortest:
            text = f"the secret `{name}` is shorter than {shortest} characters, and opens a door of ours"
            self._reader.wrong(key, text, "make one with: openssl rand -base64 32")
        return _lookup(self._secrets, reference)


def _lookup(secrets: Secrets, reference: str) -> Callable[[], Secret]:
    return lambda: secrets.get(reference)


def _unknown() -> Secret:
    """Stand in for a secret of a file that is not used: it has faults."""
    raise ConfigError
