"""Questions by configuration: ``[options.queries.<operation>]`` says what is asked, how, and what replies mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Generic

import msgspec

from gateway.core.message import Payload
from gateway.core.query import Answer, Declined, Found, Nothing, Query, Unanswered
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import QueryField, QueryForm
from gateway.sdk.dialect import Dialect
from gateway.sdk.mapping import CannotRender
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.partner import Answer as Answered
from gateway.sdk.partner import Partner, Question
from gateway.sdk.plan import Operation
from gateway.sdk.questions import Call, QuestionCompiler, Raw, Shape
from gateway.sdk.reading import Table
from gateway.sdk.request import JSON
from gateway.sdk.rules import Then
from gateway.sdk.soap_layers import CannotProve
from gateway.sdk.source import Source

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


class FieldTable(Table, frozen=True, kw_only=True):
    """One ``[options.queries.<operation>.request.<name>]``."""

    required: bool = True
    pattern: str = ""
    max_length: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    about: str = ""


class QueryTable(Table, frozen=True, kw_only=True):
    """What every dialect's question says; beside it stand the dialect's own keys."""

    request: dict[str, Raw]
    outcomes: tuple[Raw, ...]
    answer: str = ""
    language: str = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry(Generic[Call]):
    """One compiled question."""

    operation: Operation[Call]
    form: QueryForm
    answer: MappingTable | None
    language: str

    async def answered(self, got: Answered) -> Answer:
        """Return what a reply means to whoever asked."""
        verdict = got.verdict
        match verdict.then:
            case Then.DELIVERED:
                return await self._found(got)
            case Then.ABSENT:
                return Nothing(trace=got.trace)
            case Then.REJECT:
                return Declined(reason=verdict.reason, trace=got.trace)
            case _:
                return Unanswered(reason=verdict.reason, retry_after=verdict.retry_after, trace=got.trace)

    async def _found(self, got: Answered) -> Answer:
        document = got.reply.document if got.reply.readable else None
        if document is None:
            return Unanswered(reason=Reason(Why.REPLY_UNREADABLE), trace=got.trace)
        try:
            if self.answer is not None:
                document = await self.answer.rendered(Source({"body": document, "query": {}}))
        except CannotRender as error:
            return Unanswered(reason=Reason(Why.REPLY_UNREADABLE, str(error)), trace=got.trace)
        body = msgspec.json.encode(document)
        return Found(document=Payload(body=body, media_type=JSON), language=self.language, trace=got.trace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquirer(Generic[Call]):
    """Asks one system; nothing is repeated but a login, and nothing is kept."""

    partner: Partner
    dialect: Dialect[Call]
    inquiries: Mapping[str, Inquiry[Call]] = field(repr=False)
    system: Mapping[str, str]

    def forms(self) -> Mapping[str, QueryForm]:
        """Return what can be asked."""
        return {name: inquiry.form for name, inquiry in self.inquiries.items()}

    async def ask(self, query: Query, *, deadline: float) -> Answer:
        """Ask once."""
        inquiry = self.inquiries.get(query.operation)
        if inquiry is None:
            return Unanswered(reason=Reason(Why.NO_OPERATION))
        try:
            outgoing = await self.dialect.write(inquiry.operation, self._source(query))
        except CannotRender as error:
            return Unanswered(reason=Reason(Why.CANNOT_RENDER, str(error)))
        except CannotProve as error:
            return Unanswered(reason=Reason(Why.CREDENTIALS, str(error)))
        question = Question(
            outgoing=outgoing,
            judge=inquiry.operation.judge,
            read=lambda result: self.dialect.read(inquiry.operation, result, outgoing),
            about=query.id,
        )
        return await inquiry.answered(await self.partner.ask(question, until=self.partner.link.until(deadline)))

    def _source(self, query: Query) -> Source:
        officer = query.officer
        named = {"name": officer.name, "code": officer.code, "unit": officer.unit, "position": officer.position}
        asked = {"id": query.id, "purpose": query.purpose}
        return Source({"request": query.request, "officer": named, "asked": asked, "system": self.system})


class InquiryCompiler(QuestionCompiler[Shape, Call]):
    """Turns ``[options.queries]`` into questions; problems are noted."""

    def compile(self, raws: Mapping[str, Raw], answers: Mapping[str, MappingTable]) -> dict[str, Inquiry[Call]]:
        """Return the questions that could be read; ``answers`` are the mappings of replies by name."""
        found = {name: self._inquiry(name, raw, answers) for name, raw in raws.items()}
        return {name: inquiry for name, inquiry in found.items() if inquiry}

    def _inquiry(self, name: str, raw: Raw, answers: Mapping[str, MappingTable]) -> Inquiry[Call] | None:
        key = f"options.queries.{name}"
        if not _NAME.fullmatch(name):
            self._reader.wrong(key, "is no name", "use lower-case letters, digits and _")
        read = self._tables(QueryTable, raw, key)
        call = self._make(read[1], key, self._reader) if read else None
        if read is None or call is None:
            return None
        table, theirs = read
        return Inquiry(
            operation=self._operation(call, theirs, table.outcomes, key),
            form=QueryForm(tuple(self._fields(table, key))),
            answer=answers.get(table.answer),
            language=table.language,
        )

    def _fields(self, table: QueryTable, key: str) -> Iterator[QueryField]:
        for name, raw in table.request.items():
            place = f"{key}.request.{name}"
            if not _NAME.fullmatch(name):
                self._reader.wrong(place, "is no name", "use lower-case letters, digits and _")
            one = self._reader.read(FieldTable, raw, place)
            if one is not None:
                yield self._field(name, one, place)

    def _field(self, name: str, one: FieldTable, place: str) -> QueryField:
        try:
            re.compile(one.pattern)
        except re.error as problem:
            self._reader.wrong(
                f"{place}.pattern", f"is no regular expression: {problem}", "write it in 'single quotes'"
            )
        return QueryField(
            name=name, required=one.required, pattern=one.pattern, longest=one.max_length, about=one.about
        )
