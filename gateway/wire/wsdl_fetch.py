"""A WSDL and all that it imports, fetched once by an explicit command; at run time nothing is.

What is imported must be where the WSDL is, unless another place is named: a document of others must not choose which
addresses are asked. Redirects are not followed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urldefrag, urljoin, urlsplit

from lxml import etree

from gateway.wire.errors import PlacedError
from gateway.wire.http import HttpReply, HttpRequest, HttpResult
from gateway.wire.wsdl_files import FILE_LIMITS
from gateway.wire.xml import Element, XmlError, parse, to_bytes

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_LOCATIONS = {
    _WSDL + "import": "location",
    _XSD + "import": "schemaLocation",
    _XSD + "include": "schemaLocation",
    _XSD + "redefine": "schemaLocation",
}
_SUFFIXES = {_WSDL + "definitions": ".wsdl", _XSD + "schema": ".xsd"}
_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")
_ENDING = re.compile(r"(?i)[._-]*(wsdl|xsd|svc|asmx|php)$")
_LONGEST_NAME = 80
_OK = 200
_REDIRECTS = range(300, 400)


class FetchFailed(PlacedError):
    """A document could not be fetched or used: ``where`` is its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How much one WSDL may be, with all that it imports."""

    files: int = 100
    total: int = 16 * 1024 * 1024  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Documents by the names under which they refer to each other; ``name`` is the WSDL's own."""

    name: str
    files: Mapping[str, bytes] = field(repr=False)


async def fetch_wsdl(
    url: str,
    get: Callable[[HttpRequest], Awaitable[HttpResult]],
    *,
    also: Collection[str] = (),
    limits: FetchLimits = FetchLimits(),
) -> Fetched:
    """Fetch a WSDL and everything it imports, and let them refer to each other as files. Raises FetchFailed.

    ``also`` are further origins that may be asked: ``https://schemas.example``.
    """
    return await _Fetch(url, get, {origin_of(url), *(origin_of(one) for one in also)}, limits).run()


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address; raises FetchFailed where it is none of HTTP."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise FetchFailed(url, "is no http:// or https:// address", "write it whole, without a user's name")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}:{port}"


class _Fetch:
    """One run: documents still to be fetched, and those that came."""

    def __init__(
        self, url: str, get: Callable[[HttpRequest], Awaitable[HttpResult]], origins: set[str], limits: FetchLimits
    ) -> None:
        self._first = urldefrag(url).url
        self._get = get
        self._origins = origins
        self._limits = limits
        self._roots: dict[str, Element] = {}
        self._names: dict[str, str] = {}
        self._bytes = 0

    async def run(self) -> Fetched:
        waiting = deque([self._first])
        while waiting:
            url = waiting.popleft()
            if url in self._roots:
                continue
            if len(self._roots) >= self._limits.files:
                raise FetchFailed(url, f"more than {self._limits.files} files", "fetch it by hand")
            root = self._roots[url] = await self._document(url)
            self._names[url] = _name(url, root, set(self._names.values()))
            waiting.extend(target for _, _, target in _references(root, url))
        for url, root in self._roots.items():
            for element, attribute, target in _references(root, url):
                element.set(attribute, self._names[target])
        files = {self._names[url]: to_bytes(root) for url, root in self._roots.items()}
        return Fetched(name=self._names[self._first], files=files)

    async def _document(self, url: str) -> Element:
        if origin_of(url) not in self._origins:
            remedy = f"if you trust it, say --also {url.partition('//')[0]}//{urlsplit(url).netloc}"
            raise FetchFailed(url, "lies elsewhere than the WSDL", remedy)
        data = _body(url, await self._get(HttpRequest(method="GET", url=url)))
        self._bytes += len(data)
        if self._bytes > self._limits.total:
            raise FetchFailed(url, f"more than {self._limits.total} bytes in all", "fetch it by hand")
        try:
            root = parse(data, limits=FILE_LIMITS)
        except XmlError as error:
            raise FetchFailed(url, str(error), "ask the partner for its WSDL as a file") from error
        if root.tag not in _SUFFIXES:
            remedy = "is it the address of the WSDL? It often ends in ?wsdl"
            raise FetchFailed(url, f"is {etree.QName(root).localname}, neither WSDL nor schema", remedy)
        return root


def _body(url: str, result: HttpResult) -> bytes:
    if not isinstance(result, HttpReply):
        raise FetchFailed(url, f"no answer ({result.cause})", "check the address, and whether this machine reaches it")
    if result.status in _REDIRECTS:
        raise FetchFailed(url, f"leads elsewhere (HTTP {result.status})", "give the address where it really is")
    if result.status != _OK:
        raise FetchFailed(url, f"HTTP {result.status}", "check the address, and the rights (--authorization)")
    return result.body


def _references(root: Element, url: str) -> Iterator[tuple[Element, str, str]]:
    """Yield every element that refers to another document, its attribute, and the address that it means."""
    for element in root.iter(*_LOCATIONS):
        attribute = _LOCATIONS[str(element.tag)]
        location = (element.get(attribute) or "").strip()
        if location:
            yield element, attribute, _joined(url, location)


def _joined(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError:
        problem = f"refers to {location!r}, which is no address: no http:// or https:// one"
        raise FetchFailed(url, problem, "ask the partner to correct it") from None


def _name(url: str, root: Element, taken: set[str]) -> str:
    """Return a file name after the address: ``service.svc?xsd=xsd0`` becomes ``service-xsd0.xsd``."""
    parts = urlsplit(url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    stem = _ENDING.sub("", last) or "service"
    query = re.sub(r"(?i)(single)?wsdl=?|xsd=", " ", unquote(parts.query))
    plain = _STRANGE.sub("-", f"{stem} {query}".strip()).strip("-.")[:_LONGEST_NAME] or "service"
    suffix = _SUFFIXES[str(root.tag)]
    names = (f"{plain}{number}{suffix}" for number in ("", *(f"-{count}" for count in range(2, len(taken) + 3))))
    return next(name for name in names if name.lower() not in {one.lower() for one in taken})


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
