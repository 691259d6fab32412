"""Calls to a gateway's HTTP API, with its refusals turned into words."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, cast
from urllib.parse import quote, unquote

import aiohttp
import msgspec

from gateway.cli.failures import Failed
from gateway.ingress.bodies import ProblemBody
from gateway.model.faults import as_number

_B = TypeVar("_B")

LANGUAGE = "vi"
_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)
_UPLOAD = aiohttp.ClientTimeout(total=900, sock_connect=5)
#: For what the gateway does in many transactions before it answers.
PATIENT = aiohttp.ClientTimeout(total=3600, sock_connect=5)
_LONG = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
_REFUSED = 400
_LIMIT = 256 * 1024 * 1024  #: bytes of one reply


def at(*names: str) -> str:
    """Return the path of an operators' door."""
    return "/".join(("/v1/ops", *(quote(name, safe="") for name in names)))


class Api:
    """One gateway, one key."""

    def __init__(self, session: aiohttp.ClientSession, url: str, place: str = "") -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._place = place or f"the gateway at {self._url}"  #: what is asked, for people

    async def get(self, path: str, shape: type[_B], query: Mapping[str, object] = MappingProxyType({})) -> _B:
        """Return what is at a path; what the query leaves empty, or at 0, it does not say."""
        given = {name: str(value) for name, value in query.items() if value}
        return self.understood(await self._request("GET", path, params=given, timeout=_TIMEOUT), shape)

    async def post(
        self, path: str, document: object, shape: type[_B], *, patience: aiohttp.ClientTimeout = _TIMEOUT
    ) -> _B:
        """Post a document as JSON; return the answer."""
        body = msgspec.json.encode(document)
        return self.understood(await self.call("POST", path, body=body, patience=patience), shape)

    def understood(self, answer: bytes, shape: type[_B]) -> _B:
        """Return what an answer says. Raises Failed where no gateway of this version gives such a one."""
        with self.understanding():
            return msgspec.json.decode(answer, type=shape)

    @contextmanager
    def understanding(self) -> Generator[None]:
        """Read an answer, or what it holds. Raises Failed where no gateway of this version gives such a one."""
        try:
            yield
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            text = f"what {self._place} answers cannot be read: it is no gateway of this version. Check its address, or"
            raise Failed(f"{text} start it anew after an update; look before repeating a change") from None

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: aiohttp.ClientTimeout = _TIMEOUT,
    ) -> bytes:
        """Return the body of a successful answer; raises Failed with the gateway's own words."""
        sent = {"Content-Type": "application/json", **(headers or {})} if body is not None else dict(headers or {})
        return await self._request(method, path, data=body, headers=sent, timeout=patience)

    async def upload(self, path: str, file: Path, headers: Mapping[str, str]) -> bytes:
        """Stream a file; return the answer."""
        with file.open("rb") as content:
            return await self._request("POST", path, data=content, headers=headers, timeout=_UPLOAD)

    async def pieces(self, path: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Yield a long answer piece by piece; raises Failed where it is refused or breaks off."""
        async with self._answer("GET", path, params=query, timeout=_LONG) as reply:
            async for piece in reply.content.iter_any():
                yield piece

    async def _request(self, method: str, path: str, **rest: object) -> bytes:
        async with self._answer(method, path, **rest) as reply:
            return await _whole(reply)

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **rest: object) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Open a successful answer; raises Failed."""
        try:
            async with self._session.request(method, self._url + path, **rest) as reply:  # type: ignore[arg-type]  # passed through by name
                if reply.status >= _REFUSED:
                    raise _refusal(reply, await _whole(reply), path, self._place)
                yield reply
        except TimeoutError:
            text = f"{self._place} has not answered in time; it may be at work on it: look before repeating"
            raise Failed(text) from None
        except aiohttp.ClientPayloadError:
            text = f"the answer of {self._place} broke off before its end; look before repeating a change"
            raise Failed(text) from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise Failed(f"{self._url!r} is no http:// or https:// address", status=2) from None
        except (aiohttp.ClientError, OSError) as error:
            text = f"{self._place} does not answer ({type(error).__name__}); is it serving?"
            raise Failed(text) from None


@asynccontextmanager
async def api(url: str, key: str, held_in: str) -> AsyncGenerator[Api]:
    """Speak to a gateway while the context lasts. Raises Failed where the key is none that could be sent.

    ``held_in`` names the variable, the option or the file that the key is from.
    """
    shown = key.strip()  # a file with the line ends of Windows leaves one behind it
    if not (shown.isascii() and shown.isprintable()):
        text = f"{held_in} holds characters that no key has: copy the key anew, as `keys new` printed it"
        raise Failed(text, status=2)
    headers = {"Authorization": f"Bearer {shown}", "Accept-Language": LANGUAGE}
    async with aiohttp.ClientSession(headers=headers, trust_env=False) as session:
        yield Api(session, url)


async def _whole(reply: aiohttp.ClientResponse) -> bytes:
    """Return a body, however many pieces it comes in. Raises Failed where it is larger than any answer of a gateway."""
    body = bytearray()
    async for piece in reply.content.iter_any():
        body += piece
        if len(body) > _LIMIT:
            raise Failed(f"the answer of {reply.url.origin()} has more than {_LIMIT} bytes: ask for less at once")
    return bytes(body)


#: What to do where a server answers that did not get as far as the gateway's own words.
_NO_PROBLEM = {400: ": the request cannot be read; something that was given is too long: shorten it"}


#: What an operator's command names by its id, by the doors' first word: what it is, and where its id is found.
_NAMED = {
    "deliveries": ("delivery.not_found", "delivery", "`held`, `dead` and `show CODE` name the ids"),
    "dossiers": ("dossier.not_found", "dossier", "`find CODE` names the id"),
    "keys": ("key.not_found", "live key", "`keys list` names the ids, and what is revoked already"),
    "proposals": ("proposal.not_found", "proposal", "`approve` lists those that wait"),
    "reconciliations": ("reconciliation.not_found", "reconciliation", "`reconcile list` names the ids"),
    "replays": ("replay.not_found", "replay", "`replay list` names them"),
    "systems": ("system.not_found", "system", "`systems` names them"),
}
#: What keeps an operator's command from being done; the doors' own words tell a portal to come again by itself.
_HINDERED = {
    "store.full": "has no room to keep this: nothing was done (store.full). Make room on its disk, or its database's",
    "store.unavailable": "cannot use its database now (store.unavailable): `database_failed` of its log says why. Look"
    " before repeating a change: it may have been kept",
}
_BY_NAME = re.compile(r"/v1/ops/([a-z]+)/([^/]+)")


def _refusal(reply: aiohttp.ClientResponse, body: bytes, path: str, place: str) -> Failed:
    try:
        problem = msgspec.json.decode(body, type=ProblemBody)
    except msgspec.MsgspecError:
        return Failed(f"HTTP {reply.status}{_NO_PROBLEM.get(reply.status, '')}")
    wait = reply.headers.get("Retry-After")  # the words name it
    if hindered := _hindered(problem.code, path, place):
        return Failed(hindered, code=problem.code)
    said = _unknown(problem.code, path, place) or _words(problem)
    return Failed(f"{said}\n  Retry-After: {wait} s" if wait else said, code=problem.code)


def _unknown(code: str, path: str, place: str) -> str:
    """Say what was looked for in vain, where, and what to try: the doors' own words are for partners, too."""
    if (found := _BY_NAME.match(path)) and found[1] in _NAMED:
        missing, what, remedy = _NAMED[found[1]]
        if code == missing:
            return f"{place} has no {what} {unquote(found[2])!r} ({code}): {remedy}"
    return ""


def _hindered(code: str, path: str, place: str) -> str:
    """Say what the gateway lacks to an operator, who is the one to mend it."""
    return f"{place} {_HINDERED[code]}" if code in _HINDERED and path.startswith(at("")) else ""


def _words(problem: ProblemBody) -> str:
    """Return a refusal for people: what, where, what is expected."""
    lines = [f"{problem.title} ({problem.code})", problem.detail]
    lines += [f"  {fault.path}: {fault.message}" if fault.path else f"  {fault.message}" for fault in problem.errors]
    return "\n".join(line for line in lines if line)


def read_json(path: Path) -> dict[str, object]:
    """Return a file's JSON object; raises Failed."""
    try:
        found: object = json.loads(path.read_bytes(), parse_float=as_number, parse_constant=_no_number)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Failed(f"{path} is not JSON that can be read: {error}") from None
    if not isinstance(found, dict):
        raise Failed(f"{path} holds no JSON object")
    return cast("dict[str, object]", found)


def _no_number(text: str) -> float:
    """Refuse NaN and Infinity, which Python takes for numbers, and which would be sent as null."""
    raise ValueError(f"{text} is no number")
