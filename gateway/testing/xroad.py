"""An X-Road security server on loopback, with everything behind it in one process: strict about both protocols.

PR-REST 1.0 and PR-MESS 4.0, as far as a caller can see them: paths, headers, access rights, errors, hashes. Nothing is
signed and nothing is logged but what ``carried`` holds.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import ClientError, web
from lxml import etree

from gateway.testing.loopback import Loopback, Passed, without_hops
from gateway.wire.xml import Element, XmlError, parse, to_bytes
from gateway.wire.xroad import CLIENT, ERROR, HASH, ID, IDENTIFIERS, VERSION, XROAD

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LIMIT = 10 * 1024 * 1024  #: bytes of a REST body
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_NAME = re.compile(r"[A-Za-z0-9'()+,\-.=?]+")
_SEGMENTS = 5  #: of a service's name
_SERVERS_OWN = ("X-Road-Request-Id", "X-Road-Request-Hash", "X-Road-Service")
_MANDATORY = ("client", "service", "id", "protocolVersion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of a provider."""

    url: str  #: where the provider's own server is
    clients: frozenset[str]  #: instance/class/member/subsystem of those who may call it


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One message that was passed on."""

    id: str
    request_id: str
    request_hash: str
    client: str
    service: str


class Refused(Exception):
    """The server answers instead of the provider."""

    def __init__(self, code: str, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(slots=True, kw_only=True)
class _Config:
    services: Mapping[str, Service]
    snake: bool
    fails: str = ""


class SecurityServer(Loopback):
    """Serves ``/r1/…`` and SOAP at ``/``."""

    def __init__(self, services: Mapping[str, Service], *, snake: bool = True) -> None:
        """``services`` by ``instance/class/member/subsystem/service``; ``snake`` writes codes as servers do today."""
        super().__init__()
        self._config = _Config(services=services, snake=snake)
        self.carried: list[Carried] = []

    def fail(self, code: str) -> None:
        """Answer with this error from now on, ``Server.ServerProxy.NetworkError`` say; empty: be well again."""
        self._config.fails = code

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the answer to one request."""
        is_rest = request.raw_path.startswith("/r1/")
        try:
            return await (self._rest(request) if is_rest else self._soap(request))
        except Refused as error:
            refusal = error
        except ClientError as error:
            refusal = Refused("Server.ServerProxy.NetworkError", type(error).__name__)
        return self._rest_error(refusal) if is_rest else self._fault(refusal)

    async def _rest(self, request: web.Request) -> web.Response:
        target, _, query = request.raw_path.partition("?")
        names = [unquote(part) for part in target.split("/")[2:]]
        client = self._client(request)
        service, name = self._service(names[:_SEGMENTS], client)
        body = await request.read()
        if len(body) > LIMIT:
            raise Refused("Server.ClientProxy.IOError", "the body is larger than max-loggable-message-body-size")
        headers = {"Accept": "application/json", **without_hops(request.headers)}
        told = f"{request.method} {request.raw_path} {sorted(headers.items())}".encode()
        carried = self._carry(request.headers.get(ID, ""), client, name, _hash(told, body))
        rest = "/".join(["", *target.split("/")[2 + _SEGMENTS :]])
        url = service.url + rest + (f"?{query}" if query else "")
        passed = await self.pass_on(request, url, body, {**headers, "X-Road-Request-Id": carried.request_id})
        own = {
            CLIENT: client,
            "X-Road-Service": name,
            ID: carried.id,
            "X-Road-Request-Id": carried.request_id,
            "X-Road-Request-Hash": carried.request_hash,
        }
        headers = {key: text for key, text in passed.headers.items() if key.lower() != ERROR.lower()}
        return web.Response(status=passed.status, body=passed.body, headers={**headers, **own})

    def _client(self, request: web.Request) -> str:
        if request.method not in _METHODS:
            raise Refused("Client.InvalidHttpMethod", "no such method", 400)
        if any(name in request.headers for name in _SERVERS_OWN):
            raise Refused("Client.BadRequest", "a header that only a security server sets", 400)
        if CLIENT not in request.headers:
            raise Refused("Client.MissingHeader", f"{CLIENT} is missing", 400)
        return unquote(request.headers.getall(CLIENT)[-1])

    def _service(self, names: list[str], client: str) -> tuple[Service, str]:
        if len(names) < _SEGMENTS or not all(map(_NAME.fullmatch, [*names, *client.split("/")])):
            raise Refused("Client.InvalidRequest", "the path names no service, or the header no client", 400)
        if self._config.fails:
            raise Refused(self._config.fails, "as it was told to")
        name = "/".join(names)
        members = {"/".join(known.split("/")[:4]) for known in self._config.services}
        if "/".join(names[:4]) not in members:
            raise Refused("Server.ClientProxy.UnknownMember", "no such provider")
        service = self._config.services.get(name)
        if service is None:
            raise Refused("Server.ServerProxy.UnknownService", "no such service")
        if client not in service.clients:
            raise Refused("Server.ServerProxy.AccessDenied", "this client may not call this service")
        return service, name

    def _carry(self, known: str, client: str, service: str, digest: str) -> Carried:
        carried = Carried(
            id=known or str(uuid.uuid4()),
            request_id=str(uuid.uuid4()),
            request_hash=digest,
            client=client,
            service=service,
        )
        self.carried.append(carried)
        return carried

    def _code(self, code: str) -> str:
        """Return a code as this server writes it: «Server.ServerProxy.NetworkError», or in snake case."""
        if not self._config.snake:
            return code
        head, _, last = code.rpartition(".")
        return f"{head.lower()}.{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', last).lower()}"

    def _rest_error(self, refusal: Refused) -> web.Response:
        code = self._code(refusal.code)
        body = {"type": code, "message": refusal.message, "detail": str(uuid.uuid4())}
        return web.json_response(body, status=refusal.status, headers={ERROR: code})

    def _fault(self, refusal: Refused) -> web.Response:
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
        fault = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
        etree.SubElement(fault, "faultcode").text = self._code(refusal.code)
        etree.SubElement(fault, "faultstring").text = refusal.message
        detail = etree.SubElement(fault, "detail")
        etree.SubElement(detail, f"{{{XROAD}}}faultDetail").text = str(uuid.uuid4())
        return web.Response(status=500, body=to_bytes(envelope), content_type="text/xml")

    async def _soap(self, request: web.Request) -> web.Response:
        body = await request.read()
        asked = _blocks(body, "Client.InvalidSoap")
        _check(asked)
        client, service = _name(asked["client"]), _name(asked["service"])
        found, name = self._service(service.split("/")[:_SEGMENTS], client)
        carried = self._carry(_text(asked["id"]), client, name, _hash(b"", body))
        kept = {name: text for name in ("Content-Type", "SOAPAction") if (text := request.headers.get(name))}
        passed = await self.pass_on(request, found.url, body, kept)
        return web.Response(
            status=passed.status, body=_answered(passed, asked, carried), headers={"Content-Type": "text/xml"}
        )


