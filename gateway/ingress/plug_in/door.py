"""``/dvcqg/{system}/…``, ``/XrdAdapter/…``, ``/VXPAdapter/…``: a portal logs in, and calls services by their names.

The path says nothing but whose door it is: what is meant stands in the body, because every portal has its own paths
configured. ``/token`` gives the same session to clients that ask for it as an access token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import parse_qs

from aiohttp import web
from msgspec import Struct

from gateway.core.ids import SystemId
from gateway.ingress.body import read_document
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.errors import Told, headers_of
from gateway.ingress.plug_in import lookups, statements, verdicts
from gateway.ingress.plug_in.calls import Call, read_call
from gateway.ingress.plug_in.catalogue import CATALOGUES
from gateway.ingress.plug_in.statements import State
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.intake.results import Faulty
from gateway.model.fault import Fault, Invalid
from gateway.security.keys import Unauthenticated, basic

_TOKEN_PATH = "token"  # noqa: S105 - the end of a path
_FORM_FIELDS = 20
_LONGEST_FORM = 64 * 1024  #: bytes of what asks for a token
_NOT_KEPT = {"Cache-Control": "no-store"}
_YES, _NO = frozenset({"true", "1"}), frozenset({"", "false", "0"})

_Serve: TypeAlias = Callable[[web.Request, Call], Awaitable[web.Response]]


async def receive(request: web.Request) -> web.Response:
    """Answer one call of the protocol."""
    visit_of(request).language = verdicts.LANGUAGE
    if asks_for_token(request):
        return await token(request)
    call = await read_call(request)
    if "service" not in call.value and "username" in call.value:
        return await _log_in(request, call)
    await _admit(request, call)
    return await _serve_of(call)(request, call)


def asks_for_token(request: web.Request) -> bool:
    """Whether the path ends in ``token``: an access token is asked for, and refused, as OAuth 2.0 does."""
    return request.path.rstrip("/").rpartition("/")[2].lower() == _TOKEN_PATH


async def _log_in(request: web.Request, call: Call) -> web.Response:
    session = await _session(request, call.text("username"), call.text("password"))
    return verdicts.done(request, "logged_in", session=session)


async def _session(request: web.Request, username: str, password: str) -> str:
    """Return a new session; raises Problem, LoginBarred."""
    entry = doors_of(request).plug_in.entry
    try:
        return await entry.log_in(username, password, where=request.remote or "", only=_only(request))
    except Unauthenticated:
        raise Problem("login.refused") from None


async def _admit(request: web.Request, call: Call) -> None:
    """Find out whose session this is: of the body, or of ``Authorization: Bearer``."""
    session = call.text("session")
    scheme, _, bearer = request.headers.get("Authorization", "").strip().partition(" ")
    if not session and scheme.lower() == "bearer":
        session = bearer.strip()
    if not session:
        raise Problem("session.missing")
    caller = await doors_of(request).plug_in.entry.caller(session, only=_only(request))
    visit_of(request).caller = caller
    if caller.system is not None:
        doors_of(request).heard(caller.system)


def _only(request: web.Request) -> SystemId | None:
    """Return the system that the path names, where it names one."""
    name = request.match_info.get("system")
    return SystemId(name) if name else None


# -- services


def _stating(operation: str, state: State) -> _Serve:
    """Return a service whose objects are events; each is accepted, or refused, by itself."""

    async def serve(request: web.Request, call: Call) -> web.Response:
        given = call.objects()
        items = tuple(state(item) for item in given)
        if len(items) == 1 and not isinstance(items[0], Faulty):
            visit_of(request).dossier = given[0].code
        answers = await doors_of(request).intake.accept(items, caller_of(request), operation)
        return verdicts.judged(request, given, answers)

    return serve


_PROGRESS = _stating("plug_in.progress", statements.progress)
_STATUS = _stating("plug_in.status", statements.status)
_SUBMIT = _stating("plug_in.dossiers", statements.submission)


async def _dossiers(request: web.Request, call: Call) -> web.Response:
    """``DongBoHoSoMC``: new dossiers, or known ones again where ``isUpdating`` is true."""
    updating = call.text("isUpdating").lower()
    if updating not in _YES | _NO:
        raise Invalid(Fault(path="isUpdating", code="enum", expected="true or false"))
    return await (_amend if updating in _YES else _SUBMIT)(request, call)


async def _amend(request: web.Request, call: Call) -> web.Response:
    """Accept known dossiers as their next revisions; one that says nothing new is not told to anybody again."""
    given = call.objects()
    items = tuple(statements.amendment(item) for item in given)
    known = await lookups.said_already(request, items)
    news = [item for item, said in zip(items, known, strict=True) if not said]
    answers = iter(await doors_of(request).intake.accept(news, caller_of(request), "plug_in.amendments"))
    return verdicts.judged(request, given, [None if said else next(answers) for said in known])


_SERVICES: Mapping[str, _Serve] = MappingProxyType(
    {
        "DongBoHoSoMC": _dossiers,
        "CapNhatTienDoHoSoMC": _PROGRESS,
        "TraCuuHoSo": lookups.find_dossier,
        "DongBoTrangThaiHoSo": _STATUS,
        **CATALOGUES,
    }
)
#: Services of the national portal that only it can answer.
_NOT_OURS = frozenset(
    {
        "LayDVC",
        "TraCuuTechID",
        "DongBoDanhGia",
        "DongBoHoiDap",
        "LayDanhSachHoiDapGuiTuDVCQG",
        "LayDanhSachHoiDapBoCoQuan",
        "LayNoiDungTraLoiTheoCauHoi",
        "DongBoKetQuaHoiDapGuiTuDVCQG",
    }
)


def _serve_of(call: Call) -> _Serve:
    name = call.text("service")
    serve = _SERVICES.get(name)
    if serve is None:
        code = "service.not_served" if name in _NOT_OURS else "service.unknown"
        raise Problem(code, served=", ".join(_SERVICES))
    return serve


# -- access tokens


class TokenBody(Struct, frozen=True, kw_only=True):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str  #: the session
    expires_in: int  #: seconds
    #: how it is shown
    token_type: str = "Bearer"  # noqa: S105 - how it is shown
    scope: str = "default"  #: always the same


class TokenErrorBody(Struct, frozen=True, kw_only=True):
    """Why there is none (RFC 6749 section 5.2)."""

    error: str  #: code of RFC 6749
    error_description: str  #: what is wrong, in words


async def token(request: web.Request) -> web.Response:
    """``POST …/token``, ``grant_type=client_credentials``: the credentials in Basic, or in the form."""
    visit_of(request).language = verdicts.LANGUAGE
    body = await read_document(request, doors_of(request).room.strangers, limit=_LONGEST_FORM)
    form = _form(body)
    if form.get("grant_type", "client_credentials") != "client_credentials":
        raise Problem("parameter.invalid", name="grant_type", expected="client_credentials")
    username, password = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
    session = await _session(request, username, password)
    seconds = doors_of(request).plug_in.entry.seconds
    return reply(TokenBody(access_token=session, expires_in=seconds), headers=_NOT_KEPT)


def refused(request: web.Request, told: Told) -> web.Response:
    """Return a refusal as this door's clients read it."""
    if not asks_for_token(request):
        return verdicts.refused(request, told)
    visit_of(request).refusal = told.problem.code
    error = "invalid_client" if told.problem.code == "login.refused" else "invalid_request"
    body = TokenErrorBody(error=error, error_description=told.problem.words(verdicts.LANGUAGE))
    return reply(body, status=told.status, headers={**headers_of(told), **_NOT_KEPT})


def _form(body: bytes) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=_FORM_FIELDS).items()}
    except ValueError:
        raise Problem("request.invalid", where="form") from None


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Read ``Authorization: Basic``; None where there is none, or none that can be read."""
    scheme, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    return basic(rest.strip()) or ("", "")
