"""SOAP systems by configuration: the partner's own WSDL, values from a mapping table, faults by their shape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal, TypeVar, cast

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError, Problem
from gateway.sdk.assembly import Assembly, Options
from gateway.sdk.configured import ConfiguredAdapter
from gateway.sdk.documents import about, idempotency
from gateway.sdk.link import Context
from gateway.sdk.mapping import CannotRender, Gap
from gateway.sdk.plan import Operation, OperationTable
from gateway.sdk.reading import Reader
from gateway.sdk.request import Outgoing
from gateway.sdk.rules import Reply
from gateway.sdk.soap_files import PACKINGS, How, placed
from gateway.sdk.soap_layers import NO_LAYERS, Distrusted, Layers
from gateway.sdk.source import ASKING, OUTBOUND, Form, Missing, Source
from gateway.sdk.transport import DIRECT, Transport, XRoadSoap
from gateway.wire.http import HttpReply
from gateway.wire.soap import SoapVersion
from gateway.wire.soap_packing import Packing
from gateway.wire.xml import XmlLimits
from gateway.wire.xop import XopError
from gateway.wire.zeep_codec import CodecError, CodecSettings, SoapFault, Wsdl, WsdlError, load_wsdl

_VERSIONS = {"1.1": SoapVersion.V11, "1.2": SoapVersion.V12}
_SMALL = 64 * 1024  #: bytes below which a thread costs more than it saves
_T = TypeVar("_T")


class SoapOptions(Options, frozen=True, kw_only=True):
    """``[options]`` of a SOAP system."""

    enveloped: ClassVar[bool] = True
    wsdl: str
    version: Literal["1.1", "1.2"] = "1.1"
    validate: bool = True  #: our requests against the WSDL's types
    validate_replies: bool = True  #: the partner's replies too
    attachments: How = "inline"  #: which way `stream`s travel


class SoapTable(OperationTable, frozen=True, kw_only=True):
    """One operation of a SOAP system."""

    operation: str
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])  #: of HTTP
    attachments: How | None = None  #: as the system's, where it is not said


@dataclass(frozen=True, slots=True)
class SoapCall:
    """Which operation of the WSDL, the HTTP headers beside its own, and which way its files travel."""

    operation: str
    headers: Form
    packing: Packing


class SoapDialect:
    """Writes and reads the messages of one WSDL."""

    def __init__(
        self,
        config: SystemConfig,
        options: SoapOptions,
        file: Path,
        *,
        layers: Layers = NO_LAYERS,
        transport: Transport = DIRECT,
    ) -> None:
        self._config = config
        self._file = file
        self._layers = layers
        self._attachments = options.attachments
        self._transport = transport
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
        key = f"systems/{self._config.id}.toml"
        try:
            self._wsdl = await asyncio.to_thread(load_wsdl, self._file, settings=self._settings)
        except WsdlError as error:
            raise ConfigError(Problem(file=key, key="options.wsdl", text=str(error))) from error
        self._check(self._wsdl, key)

    def make(self, table: SoapTable, key: str, reader: Reader, *, roots: Collection[str]) -> SoapCall | None:
        """Compile the dialect's part of an operation."""
        self._names.add(table.operation)
        try:
            packing = PACKINGS[table.attachments or self._attachments]
            return SoapCall(table.operation, Form(table.headers, roots), packing)
        except ValueError as error:
            reader.wrong(f"{key}.headers", str(error))
            return None

    async def write(self, operation: Operation[SoapCall], source: Source) -> Outgoing:
        """Return the envelope; raises CannotRender."""
        wsdl = self._loaded().operation(operation.call.operation, self._version)
        packing = operation.call.packing
        values, files = placed(operation.mapping.render(source) if operation.mapping else {}, packing)
        try:
            headers = cast("dict[str, str]", operation.call.headers.fill(source))
            message = await _aside(lambda: wsdl.compose(values), large=bool(operation.content))
        except Missing as error:
            raise CannotRender([Gap("headers", str(error), "missing")]) from None
        except CodecError as error:
            raise CannotRender([Gap(error.path, self._file.name, error.problem)]) from error
        message.attachments = files
        proof = self._transport.envelop(message, operation.call.operation, about(source))
        await self._layers.security.protect(message)
        try:
            packed = packing.pack(message)
        except XopError as error:
            raise CannotRender([Gap("files", self._file.name, error.problem)]) from error
        return Outgoing(
            url=self._config.address(),
            headers={**idempotency(source), **packed.headers, **headers},
            body=packed.body,
            proof=proof,
        )

    async def read(self, operation: Operation[SoapCall], result: HttpReply, about: str) -> Reply:
        """Return the reply's values by name; a fault's are at ``fault.code``, ``fault.reason``, ``fault.subcode``."""
        wsdl = self._loaded().operation(operation.call.operation, self._version)
        try:
            unpacked = await self._layers.packing.unpack(result)
            large = len(unpacked.root) > _SMALL
            root = await _aside(lambda: wsdl.parse(unpacked.root), large=large)
            heard = self._transport.opened(_reply(result, None), root)
            believed = root if heard.transport else await self._layers.security.accept(root, about=about)
            found = await _aside(lambda: wsdl.read_root(believed), large=large)
        except CodecError:
            return _reply(result, None)
        except Distrusted:
            return replace(_reply(result, None), distrusted=True)
        return replace(_reply(result, found), transport=heard.transport, proof=heard.proof)

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


async def _aside(work: Callable[[], _T], *, large: bool) -> _T:
    """Do what may take long in a thread, so that no other dossier waits for it."""
    return await asyncio.to_thread(work) if large else work()


def _reply(result: HttpReply, found: dict[str, object] | SoapFault | None) -> Reply:
    fault = found if isinstance(found, SoapFault) else None
    document: object = found
    if fault is not None:
        shown = {"code": fault.code, "reason": fault.reason, "actor": fault.actor}
        document = {"fault": {**shown, "subcode": fault.subcodes[0] if fault.subcodes else ""}}
    return Reply(
        status=result.status,
        headers=result.headers,
        body=result.body,
        document=document,
        readable=found is not None,
        fault=fault.code if fault else "",
        early=result.early,
    )


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
    dialect = SoapDialect(config, assembly.options, file, transport=assembly.transport)
    sends, asks = (partial(dialect.make, roots=roots) for roots in (OUTBOUND, ASKING))
    return assembly.build(SoapTable, sends, dialect, ask=asks)