def _hash(headers: bytes, body: bytes) -> str:
    """Return the hash of a message: SHA-512 of the hashes of its parts, of the headers alone without a body."""
    parts = [part for part in (headers, body) if part]
    digests = [hashlib.sha512(part).digest() for part in parts]
    whole = digests[0] if len(digests) == 1 else hashlib.sha512(b"".join(digests)).digest()
    return base64.b64encode(whole).decode()


def _blocks(body: bytes, code: str) -> dict[str, Element]:
    """Return X-Road's header blocks of an envelope by name, in order."""
    try:
        root = parse(body)
    except XmlError as error:
        raise Refused(code, str(error)) from error
    header = root.find(f"{{{SOAP}}}Header")
    blocks: Iterable[Element] = header if header is not None else ()
    return {str(block.tag).rpartition("}")[2]: block for block in blocks if str(block.tag).startswith(f"{{{XROAD}}}")}


def _check(blocks: Mapping[str, Element]) -> None:
    missing = [name for name in _MANDATORY if name not in blocks]
    if missing:
        raise Refused("Client.MissingHeaderField", f"missing: {', '.join(missing)}")
    if _text(blocks["protocolVersion"]) != VERSION:
        raise Refused("Client.InvalidProtocolVersion", "the version of the protocol is 4.0")
    kinds = [blocks[name].get(f"{{{IDENTIFIERS}}}objectType") for name in ("client", "service")]
    if HASH in blocks or kinds[0] not in ("MEMBER", "SUBSYSTEM") or kinds[1] != "SERVICE":
        raise Refused("Client.InvalidSoap", "the header names no client or service, or holds what a server sets")


def _answered(passed: Passed, asked: Mapping[str, Element], carried: Carried) -> bytes:
    """Return the provider's answer with the hash of the request; a provider copies the header as it came."""
    root = parse(passed.body)
    if root.find(f".//{{{SOAP}}}Fault") is not None:
        return passed.body
    copied = _blocks(passed.body, "Server.ServerProxy.InvalidSoap")
    if [*copied] != [*asked] or [*map(_said, copied.values())] != [*map(_said, asked.values())]:
        raise Refused("Server.ServerProxy.InconsistentHeaders", "the provider has not copied the header")
    header = root.find(f"{{{SOAP}}}Header")
    block = etree.SubElement(header if header is not None else root, f"{{{XROAD}}}{HASH}")
    block.text = carried.request_hash
    block.set("algorithmId", "http://www.w3.org/2001/04/xmlenc#sha512")
    return to_bytes(root)


def _said(block: Element) -> bytes:
    return etree.tostring(block, method="c14n", exclusive=True, with_tail=False)


def _name(block: Element) -> str:
    return "/".join(_text(part) for part in block)


def _text(block: Element) -> str:
    return (block.text or "").strip()
