"""Puts an adapter together from a system's file: reads its options, compiles its tables, names all problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, ClassVar, Generic, TypeVar, cast

import msgspec

from gateway.config.settings import SystemConfig
from gateway.config.sources import file_of
from gateway.core.ids import SystemId
from gateway.sdk.auth import AuthCompiler
from gateway.sdk.classify import Judge
from gateway.sdk.configured import ConfiguredAdapter, Parts
from gateway.sdk.dialect import Dialect
from gateway.sdk.files import DEFAULT_INLINE, Files
from gateway.sdk.inquiry import Inquirer, InquiryCompiler
from gateway.sdk.link import Context, link_to
from gateway.sdk.mapping import LINK, Direction
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.mapping_compiler import compile_all
from gateway.sdk.partner import Partner
from gateway.sdk.plan import (
    Common,
    OperationTable,
    Plan,
    PlanCompiler,
    check_doubt,
    check_updates,
    check_yes,
    compile_paths,
)
from gateway.sdk.polled import polled
from gateway.sdk.polling import Poller, Stream
from gateway.sdk.reading import Reader, Table
from gateway.sdk.receiving import ReceiveCompiler, check_events
from gateway.sdk.rules import compile_rules
from gateway.sdk.streams import StreamCompiler
from gateway.sdk.transport import compile_transport

_WORDS = ("message", "error_message", "detail", "fault.reason")
Raw = dict[str, object]
Positive = Annotated[int, msgspec.Meta(gt=0)]


class Options(Table, frozen=True, kw_only=True):
    """``[options]`` as every dialect knows it."""

    enveloped: ClassVar[bool] = False  #: SOAP: what is sent has no field for a credential
    operations: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])
    queries: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])
    auth: Raw | None = None
    transport: Raw | None = None
    outcomes: tuple[Raw, ...] = ()
    receive: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])
    news: dict[str, Raw] = msgspec.field(default_factory=dict[str, Raw])
    clean_5xx: bool = False
    words: tuple[str, ...] = _WORDS
    inline_limit: Positive = DEFAULT_INLINE
    inline_concurrency: Positive = 2


OptionsShape = TypeVar("OptionsShape", bound=Options)
Shape = TypeVar("Shape", bound=OperationTable)
Call = TypeVar("Call")


class Assembly(Generic[OptionsShape]):
    """One system's file on its way to an adapter."""

    def __init__(self, config: SystemConfig, context: Context, shape: type[OptionsShape]) -> None:
        """Read the options; raises ConfigError where they cannot be read at all."""
        self.config = config
        self.context = context
        self.reader = Reader(file_of(config.id))
        options = self.reader.read(shape, config.options, "options")
        if options is None:
            self.reader.check()
            raise AssertionError("a table that cannot be read is a problem")
        self.options = options
        self.transport = compile_transport(options.transport, self.reader, enveloped=options.enveloped)

    def build(
        self,
        shape: type[Shape],
        make: Callable[[Shape, str, Reader], Call | None],
        dialect: Dialect[Call],
        *,
        ask: Callable[[Shape, str, Reader], Call | None] | None = None,
        check: Callable[[Plan[Call], Reader], None] | None = None,
    ) -> ConfiguredAdapter[Call]:
        """Return the adapter; raises ConfigError with every problem found, those that ``check`` notes too."""
        asks = ask or self._cannot_ask
        streams = self._streams(shape, asks)
        parts = self.parts(shape, make, dialect, ask=ask, check=check)
        poller = Poller(
            config=self.config,
            partner=parts.partner,
            dialect=dialect,
            blobs=self.context.blobs,
            streams=streams,
            system=parts.system,
        )
        return polled(parts, poller)

    def _streams(self, shape: type[Shape], ask: Callable[[Shape, str, Reader], Call | None]) -> dict[str, Stream[Call]]:
        """Compile what it is asked for; problems are noted."""
        named = {(name, Direction.ASK) for name in _named(self.options.news)}
        named |= {(name, Direction.IN) for name in _named(self.options.news, "events")}
        mappings = compile_all(named, self.context.mappings, self.reader)
        common = replace(self._common, mappings=_of(mappings, Direction.ASK))
        compiler = StreamCompiler(shape, ask, common, self.reader)
        streams = compiler.compile(self.options.news, _of(mappings, Direction.IN))
        for name, stream in streams.items():
            check_events(stream.events, self.config, f"options.news.{name}.events", self.reader)
        return streams

    def parts(
        self,
        shape: type[Shape],
        make: Callable[[Shape, str, Reader], Call | None],
        dialect: Dialect[Call],
        *,
        ask: Callable[[Shape, str, Reader], Call | None] | None = None,
        check: Callable[[Plan[Call], Reader], None] | None = None,
    ) -> Parts[Call]:
        """Return what an adapter is made of that can do more; raises ConfigError with every problem found.

        ``make`` returns the dialect's part of an operation, ``ask`` that of a question, where it can be asked any;
        ``check`` notes what the dialect cannot do of the whole plan.
        """
        if not (self.options.operations or self.options.queries or self.options.receive or self.options.news):
            self.reader.wrong("options.operations", "missing", "say what is sent, or what is asked in options.queries")
        link = link_to(self.config, self.context, self.reader, self.transport)
        mappings = compile_all(self._mappings(), self.context.mappings, self.reader)
        check_links(mappings.values(), self.context, self.reader)
        common = replace(self._common, mappings=_of(mappings, Direction.OUT))
        plan = PlanCompiler(shape, make, common, self.reader).compile(self.options.operations)
        asking = InquiryCompiler(
            shape, ask or self._cannot_ask, replace(common, mappings=_of(mappings, Direction.ASK)), self.reader
        )
        inquiries = asking.compile(self.options.queries, _of(mappings, Direction.IN))
        check_doubt(plan, self.config.declarations(), self.reader)
        check_updates(plan, self.config.on_first_exists, self.reader)
        check_yes(plan, self.reader)
        if check is not None:
            check(plan, self.reader)
        compiler = AuthCompiler(self.config, self.context.secrets, self.reader)
        auth = compiler.compile(self.options.auth, link, fields=self._takes_fields())
        receiving = ReceiveCompiler(self.config, self.context.secrets, self.reader)
        receiver = receiving.compile(self.options.receive, mappings, self.context)
        self.reader.check()
        partner, system = Partner(link, auth), {"id": self.config.id, "agency": self.config.agency}
        return Parts(
            partner=partner,
            dialect=dialect,
            plan=plan,
            files=Files(self.context, SystemId(self.config.id), self.options.inline_limit),
            receiver=receiver,
            inquirer=Inquirer(partner=partner, dialect=dialect, inquiries=inquiries, system=system),
            system=system,
            inline=self.options.inline_concurrency,
            on_first_exists=self.config.on_first_exists,
        )

    def judge(self, *outcomes: Raw) -> Judge:
        """Return how answers to a question of the adapter's own are read: after what the file says of credentials."""
        return self._common.judge(self._common.general + compile_rules(outcomes, "options", self.reader))

    def _takes_fields(self) -> bool:
        """Whether a credential may be a field of every document that is sent."""
        tables = (*self.options.operations.values(), *self.options.queries.values(), *self.options.news.values())
        return not self.options.enveloped and all(table.get("encode") != "xml" for table in tables)

    def _cannot_ask(self, _table: object, key: str, _reader: object) -> None:
        self.reader.wrong(key, f"the adapter `{self.config.adapter}` answers no questions", "remove it")

    @cached_property
    def _common(self) -> Common:
        """What all operations, questions and streams share, but for their mappings."""
        words = compile_paths({name: name for name in self.options.words}, "options.words", self.reader)
        return Common(
            rules=compile_rules(self.options.outcomes, "options.outcomes", self.reader) + self.transport.rules,
            clean_5xx=self.options.clean_5xx,
            words=tuple(words.values()),
            mappings={},
        )

    def _mappings(self) -> set[tuple[str, Direction]]:
        outbound = {(name, Direction.OUT) for name in _named(self.options.operations)}
        asking = {(name, Direction.ASK) for name in _named(self.options.queries)}
        inbound = {*_named(self.options.receive), *_named(self.options.queries, "answer")}
        return outbound | asking | {(name, Direction.IN) for name in inbound}


def check_links(mappings: Iterable[MappingTable], context: Context, reader: Reader) -> None:
    """Note every mapping that makes links to files where there is no key to sign them with."""
    for mapping in mappings:
        if LINK in mapping.content and not context.links.ready:
            reader.wrong(
                "options",
                f"the mapping `{mapping.name}` makes links to files, and there is no key to sign them",
                'set keys = ["env:…"] under [links] in gateway.toml',
            )


def _of(mappings: Mapping[tuple[str, Direction], MappingTable], way: Direction) -> dict[str, MappingTable]:
    return {name: one for (name, direction), one in mappings.items() if direction is way}


def _named(tables: Mapping[str, Raw], key: str = "mapping") -> Iterator[str]:
    """Yield the mappings that tables name under a key, those of their look-ups too."""
    for table in tables.values():
        name, lookup = table.get(key), table.get("lookup")
        if isinstance(name, str) and name:
            yield name
        if isinstance(lookup, dict):
            yield from _named({"lookup": cast("Raw", lookup)})
