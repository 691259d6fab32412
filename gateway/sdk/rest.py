"""REST systems by configuration: documents over HTTP, as ``[options]`` of the system's file says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Literal, cast
from urllib.parse import quote

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.errors import StoreError
from gateway.ports.blobs import Blobs
from gateway.sdk.aside import SMALL, aside
from gateway.sdk.assembly import Assembly, Options
from gateway.sdk.bodies import AS_FORM, AS_JSON, AS_MULTIPART, Encoding, How, Xml
from gateway.sdk.configured import ConfiguredAdapter
from gateway.sdk.documents import idempotency
from gateway.sdk.embedding import Embedding, EmbedTable, unfolded
from gateway.sdk.json_schema import required_by
from gateway.sdk.link import Context
from gateway.sdk.mapping import CannotRender, Gap
from gateway.sdk.paths import Places
from gateway.sdk.plan import Operation, OperationTable
from gateway.sdk.reading import Reader
from gateway.sdk.replies import read_json, read_xml
from gateway.sdk.reply_files import FilePlaces
from gateway.sdk.request import JSON, Outgoing, header_form
from gateway.sdk.rules import Reply
from gateway.sdk.source import ASKING, OUTBOUND, Form, Missing, Reference, Source, Template
from gateway.sdk.words import as_text
from gateway.wire.http import HttpReply
from gateway.wire.xml import XmlLimits


class RestOptions(Options, frozen=True, kw_only=True):
    """``[options]`` of a REST system."""

    replies: Literal["json", "xml"] = "json"
    unfold: tuple[str, ...] = ()  #: places of a reply where a text holds a document
    lists: tuple[str, ...] = ()  #: XML elements of replies that are lists even when they stand there once


class RestTable(OperationTable, frozen=True, kw_only=True):
    """One operation of a REST system."""

    method: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3,20}\Z", description="capital letters")] = "POST"
    path: str = ""
    query: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    wrap: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    data: str = ""  #: ``name``, ``name[]`` for a list of one, empty for the body itself
    encode: How = "json"
    root: str = ""  #: of XML: the elements round the document, ``hotich/hoso``
    namespace: str = ""  #: of XML
    embed: dict[str, EmbedTable] = msgspec.field(default_factory=dict[str, EmbedTable])
    reply_files: tuple[str, ...] = ()  #: places of a JSON reply that hold files as base64
    schema: str = ""  #: of the mapped document: a JSON file and the place in it


@dataclass(frozen=True, slots=True, kw_only=True)
class RestCall:
    """The compiled address and form of one operation."""

    method: str
    path: Template
    query: Form
    headers: Form
    wrap: Form
    data: str
    wrapped: bool  #: whether there is anything round the mapped document
    encoding: Encoding
    embeddings: tuple[Embedding, ...]
    reply_files: tuple[Places, ...]
    required: tuple[tuple[str, ...], ...] = ()


class RestDialect:
    """Writes requests and reads replies."""

    def __init__(self, config: SystemConfig, options: RestOptions, blobs: Blobs, reader: Reader) -> None:
        """Compile what all operations share; problems are noted."""
        self._address = config.address().rstrip("/")
        self._is_xml = options.replies == "xml"
        self._limits = config.limits
        self._blobs = blobs
        self._lists = frozenset(options.lists)
        self._unfold = tuple(_places(options.unfold, "options.unfold", reader))

    async def open(self) -> None:
        """Load nothing: everything was compiled."""

    async def write(self, operation: Operation[RestCall], source: Source) -> Outgoing:
        """Return the request; raises CannotRender."""
        call = operation.call
        document = await operation.mapping.rendered(source) if operation.mapping else None
        try:
            return Outgoing(
                method=call.method,
                url=self._address + _path(call.path, source),
                query=cast("dict[str, str]", call.query.fill(source)),
                headers=self._headers(cast("dict[str, str]", call.headers.fill(source)), source),
                document=_embedded(call, _body(call, document, source)),
                encoding=call.encoding,
                files=self._places_of(call).taking() if call.reply_files else None,
            )
        except Missing as error:
            raise CannotRender([Gap("request", str(error), "missing")]) from None

    def required(self, operation: Operation[RestCall]) -> Sequence[tuple[str, ...]]:
        """Return what the operation's schema insists on."""
        return operation.call.required

    async def read(self, operation: Operation[RestCall], result: HttpReply, sent: Outgoing) -> Reply:
        """Return the reply with its document."""
        del sent
        reply = await aside(lambda: self._heard(result), large=len(result.body) > SMALL)
        if not operation.call.reply_files:
            return reply
        try:
            document, blobs = await self._places_of(operation.call).settled(reply.document, result.parts)
        except StoreError:  # what is not kept cannot be told of: the reply is not whole
            return replace(reply, document=None, readable=False)
        return replace(reply, document=document, blobs=blobs)

    def _heard(self, result: HttpReply) -> Reply:
        if self._is_xml:
            reply = read_xml(result, XmlLimits(max_bytes=self._limits.reply), self._lists)
        else:
            reply = read_json(result)
        if not self._unfold:
            return reply
        return replace(reply, document=unfolded(reply.document, self._unfold, self._lists), loose=True)

    def _places_of(self, call: RestCall) -> FilePlaces:
        return FilePlaces(places=call.reply_files, blobs=self._blobs, most=self._limits.reply_files)

    def _headers(self, own: dict[str, str], source: Source) -> dict[str, str]:
        """Add what every call carries: our delivery id, the same on every try."""
        always = {"Accept": "application/xml" if self._is_xml else JSON, **idempotency(source)}
        if not own:
            return always
        names = {name.lower() for name in own}
        return {**{name: text for name, text in always.items() if name.lower() not in names}, **own}


