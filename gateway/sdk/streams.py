"""``[options.news.<stream>]``: the tables of what a partner is asked for, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from gateway.config.durations import Duration, as_timedelta
from gateway.sdk.formats import DateFormat
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.paces import ByCursor, ByDossier, ByTime, Pace
from gateway.sdk.paths import Path
from gateway.sdk.polling import Stream
from gateway.sdk.questions import Call, QuestionCompiler, Raw, Shape
from gateway.sdk.reading import Table
from gateway.sdk.source import Reference

_ANSWER = frozenset({"body", "last"})
_NAME = "lower-case letters, digits and _"


class StreamTable(Table, frozen=True, kw_only=True):
    """What every dialect's stream says; beside it stand the dialect's own keys."""

    events: str
    outcomes: tuple[Raw, ...]
    by: Literal["cursor", "time", "dossiers"]
    each: str | None = None
    size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    next: str = ""
    more: str = ""
    first: str = ""
    begin: datetime | None = None
    step: Duration = "1d"
    lag: Duration = "1m"
    overlap: Duration = "0s"
    format: str = ""
    procedures: tuple[str, ...] = ()
    scheme: str = ""


class StreamCompiler(QuestionCompiler[Shape, Call]):
    """Turns ``[options.news]`` into streams; problems are noted."""

    def compile(self, raws: Mapping[str, Raw], events: Mapping[str, MappingTable]) -> dict[str, Stream[Call]]:
        """Return the streams that could be read; ``events`` are the mappings of items by name."""
        found = {name: self._stream(name, raw, events) for name, raw in raws.items()}
        return {name: stream for name, stream in found.items() if stream}

    def _stream(self, name: str, raw: Raw, events: Mapping[str, MappingTable]) -> Stream[Call] | None:
        key = f"options.news.{name}"
        if not (name.replace("_", "a").isalnum() and name.islower() and name.isascii()):
            self._reader.wrong(key, "is no name", f"use {_NAME}")
        read = self._tables(StreamTable, raw, key)
        if read is None:
            return None
        table, theirs = read
        self._refuse_strangers(table, raw, key)
        call, pace, mapping = self._make(theirs, key, self._reader), self._pace(table, key), events.get(table.events)
        if call is None or pace is None or mapping is None:
            return None
        if pace.rereads and not any(row.to == ("source_event_id",) for row in mapping.rows):
            text = f"`{table.events}` has no row `source_event_id`, and what is read by time may be read twice"
            self._reader.wrong(f"{key}.events", text, "map what the partner knows each item by")
        return Stream(
            name=name,
            operation=self._operation(call, theirs, table.outcomes, key),
            events=mapping,
            each=self._reader.made(f"{key}.each", Path.parse, table.each) if table.each else None,
            pace=pace,
            most=table.size,
            size=table.size,
        )

    def _pace(self, table: StreamTable, key: str) -> Pace | None:
        match table.by:
            case "cursor":
                return self._reader.made(key, self._by_cursor, table)
            case "time":
                return self._reader.made(key, self._by_time, table)
            case "dossiers":
                return self._reader.made(key, self._by_dossier, table)

    def _refuse_strangers(self, table: StreamTable, raw: Raw, key: str) -> None:
        """Name what is written and belongs to another way of reading on."""
        for name, by in _OF.items():
            if name in raw and table.by not in by:
                ways = " or ".join(f'"{one}"' for one in by)
                self._reader.wrong(f"{key}.{name}", f"belongs to by = {ways}", "take it out")

    @staticmethod
    def _by_cursor(table: StreamTable) -> ByCursor:
        if not table.next:
            raise ValueError("`next` is missing: say where the next cursor is, body.… or last.…")
        return ByCursor(
            next=Reference.parse(table.next, _ANSWER),
            more=Reference.parse(table.more, _ANSWER) if table.more else None,
            first=table.first,
        )

    @staticmethod
    def _by_time(table: StreamTable) -> ByTime:
        if table.begin is None or table.begin.tzinfo is None:
            raise ValueError("`begin` is missing: say from when on, as 2026-01-31T00:00:00+07:00 without quotes")
        step = as_timedelta(table.step)
        if not step:
            raise ValueError("`step` is no time")
        return ByTime(
            begin=table.begin,
            step=step,
            lag=as_timedelta(table.lag),
            overlap=as_timedelta(table.overlap),
            format=DateFormat.parse(table.format) if table.format else None,
            more=Reference.parse(table.more, _ANSWER) if table.more else None,
        )

    @staticmethod
    def _by_dossier(table: StreamTable) -> ByDossier:
        if not table.procedures or not table.scheme:
            raise ValueError("`procedures` and `scheme` are missing: about which dossiers, and by which of their codes")
        return ByDossier(procedures=frozenset(table.procedures), scheme=table.scheme)


_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("next", "first"), ("cursor",)),
    "more": ("cursor", "time"),
    **dict.fromkeys(("begin", "step", "lag", "overlap", "format"), ("time",)),
    **dict.fromkeys(("procedures", "scheme"), ("dossiers",)),
}
