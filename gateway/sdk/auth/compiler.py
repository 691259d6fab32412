"""Turns ``[options.auth]`` into a way to show who we are; every problem is noted, and no secret is repeated."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import msgspec

from gateway.config.addresses import ADDRESS, is_address
from gateway.config.durations import as_timedelta
from gateway.config.settings import SystemConfig
from gateway.core.routing import Mode
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.auth.credentials import Along, Auth, Fixed, Put
from gateway.sdk.auth.lookup import KEY, Lookup
from gateway.sdk.auth.session import Login, Session
from gateway.sdk.auth.signing import signing_of
from gateway.sdk.auth.tables import (
    ApiKeyTable,
    AuthTable,
    BasicTable,
    BearerTable,
    ClientCredentialsTable,
    HmacTable,
    HttpSignatureTable,
    LgspTable,
    LoginTable,
    NoneTable,
    Server,
    SessionTable,
    SigningTable,
)
from gateway.sdk.bodies import AS_FORM, AS_JSON
from gateway.sdk.link import Link
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.request import header_form
from gateway.sdk.rules import Then, compile_checks
from gateway.sdk.source import Form, Missing
from gateway.wire.http import unsendable

_LGSP = "lgspaccesstoken"  #: the header's name, and the table's
_SECRET = frozenset({"secret"})  #: what the templates of a login may refer to


class _AuthOptions(Table, frozen=True, kw_only=True):
    auth: AuthTable = NoneTable()


class AuthCompiler:
    """One system's ``[options.auth]`` and ``[secrets]``."""

    def __init__(self, config: SystemConfig, secrets: Secrets, reader: Reader) -> None:
        self._config = config
        self._reader = reader
        self._lookup = Lookup(config, secrets, reader)
        self.secret = self._lookup.secret

    def compile(self, raw: object, link: Link, *, fields: bool = True) -> Auth:
        """Return the way to show who we are; ``Fixed()`` where nothing is declared or something is wrong.

        ``fields`` says whether a credential may be a field of the document that is sent.
        """
        options = self._reader.read(_AuthOptions, {"auth": raw} if raw is not None else {}, "options")
        table = options.auth if options else NoneTable()
        put = table.put if isinstance(table, ApiKeyTable | SessionTable | HmacTable) else None
        if put is not None and put.in_ == "body" and not fields:
            self._reader.wrong(f"{KEY}.put.in", "what is sent has no field for a credential", 'write "header"')
        if put is not None and put.in_ == "header" and (problem := unsendable({put.name: put.prefix})) is not None:
            self._reader.wrong(f"{KEY}.put", problem)
        match table:
            case HmacTable() | HttpSignatureTable():
                return self._signing(table, link) or Fixed()
            case SessionTable() | ClientCredentialsTable():
                return self._session(table, link) or Fixed()
            case _:
                return self._fixed(table)

    def _signing(self, table: SigningTable, link: Link) -> Auth | None:
        if isinstance(table, HmacTable):
            return signing_of(table, self._lookup, link)
        # it takes long to load, and few systems want it
        from gateway.sdk.auth.message_signing import message_signing_of  # noqa: PLC0415

        return message_signing_of(table, self._lookup, link)

    def _fixed(self, table: NoneTable | BasicTable | BearerTable | ApiKeyTable | LgspTable) -> Fixed:
        match table:
            case BasicTable():
                pair = self._pair(table.username, table.password, "username", "password")
                return Fixed(Put(prefix="Basic "), pair)
            case BearerTable():
                return Fixed(Put(prefix="Bearer "), self._lookup.shown(table.token, f"{KEY}.token"))
            case ApiKeyTable():
                found = self._lookup.shown if table.put.in_ == "header" else self.secret
                return Fixed(table.put, found(table.key, f"{KEY}.key"))
            case LgspTable():
                return Fixed(Put(name=_LGSP), self._along(table.lgspaccesstoken).headers.get(_LGSP))
            case NoneTable():
                return Fixed()

    def _pair(self, user: str, password: str, user_key: str, password_key: str) -> Secret | None:
        """Return what HTTP's Basic scheme shows of two secrets (RFC 7617)."""
        first = self.secret(user, f"{KEY}.{user_key}")
        second = self.secret(password, f"{KEY}.{password_key}")
        return Secret(_base64(f"{first.reveal()}:{second.reveal()}")) if first and second else None

    def _session(self, table: LoginTable, link: Link) -> Session | None:
        if isinstance(table, SessionTable):
            login = self._reader.made(KEY, self._login, table, link)
        else:
            login = self._reader.made(KEY, self._grant, table, link)
        if login is None:
            return None
        self._lookup.in_headers(login.headers)
        return Session(login, link, self._lookup.named(login.headers, login.body))

    def _login(self, table: SessionTable, link: Link) -> Login:
        any_2xx: list[dict[str, object]] = [{"http": ["2xx"]}]
        return Login(
            url=self._server(table.server, link) + table.path,
            method=table.method,
            encoding=AS_FORM if table.encode == "form" else AS_JSON,
            headers=header_form(table.headers, _SECRET),
            shown=Along(),
            along=self._along(table.lgspaccesstoken),
            body=Form(table.body, _SECRET),
            success=compile_checks(table.success or any_2xx, Then.DELIVERED, f"{KEY}.success", self._reader),
            token=Path.parse(table.token),
            put=table.put,
            lifetime=as_timedelta(table.lifetime).total_seconds() if table.lifetime else None,
            expires_in=Path.parse(table.expires_in) if table.expires_in else None,
        )

    def _grant(self, table: ClientCredentialsTable, link: Link) -> Login:
        pair = self._pair(table.client_id, table.client_secret, "client_id", "client_secret")
        shown = {"client_id": f"{{secret:{table.client_id}}}", "client_secret": f"{{secret:{table.client_secret}}}"}
        in_header = table.shown == "header"
        basic = {"Authorization": Secret(f"Basic {pair.reveal()}")} if in_header and pair else {}
        fields = {"grant_type": "client_credentials", **table.form}
        return Login(
            url=self._server(table.server, link) + table.path,
            encoding=AS_FORM,
            headers=Form({}, _SECRET),
            shown=Along(basic),
            along=self._along(table.lgspaccesstoken),
            body=Form(fields if in_header else {**fields, **shown}, _SECRET),
            success=compile_checks([{"http": ["2xx"]}], Then.DELIVERED, KEY, self._reader),
            token=Path.parse("access_token"),
            put=Put(prefix="Bearer "),
            expires_in=Path.parse("expires_in"),
        )

    def _server(self, server: Server, link: Link) -> str:
        """Return the address that the mode allows, as for the system's own endpoint; a half of a pair is noted."""
        if not (server.live or server.sandbox):
            return link.address
        is_live = self._config.mode is Mode.LIVE
        address = server.live if is_live else server.sandbox
        if self._config.mode in (Mode.LIVE, Mode.SANDBOX) and not is_address(address):
            key = f"{KEY}.server.{'live' if is_live else 'sandbox'}"
            self._reader.wrong(key, "no http:// or https:// address", f"name the server that gives tokens: {ADDRESS}")
        return address.rstrip("/")

    def _along(self, access: Mapping[str, str]) -> Along:
        """Return the header ``lgspaccesstoken``, base64 of JSON, where the file asks for it."""
        if not access:
            return Along()
        try:
            form = Form(dict(access), _SECRET)
            text = msgspec.json.encode(form.fill(self._lookup.named(form))).decode()
        except Missing:  # it was noted already
            return Along()
        except ValueError as error:
            self._reader.wrong(f"{KEY}.{_LGSP}", str(error))
            return Along()
        return Along({_LGSP: Secret(_base64(text))})


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
