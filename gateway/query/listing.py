"""What a system says it has, by one of its questions: ``list`` under ``[reconcile]`` in its file names it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gateway.core.errors import GatewayError
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.message import Actor, ActorKind, SourceStatus
from gateway.core.query import Found, Nothing, Officer, Query
from gateway.ports.adapter import ListPage, Queries, QueryForm, Record

CURSOR = "cursor"  #: what the question is put with, an empty text for the first page; its answer names the next one's
_PURPOSE = "reconciliation"


class NotListed(GatewayError):
    """The system did not say what it has, or in no form that can be read."""


class _Status(Struct, frozen=True):
    status: Annotated[int, Meta(ge=1, le=10)] | None = None
    table: str = ""
    code: str = ""
    text: str = ""


class _Record(Struct, frozen=True):
    code: str
    status: _Status | None = None


class _Page(Struct, frozen=True):
    records: tuple[_Record, ...] = ()
    cursor: str = ""  #: of the next page; none: this was the last


class Listing:
    """``ports.adapter.Lists`` over a question that is asked page by page."""

    def __init__(self, system: SystemId, queries: Queries, operation: str) -> None:
        self._system = system
        self._queries = queries
        self._operation = operation

    async def records(self, cursor: str, *, deadline: float) -> ListPage:
        """Ask for the page behind a cursor. Raises NotListed."""
        answer = await self._queries.query(self._query(cursor), deadline=deadline)
        match answer:
            case Nothing():
                return ListPage(records=(), cursor="", more=False)
            case Found():
                return _page(answer.document.body)
            case _:
                raise NotListed(f"{self._operation}: {answer.reason.code}")

    def _query(self, cursor: str) -> Query:
        return Query(
            system=self._system,
            operation=self._operation,
            request={CURSOR: cursor},
            officer=Officer(name=GATEWAY),
            purpose=_PURPOSE,
            actor=Actor(kind=ActorKind.GATEWAY, name=GATEWAY),
        )


def can_list(form: QueryForm) -> bool:
    """Whether a question can be put with a cursor and nothing else."""
    asked = {field.name for field in form.fields}
    return CURSOR in asked and not any(field.required for field in form.fields if field.name != CURSOR)


def _page(document: bytes) -> ListPage:
    try:
        page = msgspec.json.decode(document, type=_Page)
    except msgspec.ValidationError as error:
        raise NotListed(str(error)) from None
    records = tuple(Record(codes=(one.code,), status=_status(one.status)) for one in page.records)
    return ListPage(records=records, cursor=page.cursor, more=bool(page.cursor))


def _status(said: _Status | None) -> SourceStatus | None:
    if said is None:
        return None
    return SourceStatus(status=said.status, table=said.table, code=said.code, text=said.text)
