"""A mark outside the database: the last record of evidence that this gateway knows, to tell a copy that was put back.

Each gateway writes it into its data folder when it begins, every few seconds in which it has anything new, and at its
end. A database that lacks that very record is an earlier state of the one it served, or another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.layout import Layout, write_whole
from gateway.core.acts import Target
from gateway.core.chain import Head
from gateway.core.errors import PutBack, StoreFull, StoreUnavailable, name_of
from gateway.core.ids import GATEWAY, KeyId, NodeId
from gateway.core.restoring import restored_at
from gateway.ports.acts import Acts
from gateway.ports.clock import Clock
from gateway.ports.evidence import Chain, Evidence
from gateway.ports.keys import Keys
from gateway.stores.sqlite.copying import check_whole

_log: FilteringBoundLogger = structlog.get_logger()

BRING_BACK = (
    "put the last backup in its place with ./run_gateway.py db restore FILE (docs/how-to/back-up-and-restore.md)"
)
_EVERY = 5.0  #: seconds between two looks: after a kill, what a copy may be older by and not be told
_PAGE = 100
_DRIFT = timedelta(seconds=10)  #: what setting a clock right a little may take back


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was on the disk at this time, and what a copy must not undo."""

    node: NodeId
    place: int  #: of its chain
    number: int
    link: str  #: hex
    at: datetime
    home: str = ""  #: of the process that wrote it, where the chain is its own
    restored: datetime | None = None  #: when the database had last been put back, by its own clock
    revoked: tuple[KeyId, ...] = ()  #: keys that are not live any more


class Book(Evidence, Acts, Keys, Protocol):
    """The parts of a store that are used here."""


def home(layout: Layout, clock: Clock) -> str:
    """Return what tells the data folder's lock, as long as the machine is not started anew, from that of a copy.

    Whoever wrote this and holds the lock no longer is gone: another machine, or a copy of the folder, has another one.
    """
    lock = layout.lock.stat()
    return f"{clock.boot_id()} {lock.st_dev}:{lock.st_ino}"


async def check(book: Book, layout: Layout, *, shared: bool) -> Mark | None:
    """Return the mark, if there is one.

    Raises PutBack where the database is not what this folder's gateway has seen of it, and nobody has said so since.
    One that several gateways share is served from new folders, too; the embedded one, from the folder where it lies.
    """
    mark = await asyncio.to_thread(read, layout)
    if mark is None:
        if not shared and await book.acts(Target.configuration(), limit=1):
            raise PutBack(
                f"{layout.database} was served before, and not from here: no {layout.mark.name} lies beside it."
                " If it is a copy, run ./run_gateway.py db restored first (docs/how-to/back-up-and-restore.md)."
                f" If it is what the last gateway left, moved here, bring its {layout.mark.name} along"
            )
    elif not (await _has(book, mark) or await _is_told(book, mark)):
        otherwise = f"; for another database on purpose remove {layout.mark}" if shared else ""
        raise PutBack(
            f"this database does not know what this gateway had written into it by {mark.at:%Y-%m-%d %H:%M:%S} UTC:"
            " an earlier copy was put back, or it is another database. Run ./run_gateway.py db restored first"
            f" (docs/how-to/back-up-and-restore.md){otherwise}"
        )
    return mark


def expect_written(layout: Layout) -> None:
    """Look, before the embedded database is opened, whether anything is there of what this folder's gateway wrote.

    Opened, a new one would be begun in its place. Raises PutBack.
    """
    check_whole(layout.database)
    mark = read(layout)
    if mark is None or not (nothing := absence(layout)):
        return
    raise PutBack(
        f"{nothing}, and this folder's gateway had written into it by {mark.at:%Y-%m-%d %H:%M:%S} UTC: {BRING_BACK}."
        f" To begin without all that was accepted, remove {layout.mark}"
    )


def absence(layout: Layout) -> str:
    """Return in words that nothing is in the embedded database's file, or that there is none; else nothing."""
    try:
        return "" if layout.database.stat().st_size else f"{layout.database} is empty (0 bytes)"
    except FileNotFoundError:
        return f"{layout.database} is missing"


