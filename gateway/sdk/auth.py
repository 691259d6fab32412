"""How we show a partner who we are: nothing, basic, bearer, an API key, or a token that a login gives.

A login sends nothing of a dossier, so whatever becomes of it the dossier surely has not been taken.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, cast

import msgspec

from gateway.config.durations import Duration, as_timedelta
from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.reason import Why
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.classify import Judge, Verdict, unsent
from gateway.sdk.link import Link
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.replies import read_json
from gateway.sdk.request import FORM, JSON, Outgoing
from gateway.sdk.rules import Rule, Then, compile_checks
from gateway.sdk.source import Form, Missing, Source
from gateway.sdk.words import as_text
from gateway.wire.http import HttpReply, NotSent

Place = Literal["header", "query", "body"]
_SECRET = frozenset({"secret"})  #: what the form of a login may refer to
_USED = 0.9  #: of the time that a token lives; the rest is for requests under way and for clocks that differ
_DIGITS = 9  #: of a number of seconds that is believed


class LoginFailed(Exception):
    """We could not show who we are; nothing of the dossier was sent."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.why)
        self.verdict = verdict


class Auth(Protocol):
    """One way to show who we are."""

    @property
    def renewable(self) -> bool:
        """Whether refused credentials can be replaced by fresh ones."""
        ...

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with our credential, and that credential; one that equals ``stale`` is not used again.

        Raises LoginFailed.
        """
        ...


class Put(Table, frozen=True, kw_only=True):
    """Where a token goes."""

    in_: Place = msgspec.field(name="in", default="header")
    name: str = "Authorization"
    prefix: str = ""

    def apply(self, outgoing: Outgoing, token: str) -> Outgoing:
        """Return the request with the token in its place."""
        text = self.prefix + token
        if self.in_ == "header":
            return outgoing.with_header(self.name, text)
        return outgoing.with_query(self.name, text) if self.in_ == "query" else outgoing.with_field(self.name, text)


class NoneTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """``kind = "none"``: the network shows who we are."""


class BasicTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="basic"):
    """``kind = "basic"``: names of secrets."""

    username: str = "username"
    password: str = "password"  # noqa: S105 # the name of a secret, not the secret


class BearerTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="bearer"):
    """``kind = "bearer"``: a fixed token."""

    token: str = "token"  # noqa: S105 # the name of a secret, not the secret


class ApiKeyTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="api_key"):
    """``kind = "api_key"``: a fixed key under a name of the partner's choice."""

    key: str = "api_key"
    put: Put = Put(name="X-API-Key")


class SessionTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="session"):
    """``kind = "session"``: a login gives a token for a while."""

    path: str
    body: dict[str, object]
    token: str
    method: Literal["POST", "GET", "PUT"] = "POST"
    encode: Literal["json", "form"] = "json"
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    success: tuple[dict[str, object], ...] = ()
    put: Put = Put(prefix="Bearer ")
    lifetime: Duration | None = None


class ClientCredentialsTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="client_credentials"):
    """``kind = "client_credentials"``: OAuth 2, as a provincial LGSP speaks it; names of secrets."""

    path: str = "/token"
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105 # the name of a secret, not the secret
    shown: Literal["header", "form"] = "header"  #: where id and secret go: as Basic, or as two fields of the form
    lgspaccesstoken: dict[str, str] = msgspec.field(default_factory=dict[str, str])  #: goes along with every request


AuthTable: TypeAlias = NoneTable | BasicTable | BearerTable | ApiKeyTable | SessionTable | ClientCredentialsTable


class _AuthOptions(Table, frozen=True, kw_only=True):
    auth: AuthTable = NoneTable()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A credential that never changes while the gateway runs, or none."""

    put: Put | None = None
    secret: Secret | None = None
    renewable: bool = False

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with the credential."""
        del until, stale
        if self.put is None or self.secret is None:
            return outgoing, ""
        return self.put.apply(outgoing, self.secret.reveal()), ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How a session is asked for."""

    path: str
    method: str = "POST"
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    along: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  #: headers of every request
    body: Form
    success: tuple[Rule, ...]
    token: Path
    put: Put
    lifetime: float | None = None  #: seconds
    expires_in: Path | None = None  #: where the reply says how many seconds the token lives


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token, and for how many seconds it is used."""

    token: str = field(repr=False)
    seconds: float


