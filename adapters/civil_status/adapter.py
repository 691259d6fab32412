"""Hộ tịch over a provincial LGSP: registrations go out in the form that the ministry takes; then it is asked.

What is common to every REST system (credentials, rules, look-ups, mappings) is the SDK's; here is what is not: which
module and which address a procedure has, and a form that travels as a text inside JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

import msgspec

from adapters.civil_status.answers import Answers, Paper, Unreadable
from adapters.civil_status.forms import Fields, as_json, as_xml, split
from gateway.sdk import (
    JSON,
    OUTBOUND,
    PAGE_MOST,
    Answer,
    Assembly,
    CannotRender,
    ConfiguredAdapter,
    Context,
    DateFormat,
    Draft,
    Gap,
    HttpReply,
    Judge,
    NoAnswer,
    OpenDossier,
    Operation,
    OperationTable,
    Options,
    Outgoing,
    Page,
    Parts,
    Payload,
    Question,
    Reader,
    Reason,
    Reference,
    Reply,
    Source,
    SystemConfig,
    Table,
    Then,
    Turn,
    Unread,
    Verdict,
    Why,
    as_text,
    compile_rules,
    idempotency,
    read_json,
)

#: An answer is one that says so; what it says of single dossiers is in its items.
_JUDGE = Judge(
    rules=compile_rules(({"path": "status", "equals": ["1"], "then": "delivered"},), "options.poll", Reader("")),
    words=(),
)
_PROCEDURE = Reference.parse("dossier.procedure.code", OUTBOUND)


class Paths(Table, frozen=True, kw_only=True):
    """``[options.paths]``, below the endpoint."""

    register: str = "/hotich/1.0/dangKyHoTich"
    chained: str = "/apiLienThongKSKT/1.0/nhanHoSoDKHT"


class Poll(Table, frozen=True, kw_only=True):
    """``[options.poll]``: how the ministry is asked how dossiers stand."""

    path: str
    province: str  #: maTinh
    batch: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1000  #: dossiers of one question
    scheme: str = "province"  #: of the code that the ministry knows a dossier by
    dates: tuple[str, ...] = ("dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy", "yyyy-MM-dd")  #: as times may be written
    papers: dict[str, Paper]  #: fields of ``ketQuaXuLy`` that hold papers as base64


class CivilOptions(Options, frozen=True, kw_only=True):
    """``[options]`` of this adapter."""

    modules: dict[str, str]  #: the ministry's module of each procedure
    chained: tuple[str, ...] = ("LTKS", "LTKT", "LTKH")  #: modules with an address of their own
    paths: Paths = Paths()
    poll: Poll


class CivilTable(OperationTable, frozen=True, kw_only=True):
    """One operation: a registration."""

    form: Literal["json", "xml"] = "json"  #: as what text ``data`` travels
    split_names: tuple[str, ...] = ()  #: fields of ``data`` that become {Ho, ChuDem, Ten}
    split_dates: tuple[str, ...] = ()  #: fields of ``data`` that become {ngaySinh, thangSinh, namSinh}


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilDialect:
    """Writes registrations and questions, and reads replies."""

    address: str
    options: CivilOptions

    async def open(self) -> None:
        """Load nothing."""

    async def write(self, operation: Operation[CivilTable], source: Source) -> Outgoing:
        """Return the request; raises CannotRender."""
        module = self._module_of(as_text(_PROCEDURE.find(source)) or "")
        mapped = await operation.mapping.rendered(source) if operation.mapping else {}
        paths = self.options.paths
        return Outgoing(
            url=self.address + (paths.chained if module in self.options.chained else paths.register),
            headers={"Accept": JSON, **idempotency(source)},
            document={**mapped, "module": module, "data": _text(operation.call, mapped.get("data", {}))},
        )

    def required(self, operation: Operation[CivilTable]) -> Sequence[tuple[str, ...]]:
        """Return nothing: the ministry has published no schema."""
        del operation
        return ()

    async def read(self, operation: Operation[CivilTable], result: HttpReply, sent: Outgoing) -> Reply:
        """Return the reply with its JSON."""
        del operation, sent
        return read_json(result)

    def _module_of(self, procedure: str) -> str:
        module = self.options.modules.get(procedure)
        if module is None:
            raise CannotRender([Gap("module", _PROCEDURE.text, "a procedure that options.modules does not name")])
        return module


def _text(table: CivilTable, data: object) -> str:
    """Return ``data`` as the text that the ministry takes; a form that is a text already goes as it is."""
    if isinstance(data, str):
        return data
    fields = split(cast("Fields", data), table.split_names, table.split_dates)
    return as_xml(fields) if table.form == "xml" else as_json(fields)


class CivilStatus(ConfiguredAdapter[CivilTable]):
    """Sends registrations, and asks what becomes of them: a stream for each module."""

    def __init__(self, parts: Parts[CivilTable], options: CivilOptions, answers: Answers, url: str) -> None:
        super().__init__(parts)
        self._options = options
        self._answers = answers
        self._url = url
        self._limits = dict.fromkeys(options.modules.values(), options.poll.batch)

    def streams(self) -> Sequence[str]:
        """Return the modules."""
        return tuple(self._limits)

    def turn(self, stream: str) -> Turn:
        """Return which dossiers the next question of a module is about."""
        named = frozenset(procedure for procedure, module in self._options.modules.items() if module == stream)
        return Turn(procedures=named, limit=self._limits[stream])

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        """Ask how these dossiers stand; raises NoAnswer."""
        del cursor  # whose turn it is follows from the dossiers
        is_last = len(open_dossiers) < self._limits[stream]
        after = "" if is_last else open_dossiers[-1].id
        codes = [code for one in open_dossiers if (code := one.codes.get(self._options.poll.scheme))]
        if not codes:
            return _page([], [], after)
        answer = await self._question(stream, codes, deadline)
        verdict = _verdict(answer)
        if verdict.why is Why.REPLY_TOO_LARGE and len(codes) == 1:
            told = msgspec.json.encode({"module": stream, "maDinhDanhHoSo": codes, "problem": "reply too large"})
            raw = Payload(body=told, media_type=JSON)
            return _page([], [Unread(raw=raw, problem="its answer is larger than limits.reply")], after)
        if verdict.then is not Then.DELIVERED:
            self._be_modest(stream, verdict, len(codes))
            raise NoAnswer(verdict.reason, verdict.retry_after)
        self._limits[stream] = min(self._limits[stream] * 2, self._options.poll.batch)
        return await self._read(stream, answer.reply.document, after)

    async def _question(self, module: str, codes: Sequence[str], deadline: float) -> Answer:
        partner = self._parts.partner
        asked = {"maTinh": self._options.poll.province, "module": module, "maDinhDanhHoSo": codes}
        outgoing = Outgoing(url=self._url, headers={"Accept": JSON}, document=asked)
        question = Question(outgoing=outgoing, judge=_JUDGE, read=_read_json)
        return await partner.ask(question, until=partner.link.until(deadline))

    def _be_modest(self, stream: str, verdict: Verdict, asked: int) -> None:
        """Ask about half as many where the results of so many are more than we read at once."""
        if verdict.why is Why.REPLY_TOO_LARGE:
            self._limits[stream] = max(asked // 2, 1)

    async def _read(self, stream: str, document: object, after: str) -> Page:
        """Return what the items state; one that cannot be read stands in nobody's way."""
        items = _items(document)
        if items is None:
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED))
        drafts: list[Draft] = []
        unreadable: list[Unread] = []
        for item in items:
            try:
                drafts += await self._answers.drafts(stream, item)
            except Unreadable as error:
                unreadable.append(error.unread)
        return _page(drafts, unreadable, after)


