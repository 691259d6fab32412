"""A mark outside the database: the last record of evidence that this gateway knows, to tell a copy that was put back.

Each gateway writes it into its data folder when it begins, every minute and at its end. A database that lacks that
very record is an earlier state of the one it served, or another one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.layout import Layout, write_whole
from gateway.core.acts import Target, Verb
from gateway.core.errors import PutBack, StoreFull, StoreUnavailable
from gateway.core.ids import GATEWAY, NodeId
from gateway.ports.acts import Acts
from gateway.ports.clock import Clock
from gateway.ports.evidence import Chain, Evidence

_log: FilteringBoundLogger = structlog.get_logger()

_EVERY = 60.0  #: seconds between two marks: what a copy may be older by and not be told
_PAGE = 100


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was on the disk at this time."""

    node: NodeId
    place: int  #: of its chain
    number: int
    link: str  #: hex
    at: datetime
    home: str = ""  #: of the process that wrote it


class Book(Evidence, Acts, Protocol):
    """The parts of a store that are used here."""


def home(layout: Layout, clock: Clock) -> str:
    """Return what tells the data folder's lock, as long as the machine is not started anew, from that of a copy.

    Whoever wrote this and holds the lock no longer is gone: another machine, or a copy of the folder, has another one.
    """
    lock = layout.lock.stat()
    return f"{clock.boot_id()} {lock.st_dev}:{lock.st_ino}"


async def check(book: Book, layout: Layout) -> Mark | None:
    """Return the mark, if there is one.

    Raises PutBack where the database lacks what this gateway has seen in it, and nobody has said so since.
    """
    mark = await asyncio.to_thread(_read, layout)
    if mark is None or await _has(book, mark) or await _is_told(book, mark):
        return mark
    raise PutBack(
        f"this database does not know what this gateway had written into it by {mark.at:%Y-%m-%d %H:%M:%S} UTC:"
        " an earlier copy was put back, or it is another database. Run ./run_gateway.py db restored first"
        f" (docs/how-to/back-up-and-restore.md); for another database on purpose remove {layout.mark}"
    )


async def _has(book: Book, mark: Mark) -> bool:
    found = await book.chained(mark.place, after=mark.number - 1, until=mark.number, limit=1)
    return [record.link.hex() for record in found] == [mark.link]


async def _is_told(book: Book, mark: Mark) -> bool:
    """Whether the database was put back, and marked, after this was written."""
    acts = await book.acts(Target.system(GATEWAY), limit=1)
    return any(act.verb is Verb.RESTORE and act.at > mark.at for act in acts)


def _read(layout: Layout) -> Mark | None:
    try:
        return msgspec.json.decode(layout.mark.read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        _log.warning("mark_unreadable", file=str(layout.mark), error=type(error).__name__)
        return None


@dataclass(kw_only=True)
class Marker:
    """One per serving gateway."""

    book: Book
    layout: Layout
    clock: Clock
    node: NodeId
    _place: int = field(default=0, init=False)

    async def run(self) -> None:
        """Write the mark now and then until cancelled; a store or a disk that fails is told, and tried again."""
        while True:
            await self.keep()
            await self.clock.sleep(_EVERY)

    async def keep(self) -> None:
        """Write the last record of this gateway's chain."""
        try:
            chain = await self._chain()
            if chain is not None:
                await asyncio.to_thread(self._write, chain)
        except (StoreUnavailable, StoreFull, OSError) as error:
            _log.warning("mark_not_kept", file=str(self.layout.mark), error=type(error).__name__)

    async def _chain(self) -> Chain | None:
        """Return this gateway's chain, None where no evidence is kept."""
        while found := await self.book.chains(after=max(self._place - 1, 0), limit=_PAGE):
            mine = [chain for chain in found if chain.head.node == self.node]
            self._place = mine[0].place if mine else found[-1].place + 1
            if mine:
                return mine[0]
        return None

    def _write(self, chain: Chain) -> None:
        head = chain.head
        mark = Mark(
            node=self.node,
            place=chain.place,
            number=head.number,
            link=head.link.hex(),
            at=self.clock.now(),
            home=home(self.layout, self.clock),
        )
        write_whole(self.layout.mark, msgspec.json.encode(mark).decode())