async def tell_new(mark: Mark | None, book: Book, place: str, *, shared: bool) -> None:
    """Log where a database has never been served, after ``check``: so looks another one than is meant.

    Whatever was accepted before is unknown in it, and would be taken, and applied, once more.
    """
    if mark is not None or await book.acts(Target.configuration(), limit=1):
        return
    other = "let store.postgres name the other database" if shared else "mount the disk or name the other --data"
    remedy = f"else end it, {other}, start again"
    _log.warning("new_database", place=place, means="right for a new installation", remedy=remedy, alert=True)


def tell_clock(mark: Mark | None, clock: Clock) -> None:
    """Log where this machine's clock is before what it was when the mark was written: it is wrong now, or was then."""
    if mark is not None and mark.at > clock.now() + _DRIFT:
        behind = round((mark.at - clock.now()).total_seconds())
        _log.error("clock_behind", behind_s=behind, written_at=mark.at.isoformat(), alert=True)


async def _has(book: Book, mark: Mark) -> bool:
    found = await book.chained(mark.place, after=mark.number - 1, until=mark.number, limit=1)
    return [record.link.hex() for record in found] == [mark.link]


async def _is_told(book: Book, mark: Mark) -> bool:
    """Whether the database was put back, and marked, after this was written."""
    at = await _restored_at(book)
    return at is not None and (mark.restored is None or at > mark.restored)


async def _restored_at(book: Book) -> datetime | None:
    return restored_at(await book.acts(Target.system(GATEWAY), limit=1))


def read(layout: Layout) -> Mark | None:
    """Return the mark; None where there is none, or none that can be read. Raises OSError."""
    try:
        return msgspec.json.decode(layout.mark.read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        _log.warning("mark_unreadable", file=str(layout.mark), error=type(error).__name__)
        return None


@dataclass(kw_only=True)
class Marker:
    """One per serving gateway; and for whoever has put a copy in the place of the database."""

    book: Book
    layout: Layout
    clock: Clock
    node: NodeId | None = None  #: whose chain; until it has begun, the newest one
    lost: Callable[[], tuple[int, Head] | None] = lambda: None  #: where it ended, if the database does not know that
    _place: int = field(default=0, init=False)
    _kept: Mark | None = field(default=None, init=False)

    async def run(self) -> None:
        """Write the mark now and then until cancelled; a store or a disk that fails is told, and tried again."""
        while True:
            await self.keep()
            await self.clock.sleep(_EVERY)

    async def keep(self) -> None:
        """Write the last record of the chain, if it is another one than before."""
        try:
            mark = await self._mark()
            if mark is not None and mark != self._kept:
                await asyncio.to_thread(self._write, mark)
                self._kept = mark
        except (StoreUnavailable, StoreFull, OSError) as error:
            _log.warning("mark_not_kept", file=str(self.layout.mark), error=name_of(error))

    async def _mark(self) -> Mark | None:
        """Return what is to be kept, None where no evidence is kept; nothing that would hide what is lost."""
        end, kept = self.lost() or await self._end(), self._kept
        if end is None or (kept is not None and self._is_behind(end[1], kept)):
            return kept
        place, head = end
        link = head.link.hex()
        return Mark(
            node=head.node,
            place=place,
            number=head.number,
            link=link,
            at=kept.at if kept and kept.link == link else self.clock.now(),
            home=home(self.layout, self.clock) if head.node == self.node else "",
            restored=kept.restored if kept else await _restored_at(self.book),  # never while a gateway serves
            revoked=tuple(key.id for key in await self.book.all() if key.revoked_at is not None),
        )

    def _is_behind(self, head: Head, kept: Mark) -> bool:
        """Whether our own chain ends where the mark knows it to have gone on: that mark is what tells."""
        return kept.node == self.node and (head.node != self.node or head.number < kept.number)

    async def _end(self) -> tuple[int, Head] | None:
        """Return place and end of this gateway's chain, else of the newest; None where no evidence is kept."""
        chain = await self._chain()
        return (chain.place, chain.head) if chain is not None else None

    async def _chain(self) -> Chain | None:
        """Return this gateway's chain, else the newest; None where no evidence is kept."""
        newest: Chain | None = None
        while found := await self.book.chains(after=self._place, limit=_PAGE):
            mine = [chain for chain in found if chain.head.node == self.node]
            if mine:
                self._place = mine[0].place - 1
                return mine[0]
            newest = found[-1]
            self._place = newest.place
        if newest is not None:
            self._place = newest.place - 1
        return newest

    def _write(self, mark: Mark) -> None:
        write_whole(self.layout.mark, msgspec.json.encode(mark).decode())