def _items(document: object) -> Sequence[object] | None:
    """Return what an answer says of single dossiers, None where it is no list; some buses unwrap a list of one."""
    items = cast("Mapping[str, object]", document).get("value") or ()
    if isinstance(items, Mapping):
        return (cast("object", items),)
    return cast("Sequence[object]", items) if isinstance(items, Sequence) and not isinstance(items, str) else None


def _verdict(answer: Answer) -> Verdict:
    """Return what an answer means: one of more items than a page holds is too large, as one of too many bytes is."""
    items = _items(answer.reply.document) if answer.verdict.then is Then.DELIVERED else None
    is_large = items is not None and len(items) > PAGE_MOST
    return Verdict(then=Then.AMBIGUOUS, why=Why.REPLY_TOO_LARGE) if is_large else answer.verdict


def _page(drafts: Sequence[Draft], unreadable: Sequence[Unread], after: str) -> Page:
    """Return a page: without a dossier to go on behind, the round is over."""
    return Page(drafts=drafts, unreadable=unreadable, cursor=after, more=bool(after))


async def _read_json(result: HttpReply) -> Reply:
    return read_json(result)


def _table(table: CivilTable, key: str, reader: Reader) -> CivilTable | None:
    if table.mapping:
        return table
    reader.wrong(f"{key}.mapping", "a registration needs a mapping")
    return None


def build(config: SystemConfig, context: Context) -> CivilStatus:
    """Build the adapter; raises ConfigError with every problem of its files."""
    assembly = Assembly(config, context, CivilOptions)
    options, address = assembly.options, config.address().rstrip("/")
    dates = _dates(options.poll.dates, assembly.reader)
    parts = assembly.parts(CivilTable, _table, CivilDialect(address=address, options=options))
    answers = Answers(
        config=config, context=context, scheme=options.poll.scheme, papers=options.poll.papers, dates=dates
    )
    return CivilStatus(parts, options, answers, address + options.poll.path)


def _dates(letters: Sequence[str], reader: Reader) -> Sequence[DateFormat]:
    formats: list[DateFormat] = []
    for one in letters:
        try:
            formats.append(DateFormat.parse(one))
        except ValueError as error:
            reader.wrong("options.poll.dates", str(error))
    return formats
