"""SOAP systems by configuration: the partner's own WSDL, values from a mapping table, faults by their shape."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal, cast

import msgspec
from lxml import etree

from gateway.config.security import Security as SecurityTable
from gateway.config.settings import SystemConfig
from gateway.config.sources import file_of
from gateway.core.errors import ConfigError, Problem, StoreError
from gateway.sdk.aside import SMALL, aside
from gateway.sdk.assembly import Assembly, Options
from gateway.sdk.configured import ConfiguredAdapter
from gateway.sdk.documents import about, idempotency
from gateway.sdk.link import Context
from gateway.sdk.mapping import CannotRender, Gap
from gateway.sdk.plan import Operation, OperationTable, Plan
from gateway.sdk.reading import Reader
from gateway.sdk.request import Outgoing, body_digest, header_form
from gateway.sdk.rules import Reply
from gateway.sdk.soap_files import PACKINGS, Arrived, How, placed, reply_files
from gateway.sdk.soap_layers import NO_LAYERS, Distrusted, Layers
from gateway.sdk.soap_replies import Found, check_relation, found_in, is_refusal, reply_of, unreadable
from gateway.sdk.soap_security import UNDERSTOOD, compile_security
from gateway.sdk.source import ASKING, OUTBOUND, Form, Missing, Source
from gateway.sdk.transport import Transport, XRoadSoap
from gateway.wire.http import HttpReply
from gateway.wire.soap import SoapVersion
from gateway.wire.soap_addressing import Addressing, address, message_id
from gateway.wire.soap_message import SoapMessage
from gateway.wire.soap_packing import Packing
from gateway.wire.xml import Element, XmlLimits
from gateway.wire.xml_query import XmlBody
from gateway.wire.xop import XopError, detach
from gateway.wire.zeep_codec import CodecError, CodecSettings, Wsdl, WsdlError, load_wsdl
from gateway.wire.zeep_codec import Operation as WsdlOperation
from gateway.wire.zeep_types import Values

_VERSIONS = {"1.1": SoapVersion.V11, "1.2": SoapVersion.V12}
_ADDRESSINGS = {"2005/08": Addressing.V2005, "2004/08": Addressing.V2004}
_CONTENT = "take `content`: those bytes are in the message when it is signed"


class SoapOptions(Options, frozen=True, kw_only=True):
    """``[options]`` of a SOAP system."""

    enveloped: ClassVar[bool] = True
    wsdl: str
    version: Literal["1.1", "1.2"] = "1.1"
    validate: bool = True  #: our requests against the WSDL's types
    validate_replies: bool = True  #: the partner's replies too
    attachments: How = "inline"  #: which way `stream`s travel
    security: SecurityTable = SecurityTable()  #: WS-Security
    addressing: Literal["none", "2005/08", "2004/08"] = "none"  #: the WS-Addressing that it speaks
    ignored_headers: tuple[str, ...] = ()  #: of replies: `{namespace}name`, though it says mustUnderstand


class SoapTable(OperationTable, frozen=True, kw_only=True):
    """One operation of a SOAP system."""

    operation: str
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])  #: of HTTP
    soap_header: dict[str, object] = msgspec.field(default_factory=dict[str, object])  #: by the elements' names
    must_understand: tuple[str, ...] = ()  #: which of them the partner may not skip
    attachments: How | None = None  #: as the system's, where it is not said
    keep_files: bool = False  #: those in its replies, for a mapping to name


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """Which operation of the WSDL, its headers beside HTTP's and SOAP's own, and which way its files travel."""

    operation: str
    headers: Form = field(repr=False)
    soap_header: Form = field(repr=False)
    must_understand: frozenset[str]
    is_question: bool  #: it changes nothing, so every try is another message, and wants another answer
    packing: Packing
    keeps_files: bool  #: of its replies


class SoapDialect:
    """Writes and reads the messages of one WSDL."""

    def __init__(
        self,
        config: SystemConfig,
        options: SoapOptions,
        file: Path,
        context: Context,
        *,
        layers: Layers,
        transport: Transport,
    ) -> None:
        self._config = config
        self._file = file
        self._blobs = context.blobs
        self._layers = layers
        self._clock = context.clock
        self._attachments = options.attachments
        self._transport = transport
        self._addressing = _ADDRESSINGS.get(options.addressing)
        self._ignored = frozenset(options.ignored_headers) | (UNDERSTOOD if layers.security.asks else frozenset[str]())
        self._version = _VERSIONS[options.version]
        self._settings = CodecSettings(
            validate=options.validate,
            validate_replies=options.validate_replies,
            limits=XmlLimits(max_bytes=config.limits.reply),
        )
        self._names: set[str] = set()
        self._wsdl: Wsdl | None = None

    async def open(self) -> None:
        """Load the WSDL; raises ConfigError where it cannot be used or lacks an operation that the file names."""
        key = file_of(self._config.id)
        try:
            self._wsdl = await asyncio.to_thread(load_wsdl, self._file, settings=self._settings)
        except WsdlError as error:
            raise ConfigError(Problem(file=key, key="options.wsdl", text=str(error))) from error
        self._check(self._wsdl, key)

    def make(self, table: SoapTable, key: str, reader: Reader, *, roots: Collection[str]) -> SoapCall | None:
        """Compile the dialect's part of an operation."""
        self._names.add(table.operation)
        if unknown := set(table.must_understand) - set(table.soap_header):
            reader.wrong(f"{key}.must_understand", f"`{min(unknown)}` is not in {key}.soap_header")
        how = table.attachments or self._attachments
        if how != "inline" and self._layers.security.covers:
            reader.wrong(f"{key}.attachments", "a signature covers nothing beside the message", 'write "inline"')
        nothing = Form({}, ())
        headers = reader.made(f"{key}.headers", header_form, table.headers, roots)
        soap_header = reader.made(f"{key}.soap_header", Form, table.soap_header, roots)
        return SoapCall(
            operation=table.operation,
            headers=headers or nothing,
            soap_header=soap_header or nothing,
            must_understand=frozenset(table.must_understand),
            is_question=bool(table.found) or roots is ASKING,
            packing=PACKINGS[how],
            keeps_files=table.keep_files,
        )

    async def write(self, operation: Operation[SoapCall], source: Source) -> Outgoing:
        """Return the envelope; raises CannotRender, CannotProve."""
        call = operation.call
        subject = self._subject(call, source)
        mapped = await operation.mapping.rendered(source) if operation.mapping else {}
        values, files = placed(mapped, call.packing)
        try:
            headers = cast("dict[str, str]", call.headers.fill(source))
            header = cast("dict[str, object]", call.soap_header.fill(source))
            message = await aside(lambda: self._composed(call, values, header), large=bool(operation.content))
            message.attachments = files
            proof = self._transport.envelop(message, call.operation, subject)
            known_as = self._address(message, call, subject)
            meant = "" if self._layers is NO_LAYERS else body_digest(call.packing.pack(_copy(message)).body)
            await self._layers.security.protect(message)
            packed = call.packing.pack(message)
        except Missing as error:
            raise CannotRender([Gap("headers", str(error), "missing")]) from None
        except CodecError as error:
            raise CannotRender([Gap(error.path, self._file.name, error.problem)]) from error
        except XopError as error:
            raise CannotRender([Gap("files", self._file.name, error.problem)]) from error
        return Outgoing(
            url=self._config.address(),
            headers={**idempotency(source), **packed.headers, **headers},
            body=packed.body,
            proof=proof,
            about=subject,
            known_as=known_as,
            files=reply_files(self._blobs, most=self._config.limits.reply_files, keeps=operation.call.keeps_files),
            meant=meant,
        )

    def required(self, operation: Operation[SoapCall]) -> Sequence[tuple[str, ...]]:
        """Return what the WSDL insists on."""
        return self._operation(operation.call).required

    async def read(self, operation: Operation[SoapCall], result: HttpReply, sent: Outgoing) -> Reply:
        """Return the reply's values by name; a fault's are at ``fault.code``, ``fault.reason``, ``fault.subcode``."""
        wsdl = self._operation(operation.call)
        if wsdl.is_one_way and not result.body:
            return reply_of(result, Found(content={}))
        large = len(result.body) > SMALL
        try:
            root = await aside(lambda: wsdl.parse(result.body), large=large)
            files = Arrived(detach(root), result.parts, self._blobs if operation.call.keeps_files else None)
            heard = self._transport.opened(unreadable(result, ""), root)
            believed = root if heard.transport else await self._accepted(root, sent)
            found = await aside(lambda: found_in(believed, wsdl, ignored=self._ignored), large=large)
            shown = await files.shown_in(found)
        except (CodecError, XopError, StoreError) as error:
            return unreadable(result, str(error), distrusted=self._layers.security.asks and not is_refusal(result))
        except Distrusted as error:
            return unreadable(result, str(error), distrusted=True)
        reply = reply_of(result, shown)
        xml = XmlBody(root=believed)
        return replace(reply, xml=xml, transport=heard.transport, proof=heard.proof, blobs=files.kept)

    async def _accepted(self, root: Element, sent: Outgoing) -> Element:
        """Return what may be believed of a reply that the partner itself made; raises Distrusted."""
        believed = await self._layers.security.accept(root, about=sent.about)
        if self._addressing is not None:
            check_relation(believed, sent.known_as)
        return believed

    def _composed(self, call: SoapCall, values: Values, header: Values) -> SoapMessage:
        message = self._operation(call).compose(values, header)
        for block in message.header() if call.must_understand else ():
            if etree.QName(block).localname in call.must_understand:
                block.set(message.version.tag("mustUnderstand"), "1")
        return message

    def _subject(self, call: SoapCall, source: Source) -> str:
        """Return what a message is about; each question is its own, so that no answer to an earlier one answers it."""
        return f"{about(source)} {self._clock.now().isoformat()}" if call.is_question else about(source)

    def _address(self, message: SoapMessage, call: SoapCall, about: str) -> str:
        """Name the message, the same on every try of what must not be done twice; return what it is called."""
        if self._addressing is None:
            return ""
        known_as = message_id(self._config.id, call.operation, about)
        action = self._operation(call).addressing_action
        address(message, self._addressing, action=action, message_id=known_as, to=self._config.address())
        return known_as

    def _operation(self, call: SoapCall) -> WsdlOperation:
        return self._loaded().operation(call.operation, self._version)

    def _loaded(self) -> Wsdl:
        if self._wsdl is None:
            raise RuntimeError("the adapter is closed: await its open() first")
        return self._wsdl

    def _check(self, wsdl: Wsdl, file: str) -> None:
        problems: list[Problem] = []
        for name in sorted(self._names):
            try:
                wsdl.operation(name, self._version)
            except WsdlError as error:
                problems.append(Problem(file=file, key="options.operations", text=error.problem, remedy=error.remedy))
        if problems:
            raise ConfigError(*problems)


