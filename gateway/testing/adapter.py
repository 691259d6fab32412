"""Partners in memory: they take, refuse, forget to answer and fail as a test scripts it."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.asking import OpenDossier
from gateway.core.delivery import Delivery
from gateway.core.ids import DeliveryId
from gateway.core.message import Payload
from gateway.core.outcome import Absent, Ambiguous, Delivered, Finding, Outcome, Shadowed
from gateway.core.query import Answer, Query
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import ListPage, Page, QueryField, QueryForm, Turn

TIMED_OUT = Ambiguous(reason=Reason(Why.TIMEOUT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """How one send goes: first it may wait, then take what was sent, then answer, raise, or never end."""

    answer: Outcome | None = None  #: None: the plain answer of a partner that has taken it
    takes: bool = False  #: the effect is made, whatever the answer says
    error: BaseException | None = None  #: raised instead of the answer
    after: asyncio.Event | None = None  #: waited for before anything else
    hangs: bool = False  #: never answers


def says(answer: Outcome) -> Scripted:
    """Answer so without an effect."""
    return Scripted(answer=answer)


def takes_but_says(answer: Outcome) -> Scripted:
    """Make the effect and answer so all the same: a commit whose reply is lost."""
    return Scripted(answer=answer, takes=True)


def fails(error: BaseException) -> Scripted:
    """Raise, as no adapter should."""
    return Scripted(error=error)


class FakeAdapter:
    """One partner. It deduplicates on the delivery's id only if it says so."""

    def __init__(self, *, deduplicates: bool = False) -> None:
        self._deduplicates = deduplicates
        self._scripts: dict[str, deque[Scripted]] = defaultdict(deque[Scripted])
        self.sent: list[Delivery] = []  #: every request, in order
        self.effects: list[Delivery] = []  #: every effect, in order
        self.rehearsed: list[Delivery] = []

    def script(self, code: str, *steps: Scripted) -> None:
        """Say how the next sends about the dossier with this code go; after them all goes well."""
        self._scripts[code].extend(steps)

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        del deadline  # a fake partner keeps the wrapper's deadline, or hangs on purpose
        self.sent.append(delivery)
        script = self._scripts[code_of(delivery)]
        step = script.popleft() if script else Scripted()
        if step.after is not None:
            await step.after.wait()
        if step.takes or (step.answer is None and step.error is None and not step.hangs):
            self._take(delivery)
        if step.hangs:
            await asyncio.Event().wait()
        if step.error is not None:
            raise step.error
        return step.answer or _taken(delivery)

    async def rehearse(self, delivery: Delivery) -> Shadowed | Outcome:
        self.rehearsed.append(delivery)
        return Shadowed(rendered=delivery.message.payload)

    def has(self, delivery: DeliveryId) -> bool:
        """Whether it made an effect of this delivery."""
        return any(item.id == delivery for item in self.effects)

    def _take(self, delivery: Delivery) -> None:
        if not (self._deduplicates and self.has(delivery.id)):
            self.effects.append(delivery)


class LookingAdapter(FakeAdapter):
    """A partner that can be asked whether it has something."""

    def __init__(self, *, deduplicates: bool = False) -> None:
        super().__init__(deduplicates=deduplicates)
        self._findings: deque[Finding] = deque()
        self.asked: list[Delivery] = []

    def find(self, *findings: Finding) -> None:
        """Say what the next look-ups find; after them the truth."""
        self._findings.extend(findings)

    def looks_up(self, kind: str) -> bool:
        return kind.startswith("dossier.")

    async def lookup(self, delivery: Delivery, *, deadline: float) -> Finding:
        del deadline
        self.asked.append(delivery)
        if self._findings:
            return self._findings.popleft()
        return _taken(delivery) if self.has(delivery.id) else Absent()


class ListingAdapter(LookingAdapter):
    """A partner that says which dossiers it has, so many a page; it may fail at a page."""

    def __init__(self, *pages: ListPage | Exception) -> None:
        super().__init__()
        self._pages = pages

    async def records(self, cursor: str, *, deadline: float) -> ListPage:
        del deadline
        page = self._pages[int(cursor or 0)]
        if isinstance(page, Exception):
            raise page
        return page


class AnsweringAdapter(FakeAdapter):
    """A register that is asked by ``tax_code``: it answers as a test scripts it, at last always the same."""

    def __init__(self, *answers: Answer | Exception) -> None:
        super().__init__()
        self._answers = deque(answers)
        self.on_ask: Callable[[Query], Awaitable[None]] | None = None  #: awaited before each answer
        self.queried: list[Query] = []

    def queries(self) -> Mapping[str, QueryForm]:
        return {"enterprise": QueryForm((QueryField(name="tax_code", pattern=r"\d{10}", about="10 digits"),))}

    async def query(self, query: Query, *, deadline: float) -> Answer:
        del deadline  # a fake register keeps the wrapper's deadline, or hangs on purpose
        self.queried.append(query)
        if self.on_ask is not None:
            await self.on_ask(query)
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakePolls:
    """A partner that is asked for news: pages by cursor, each served once unless asked again."""

    def __init__(self, *pages: Page | BaseException) -> None:
        self._pages = deque(pages)
        self.asked: list[str] = []  #: the cursors it was asked with

    def streams(self) -> Sequence[str]:
        return ("news",)

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        del stream, open_dossiers, deadline
        self.asked.append(cursor)
        page = self._pages.popleft() if self._pages else Page(drafts=(), unreadable=(), cursor=cursor, more=False)
        if isinstance(page, BaseException):
            raise page
        return page


class FakeAsks(FakePolls):
    """A partner that is asked how dossiers stand, so many at a time, and has nothing to say."""

    def __init__(self, *procedures: str, limit: int) -> None:
        super().__init__()
        self._turn = Turn(procedures=frozenset(procedures), limit=limit)
        self.questions: list[tuple[str, ...]] = []  #: the codes of each

    def turn(self, stream: str) -> Turn:
        del stream
        return self._turn

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        await super().poll(stream, cursor, open_dossiers=open_dossiers, deadline=deadline)
        self.questions.append(tuple(one.codes["province"] for one in open_dossiers))
        after = open_dossiers[-1].id if len(open_dossiers) == self._turn.limit else ""
        return Page(drafts=(), unreadable=(), cursor=after, more=bool(after))


def garbage(text: str = "<?") -> Payload:
    """Return something that nobody can read."""
    return Payload(body=text.encode(), media_type="application/octet-stream")


def code_of(delivery: Delivery) -> str:
    """Return the first code that the sender gave the dossier; empty where it gave none."""
    codes = delivery.message.codes
    return codes[0].value if codes else ""


def _taken(delivery: Delivery) -> Delivered:
    return Delivered(codes={str(delivery.destination): f"{delivery.destination}-{code_of(delivery)}"})
