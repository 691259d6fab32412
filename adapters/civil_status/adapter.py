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
from adapters.civil_status.asking import Asking
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
    idempotency,
    read_json,
)

#: An answer is one that says so; what it says of single dossiers is in its items.
_ANSWERED: Mapping[str, object] = {"path": "status", "equals": ["1"], "then": "delivered"}
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

    def __init__(
        self, parts: Parts[CivilTable], options: CivilOptions, answers: Answers, url: str, judge: Judge
    ) -> None:
        super().__init__(parts)
        self._options = options
        self._answers = answers
        self._url = url
        self._judge = judge
        self._asking = {module: Asking(options.poll.batch) for module in options.modules.values()}

    def streams(self) -> Sequence[str]:
        """Return the modules."""
        return tuple(self._asking)

    def turn(self, stream: str) -> Turn:
        """Return which dossiers the next question of a module is about."""
        named = frozenset(procedure for procedure, module in self._options.modules.items() if module == stream)
        return Turn(procedures=named, limit=self._asking[stream].limit)

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        """Ask how these dossiers stand; raises NoAnswer."""
        del cursor  # whose turn it is follows from the dossiers
        asking, link = self._asking[stream], self._parts.partner.link
        asked = asking.about(open_dossiers, self._options.poll.scheme, link.clock.now())
        if not asked.codes:
            return _page([], [], asked.after)
        answer = await self._question(stream, asked.codes, deadline)
        verdict = _verdict(answer)
        if verdict.then is Then.DELIVERED:
            told = [_unread(stream, code, words) for code, words in asking.answered().items()]
            return await self._read(stream, answer.reply.document, asked.after, told)
        if verdict.why is Why.REPLY_TOO_LARGE and len(asked.codes) == 1:
            return _page([], [_unread(stream, asked.codes[0], "reply too large")], asked.after)
        if verdict.why is Why.REPLY_TOO_LARGE or _refuses(answer):
            self._be_modest(asking, asked.codes, verdict)
        raise NoAnswer(verdict.reason, verdict.retry_after)

    async def _question(self, module: str, codes: Sequence[str], deadline: float) -> Answer:
        partner = self._parts.partner
        asked = {"maTinh": self._options.poll.province, "module": module, "maDinhDanhHoSo": codes}
        outgoing = Outgoing(url=self._url, headers={"Accept": JSON}, document=asked)
        question = Question(outgoing=outgoing, judge=self._judge, read=_read_json)
        return await partner.ask(question, until=partner.link.until(deadline))

    def _be_modest(self, asking: Asking, codes: Sequence[str], verdict: Verdict) -> None:
        """Ask about half as many, and not about one that is refused alone."""
        if len(codes) > 1:
            asking.halve(len(codes))
        else:
            asking.put_aside(codes[0], verdict.detail, self._parts.partner.link.clock.now())

    async def _read(self, stream: str, document: object, after: str, told: Sequence[Unread]) -> Page:
        """Return what the items state; one that cannot be read stands in nobody's way."""
        items = _items(document)
        if items is None:
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED))
        drafts: list[Draft] = []
        unreadable = [*told]
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


def _refuses(answer: Answer) -> bool:
    """Whether it is the ministry that says no, in its own words, to a question that it understood."""
    document = answer.reply.document
    said = cast("Mapping[str, object]", document).get("status") if isinstance(document, Mapping) else None
    return answer.verdict.why is Why.REPLY_UNMATCHED and as_text(said) is not None


def _unread(module: str, code: str, problem: str) -> Unread:
    """Return what a person is told of a dossier that cannot be asked about."""
    raw = msgspec.json.encode({"module": module, "maDinhDanhHoSo": [code], "problem": problem})
    return Unread(raw=Payload(body=raw, media_type=JSON), problem=problem)


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
    judge = assembly.judge({**_ANSWERED})
    return CivilStatus(parts, options, answers, address + options.poll.path, judge)


def _dates(letters: Sequence[str], reader: Reader) -> Sequence[DateFormat]:
    made = (reader.made("options.poll.dates", DateFormat.parse, one) for one in letters)
    return [one for one in made if one is not None]
