"""REST systems by configuration: JSON over HTTP, as ``[options]`` of the system's file says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import cast
from urllib.parse import quote

import msgspec

from gateway.config.settings import SystemConfig
from gateway.sdk.assembly import Assembly, Options
from gateway.sdk.configured import ConfiguredAdapter
from gateway.sdk.documents import idempotency
from gateway.sdk.link import Context
from gateway.sdk.mapping import CannotRender, Gap
from gateway.sdk.plan import Operation, OperationTable
from gateway.sdk.reading import Reader
from gateway.sdk.replies import read_json
from gateway.sdk.request import JSON, Outgoing
from gateway.sdk.rules import Reply
from gateway.sdk.source import ASKING, OUTBOUND, Form, Missing, Reference, Source, Template
from gateway.sdk.words import as_text
from gateway.wire.http import HttpReply


class RestTable(OperationTable, frozen=True, kw_only=True):
    """One operation of a REST system."""

    method: str = "POST"
    path: str = ""
    query: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    wrap: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    data: str = ""  #: ``name``, ``name[]`` for a list of one, empty for the body itself


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


class RestDialect:
    """Writes JSON requests and reads JSON replies."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self) -> None:
        """Load nothing: everything was compiled."""

    async def write(self, operation: Operation[RestCall], source: Source) -> Outgoing:
        """Return the request; raises CannotRender."""
        call = operation.call
        document = operation.mapping.render(source) if operation.mapping else None
        try:
            return Outgoing(
                method=call.method,
                url=self._address + _path(call.path, source),
                query=cast("dict[str, str]", call.query.fill(source)),
                headers=_headers(cast("dict[str, str]", call.headers.fill(source)), source),
                document=_body(call, document, source),
            )
        except Missing as error:
            raise CannotRender([Gap("request", str(error), "missing")]) from None

    async def read(self, operation: Operation[RestCall], result: HttpReply, sent: Outgoing) -> Reply:
        """Return the reply with its JSON."""
        del operation, sent
        return read_json(result)


def _path(template: Template, source: Source) -> str:
    """Fill a path; what is filled in is percent-encoded, slashes too."""
    parts = (part if isinstance(part, str) else _segment(part, source) for part in template.parts)
    return "".join(parts)


def _segment(reference: Reference, source: Source) -> str:
    text = as_text(reference.find(source))
    if not text or text in (".", ".."):
        raise Missing(reference.text)
    return quote(text, safe="")


def _headers(own: dict[str, str], source: Source) -> dict[str, str]:
    """Add what every call carries: our delivery id, the same on every try."""
    always = {"Accept": JSON, **idempotency(source)}
    if not own:
        return always
    names = {name.lower() for name in own}
    return {**{name: text for name, text in always.items() if name.lower() not in names}, **own}


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


def _call(table: RestTable, key: str, reader: Reader, *, roots: Collection[str]) -> RestCall | None:
    if not table.path.startswith("/"):
        reader.wrong(f"{key}.path", "a path starts with /", "it is joined to the system's endpoint")
    try:
        return RestCall(
            method=table.method,
            path=Template.parse(table.path, roots),
            query=Form(table.query, roots),
            headers=Form(table.headers, roots),
            wrap=Form(table.wrap, roots),
            data=table.data,
            wrapped=bool(table.wrap),
        )
    except ValueError as error:
        reader.wrong(key, str(error))
        return None


RestAdapter = ConfiguredAdapter[RestCall]


def build_rest(config: SystemConfig, context: Context) -> RestAdapter:
    """Build the adapter of a REST system; raises ConfigError with every problem of its files."""
    dialect = RestDialect(config.address().rstrip("/"))
    sends, asks = (partial(_call, roots=roots) for roots in (OUTBOUND, ASKING))
    return Assembly(config, context, Options).build(RestTable, sends, dialect, ask=asks)