@dataclass(slots=True)
class Session:
    """A token that is asked for once, by the first who needs it, and shared by all who wait."""

    login: Login
    link: Link
    secrets: Source = field(repr=False)
    renewable: bool = True
    _token: str = field(default="", repr=False)
    _expires: float = 0.0
    _failed: Verdict | None = None
    _logins: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with a token that is fresh as far as we know."""
        token = await self._current(until, stale)
        for name, value in self.login.along.items():
            outgoing = outgoing.with_header(name, value)
        return self.login.put.apply(outgoing, token), token

    async def _current(self, until: float, stale: str) -> str:
        seen = self._logins
        try:
            async with asyncio.timeout_at(until), self._lock:
                return await self._shared(until, stale, seen)
        except TimeoutError:
            raise LoginFailed(Verdict(then=Then.RETRY, why=Why.CREDENTIALS, detail="no login in time")) from None

    async def _shared(self, until: float, stale: str, seen: int) -> str:
        """Use what another has got meanwhile, its failure too: a locked account is not hammered."""
        if self._token and self._token != stale and self.link.clock.monotonic() < self._expires:
            return self._token
        if self._failed is not None and self._logins != seen:
            raise LoginFailed(self._failed)
        found = await self._ask(until)
        self._logins += 1
        self._failed = found if isinstance(found, Verdict) else None
        if isinstance(found, Verdict):
            raise LoginFailed(found)
        self._token = found.token
        self._expires = self.link.clock.monotonic() + found.seconds
        return self._token

    async def _ask(self, until: float) -> Grant | Verdict:
        login = self.login
        body = login.body.fill(self.secrets)
        outgoing = Outgoing(
            method=login.method,
            url=self.link.address + login.path,
            headers={"Accept": JSON, **login.along, **login.headers},
            document=cast("dict[str, object]", body),
            media_type=login.media_type,
        )
        result = await self.link.exchange(outgoing.encode(), until=until)
        if isinstance(result, HttpReply):
            return self._granted(result)
        return unsent(result) if isinstance(result, NotSent) else _refused(f"login: {result.cause}")

    def _granted(self, result: HttpReply) -> Grant | Verdict:
        reply = read_json(result)
        verdict = Judge(rules=self.login.success).of(reply, self.link.clock.now())
        token = as_text(self.login.token.find(reply.document))
        if verdict.then is Then.DELIVERED and token:
            return Grant(token=token, seconds=self._seconds(reply.document))
        if verdict.why is Why.THROTTLED:
            return verdict
        return _refused(f"login: HTTP {reply.status}")

    def _seconds(self, document: object) -> float:
        """Return how long a token is used: as declared, else for most of the time that its giver names."""
        if self.login.lifetime is not None:
            return self.login.lifetime
        named = self.login.expires_in.find(document) if self.login.expires_in else None
        text = as_text(named) or ""
        return int(text) * _USED if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else float("inf")


def _refused(detail: str) -> Verdict:
    return Verdict(then=Then.RETRY, why=Why.CREDENTIALS, detail=detail)


class AuthCompiler:
    """Turns ``[options.auth]`` into an Auth; problems are noted."""

    def __init__(self, config: SystemConfig, secrets: Secrets, reader: Reader) -> None:
        self._config = config
        self._secrets = secrets
        self._reader = reader

    def compile(self, raw: object, link: Link) -> Auth:
        """Return the way to show who we are; ``Fixed()`` where nothing is declared or something is wrong."""
        options = self._reader.read(_AuthOptions, {"auth": raw} if raw is not None else {}, "options")
        table = options.auth if options else None
        match table:
            case BasicTable():
                return self._basic(table)
            case BearerTable():
                return Fixed(Put(prefix="Bearer "), self.secret(table.token, "options.auth.token"))
            case ApiKeyTable():
                return Fixed(table.put, self.secret(table.key, "options.auth.key"))
            case SessionTable() | ClientCredentialsTable():
                return self._session(table, link) or Fixed()
            case _:
                return Fixed()

    def secret(self, name: str, key: str) -> Secret | None:
        """Return a secret of the system's ``[secrets]``; a missing one is noted."""
        reference = self._config.secrets.get(name)
        if reference is None:
            self._reader.wrong(key, f"[secrets] has no `{name}`", f'add {name} = "env:…" or "file:…" there')
            return None
        try:
            return self._secrets.get(reference)
        except ConfigError as error:
            self._reader.adopt(error)
            return None

    def _basic(self, table: BasicTable) -> Fixed:
        user = self.secret(table.username, "options.auth.username")
        password = self.secret(table.password, "options.auth.password")
        if user is None or password is None:
            return Fixed()
        pair = _base64(f"{user.reveal()}:{password.reveal()}")
        return Fixed(Put(prefix="Basic "), Secret(pair))

    def _session(self, table: SessionTable | ClientCredentialsTable, link: Link) -> Session | None:
        names = sorted(self._config.secrets)
        values = {name: secret.reveal() for name in names if (secret := self.secret(name, f"secrets.{name}"))}
        secrets = Source({"secret": values})
        try:
            login = self._login(table) if isinstance(table, SessionTable) else self._client_credentials(table, secrets)
        except ValueError as error:
            self._reader.wrong("options.auth", str(error))
            return None
        return Session(login, link, secrets) if login else None

    def _login(self, table: SessionTable) -> Login:
        any_2xx: list[dict[str, object]] = [{"http": ["2xx"]}]
        return Login(
            path=table.path,
            method=table.method,
            media_type=FORM if table.encode == "form" else JSON,
            headers=table.headers,
            body=self._known(Form(table.body, _SECRET)),
            success=compile_checks(table.success or any_2xx, Then.DELIVERED, "options.auth.success", self._reader),
            token=Path.parse(table.token),
            put=table.put,
            lifetime=as_timedelta(table.lifetime).total_seconds() if table.lifetime else None,
        )

    def _client_credentials(self, table: ClientCredentialsTable, secrets: Source) -> Login | None:
        client = self.secret(table.client_id, "options.auth.client_id")
        password = self.secret(table.client_secret, "options.auth.client_secret")
        access = self._known(Form(table.lgspaccesstoken, _SECRET))
        if client is None or password is None:
            return None
        shown = {"client_id": f"{{secret:{table.client_id}}}", "client_secret": f"{{secret:{table.client_secret}}}"}
        in_header = table.shown == "header"
        basic = _base64(f"{client.reveal()}:{password.reveal()}")
        return Login(
            path=table.path,
            media_type=FORM,
            headers={"Authorization": f"Basic {basic}"} if in_header else {},
            along={"lgspaccesstoken": _sealed(access, secrets)} if table.lgspaccesstoken else {},
            body=Form({"grant_type": "client_credentials", **({} if in_header else shown)}, _SECRET),
            success=compile_checks([{"http": ["2xx"]}], Then.DELIVERED, "options.auth", self._reader),
            token=Path.parse("access_token"),
            put=Put(prefix="Bearer "),
            expires_in=Path.parse("expires_in"),
        )

    def _known(self, form: Form) -> Form:
        """Return the form; raises ValueError where it names a secret that the file does not."""
        for reference in form.references:
            if reference.path is None or reference.path.steps[0] not in self._config.secrets:
                raise ValueError(f"[secrets] lacks what the login names: {reference.text}")
        return form


def _sealed(access: Form, secrets: Source) -> str:
    """Return what the header ``lgspaccesstoken`` carries; a secret that is missing was noted already."""
    try:
        return _base64(msgspec.json.encode(access.fill(secrets)).decode())
    except Missing:
        return ""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