def _copy(message: SoapMessage) -> SoapMessage:
    return replace(message, envelope=deepcopy(message.envelope))


SoapAdapter = ConfiguredAdapter[SoapCall]


def build_soap(config: SystemConfig, context: Context) -> SoapAdapter:
    """Build the adapter of a SOAP system; the WSDL itself is read by ``open``. Raises ConfigError."""
    assembly = Assembly(config, context, SoapOptions)
    root = context.directory.resolve()
    file = (root / assembly.options.wsdl).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        text = f"no file `{assembly.options.wsdl}` below {root}"
        assembly.reader.wrong("options.wsdl", text, "copy the partner's WSDL into config/wsdl")
    if isinstance(assembly.transport, XRoadSoap) and assembly.options.version != "1.1":
        assembly.reader.wrong("options.version", "X-Road carries SOAP 1.1 only", 'write "1.1"')
    security = compile_security(assembly.options.security, config, context, assembly.reader)
    layers = Layers(security=security) if security and context.proves else NO_LAYERS
    dialect = SoapDialect(config, assembly.options, file, context, layers=layers, transport=assembly.transport)
    sends, asks = (partial(dialect.make, roots=roots) for roots in (OUTBOUND, ASKING))
    check = _refuse_streams if layers.security.covers else None
    return assembly.build(SoapTable, sends, dialect, ask=asks, check=check)


def _refuse_streams(plan: Plan[SoapCall], reader: Reader) -> None:
    """Note every mapping that takes a `stream`: until it is sent a mark stands for it, and that would be signed."""
    for kind, operation in plan.operations.items():
        key = f'options.operations."{kind}"'
        for place, one in ((key, operation), (f"{key}.lookup", operation.lookup)):
            if one is not None and "stream" in one.content:
                reader.wrong(place, "its mapping takes `stream`, which is read after the message was signed", _CONTENT)