def _embedded(call: RestCall, document: dict[str, object] | None) -> dict[str, object] | None:
    """Return the document as it is sent; what its format cannot say is found out before anything leaves."""
    if document is None:
        return None
    try:
        for embedding in call.embeddings:
            document = embedding.put(document)
        if call.encoding is not AS_JSON:
            call.encoding.encode(document)
    except ValueError as error:
        raise CannotRender([Gap("request", "document", str(error))]) from None
    return document


def _path(template: Template, source: Source) -> str:
    """Fill a path; what is filled in is percent-encoded, slashes too."""
    parts = (part if isinstance(part, str) else _segment(part, source) for part in template.parts)
    return "".join(parts)


def _segment(reference: Reference, source: Source) -> str:
    text = as_text(reference.find(source))
    if not text or text in (".", ".."):
        raise Missing(reference.text)
    return quote(text, safe="")


def _body(call: RestCall, document: dict[str, object] | None, source: Source) -> dict[str, object] | None:
    if document is None and not call.wrapped:
        return None
    wrap = cast("dict[str, object]", call.wrap.fill(source))
    if document is None:
        return wrap
    if not call.data:
        return {**wrap, **document}
    name = call.data.removesuffix("[]")
    return {**wrap, name: [document] if call.data.endswith("[]") else document}


def _call(
    table: RestTable, key: str, reader: Reader, *, roots: Collection[str], directory: FilePath
) -> RestCall | None:
    if not table.path.startswith("/"):
        reader.wrong(f"{key}.path", "a path starts with /", "it is joined to the system's endpoint")
    embeddings = tuple(_embeddings(table, key, reader))
    try:
        return RestCall(
            method=table.method,
            path=Template.parse(table.path, roots),
            query=Form(table.query, roots),
            headers=header_form(table.headers, roots),
            wrap=Form(table.wrap, roots),
            data=table.data,
            wrapped=bool(table.wrap),
            encoding=_encoding(table),
            embeddings=embeddings,
            reply_files=tuple(_places(table.reply_files, f"{key}.reply_files", reader)),
            required=required_by(directory, table.schema) if table.schema else (),
        )
    except ValueError as error:
        reader.wrong(key, str(error))
        return None


def _encoding(table: RestTable) -> Encoding:
    """Return how the document is written; raises ValueError."""
    if bool(table.root) is not (table.encode == "xml") or (table.namespace and not table.root):
        raise ValueError('`root` goes with encode = "xml", and `namespace` with `root`')
    if table.encode != "xml":
        return {"json": AS_JSON, "form": AS_FORM, "multipart": AS_MULTIPART}[table.encode]
    encoding = Xml(table.root, table.namespace)
    encoding.encode({})
    return encoding


def _embeddings(table: RestTable, key: str, reader: Reader) -> Iterator[Embedding]:
    made = (reader.made(f'{key}.embed."{place}"', Embedding.of, place, one) for place, one in table.embed.items())
    return (one for one in made if one is not None)


def _places(texts: Sequence[str], key: str, reader: Reader) -> Iterator[Places]:
    made = (reader.made(key, Places.parse, text) for text in texts)
    return (one for one in made if one is not None)


RestAdapter = ConfiguredAdapter[RestCall]


def build_rest(config: SystemConfig, context: Context) -> RestAdapter:
    """Build the adapter of a REST system; raises ConfigError with every problem of its files."""
    assembly = Assembly(config, context, RestOptions)
    dialect = RestDialect(config, assembly.options, context.blobs, assembly.reader)
    sends, asks = (partial(_call, roots=roots, directory=context.directory) for roots in (OUTBOUND, ASKING))
    return assembly.build(RestTable, sends, dialect, ask=asks)
