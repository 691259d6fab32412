"""What simulated partners do with a dossier, whatever their wire: magic numbers, and effects by business key."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import ClientSession, web

from gateway.testing.simulator import ASKS_FEE, ASKS_PAPER, LOSES_REPLY, Caller, Journal, Place, part_of, serve

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a partner says of a dossier."""

    id: str
    code: str
    kind: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a partner speaks: where it calls back, in which words, and what its result is called."""

    path: str
    words: Callable[[News], Mapping[str, object]]
    result: str


@dataclass(slots=True)
class _Case:
    """One dossier as this partner has it."""

    effects: set[str] = field(default_factory=set[str])  #: ids that something came under
    arrived: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    work: asyncio.Task[None] | None = None
    said: int = 0
    lost: bool = False  #: a reply about it was dropped

    def event(self, kind: str) -> asyncio.Event:
        return self.arrived.setdefault(kind, asyncio.Event())


class Office:
    """Takes dossiers, each effect once, and works on them as their numbers ask for."""

    def __init__(self, journal: Journal, caller: Caller, voice: Voice, *, drop: float, seed: int) -> None:
        self.journal = journal
        self._caller = caller
        self._voice = voice
        self._drop = drop
        self._random = random.Random(seed)  # noqa: S311 - faults need a seed, not secrecy
        self._cases: dict[str, _Case] = {}

    def knows(self, code: str) -> bool:
        """Whether the dossier was submitted."""
        return code in self._cases

    def has(self, code: str, delivery: str) -> bool:
        """Whether something came under this id."""
        return code in self._cases and delivery in self._cases[code].effects

    def take(self, code: str, kind: str, delivery: str) -> None:
        """Commit one effect, and let the work on a new dossier begin."""
        case = self._cases.setdefault(code, _Case())
        case.effects.add(delivery)
        self.journal.write("effect", dossier=code, event=kind, kind=kind, delivery=delivery)
        case.event(kind).set()
        if kind == "withdrawal.requested":
            if case.work is not None:
                case.work.cancel()
            case.work = asyncio.create_task(self._withdraw(code))
        elif case.work is None:
            case.work = asyncio.create_task(self._process(code, case))

    def refuse(self, code: str, delivery: str, fault: str) -> None:
        """Note that what came was wrong, and is answered so."""
        self.journal.write("refused", dossier=code, delivery=delivery, answer=fault)
        self.journal.write("replied", dossier=code, delivery=delivery)

    def reply(self, request: web.Request, code: str, delivery: str) -> None:
        """Note that it is answered; drop the reply where chance, or the dossier's number (once), asks for it."""
        case = self._cases[code]
        if (part_of(code) == LOSES_REPLY and not case.lost) or self._random.random() < self._drop:
            case.lost = True
            self.journal.write("dropped", dossier=code, delivery=delivery)
            if request.transport is not None:
                request.transport.abort()
        self.journal.write("replied", dossier=code, delivery=delivery)

    async def _withdraw(self, code: str) -> None:
        await self._say(code, "withdrawal.accepted")
        self.journal.write("finished", dossier=code)

    async def _process(self, code: str, case: _Case) -> None:
        await self._say(code, "status.changed", status=2)
        if part_of(code) == ASKS_PAPER:
            await self._say(code, "supplement.requested", id=f"BS-{code}", content="Bổ sung giấy tờ mẫu")
            await case.event("supplement.submitted").wait()
        if part_of(code) == ASKS_FEE:
            await self._say(code, "fee.requested", code="LP01", name="Lệ phí mẫu", amount=20_000)
            await case.event("fee.paid").wait()
        await self._say(code, "status.changed", status=4)
        await self._say(code, "result.issued", id=f"KQ-{code}", name=self._voice.result)
        await self._say(code, "status.changed", status=9, closing="granted")
        self.journal.write("finished", dossier=code)

    async def _say(self, code: str, kind: str, /, **fields: object) -> None:
        """Call the gateway back until it says that it has it."""
        case = self._cases[code]
        case.said += 1
        news = News(id=f"{code}#{case.said}", code=code, kind=kind, fields=fields)
        self.journal.write("issued", dossier=code, event=news.id, kind=kind)
        body = json.dumps(self._voice.words(news), ensure_ascii=False).encode()
        status, answer = await self._caller.call("POST", self._voice.path, body, _JSON)
        if status != web.HTTPOk.status_code:
            self.journal.write("refused", dossier=code, event=news.id, status=status, answer=answer.decode()[:500])


async def run(description: str, voice: Voice, app_of: Callable[[Office], web.Application]) -> None:
    """Serve one partner's office until told to stop."""
    parser = Place.parser(description)
    parser.add_argument("--down-for", type=float, default=0)
    parser.add_argument("--drop", type=float, default=0)
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    async with ClientSession() as session:
        office = Office(journal, Caller(place, session), voice, drop=arguments.drop, seed=place.seed)
        await serve(app_of(office), place.port, down_for=arguments.down_for)
    journal.close()
