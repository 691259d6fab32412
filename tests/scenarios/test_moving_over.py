"""A province moves a system over and back again: adopt, shadow, cut-over, roll-back."""

from collections import Counter
from datetime import datetime, timedelta

from gateway.core.acts import By
from gateway.core.adoption import Adoption, AdoptionList, Verdict
from gateway.core.delivery import State
from gateway.core.handback import Handing, Wanted
from gateway.core.ids import KeyId
from gateway.core.judging import Decision
from gateway.core.message import Actor, ActorKind, Code, Exists, SourceStatus
from gateway.core.planning import Planning
from gateway.core.routing import RouteBook
from gateway.ops.adopting import Adopter
from gateway.testing.adapter import TIMED_OUT, FakeAdapter, code_of, takes_but_says
from gateway.testing.books import CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_route, a_status
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("lan")), reason="Chuyển sang cổng")
UNIT = "H01.12"


class Province:
    """The gateway, one ministry, and the synchronisation that the portal had before."""

    def __init__(self) -> None:
        self.ministry, self.portal = FakeAdapter(), FakeAdapter()
        self.sent_before: Counter[str] = Counter()  #: submissions of the way before
        self.house = RelayHouse({PORTAL: self.portal, CRIMINAL_RECORD: self.ministry}, self.book(shadow=True))

    def book(self, *, shadow: bool) -> RouteBook:
        """Return routes by which one unit's dossiers are sent or rehearsed."""
        return a_book(routes=[a_route(CRIMINAL_RECORD, agencies=(UNIT,), shadow=shadow)])

    def turn(self, *, shadow: bool) -> None:
        """Start with other routes next time."""
        self.house.book = self.book(shadow=shadow)
        self.house.plan = Planning(book=self.house.book, new_id=self.house.ids.new)

    @property
    def adopter(self) -> Adopter:
        return Adopter(store=self.house.store, plan=self.house.plan, book=self.house.book)

    async def adopt(self) -> list[Verdict]:
        """Adopt all that the way before has sent."""
        at = self.house.clock.now() - timedelta(minutes=1)
        items = tuple(
            Adoption(
                row=row,
                codes=(Code("province", code),),
                system=CRIMINAL_RECORD,
                synced_at=at,
                status=SourceStatus(status=2),
                procedure="1.000894",
                agency=UNIT,
            )
            for row, code in enumerate(sorted(self.sent_before), start=2)
        )
        listed = AdoptionList(source=PORTAL, items=items, file_sha256="f" * 64)
        return [found.verdict for found in await self.adopter.adopt(listed, by=BY, is_trial=False)]

    async def hand_back(self, since: datetime) -> dict[str, Handing]:
        """Hand back what was never sent since the cut-over."""
        wanted = Wanted(system=CRIMINAL_RECORD, since=since, agency=UNIT)
        done = await self.adopter.hand_back(wanted, by=BY, is_trial=False)
        return {item.codes[0].value: item.handing for item in done.items}

    async def say(self, code: str, number: int) -> None:
        """Let the ministry state a status, and see it reach the portal."""
        await self.house.accept(a_status(code, number, source=CRIMINAL_RECORD))

        async def arrived() -> bool:
            return (code, "status.changed") in {(code_of(item), item.message.kind) for item in self.portal.effects}

        await until(arrived, self.house.clock)

    def submissions(self) -> Counter[str]:
        """Return how often the ministry was sent each dossier, whoever sent it."""
        ours = (item for item in self.ministry.effects if item.message.kind == "dossier.submitted")
        return self.sent_before + Counter(map(code_of, ours))


async def rehearse(province: Province) -> None:
    """Let the gateway see everything while the way before still sends."""
    house = province.house
    async with house.running("shadow"):
        assert await province.adopt() == [Verdict.NEW, Verdict.NEW]
        await house.accept(a_draft("N1"))
        province.sent_before.update(["N1"])
        await house.until(CRIMINAL_RECORD, State.CANCELLED)
        await province.say("A", 4)
    assert province.ministry.sent == []
    (rehearsed,) = province.ministry.rehearsed
    found = await house.store.delivery(rehearsed.id)
    assert found is not None
    assert [view.attempt.reply for view in found[1]] == [rehearsed.message.payload]  # kept, to be compared


async def cut_over(province: Province, began: datetime) -> None:
    """Let the gateway send, once it knows all that the way before has sent; one reply is lost."""
    house = province.house
    assert (await province.adopt())[-1] is Verdict.ADDED
    province.turn(shadow=False)
    province.ministry.script("N3", takes_but_says(TIMED_OUT))

    async def is_done() -> bool:
        states = Counter(leg.state for leg in await house.legs(CRIMINAL_RECORD) if leg.created_at >= began)
        return states == {State.DELIVERED: 2, State.HELD: 1}

    async with house.running("live"):
        (known,) = (await house.store.accept((a_draft("B"),), plan=house.plan)).results
        assert isinstance(known, Exists)
        await house.accept(a_draft("A", kind="dossier.amended", text="sửa"), a_draft("N2"), a_draft("N3"))
        await until(is_done, house.clock)
        await province.say("N1", 4)


async def roll_back(province: Province, began: datetime) -> None:
    """Give back what is not begun; the way before sends it, and what is in doubt is judged."""
    house = province.house
    await house.accept(a_draft("N4"))  # and the gateway is stopped before it is sent
    province.turn(shadow=True)
    found = await province.hand_back(began)
    assert found == {"N4": Handing.WHOLE}
    province.sent_before.update(list(found))
    async with house.running("back"):
        (doubtful,) = await house.store.find(state=State.HELD)
        await house.store.decide(doubtful.id, Decision.DELIVERED, by=BY, plan=house.plan)
        for code in ("N2", "N3", "N4", "B"):
            await province.say(code, 4)


async def test_a_system_is_moved_over_and_back_without_a_gap():
    """G4, G2: no dossier is sent twice, none is lost, and statuses go on to arrive."""
    province = Province()
    province.sent_before.update({"A": 1, "B": 1})
    await rehearse(province)
    province.house.clock.advance(60)
    began = province.house.clock.now()
    await cut_over(province, began)
    await roll_back(province, began)
    assert province.submissions() == dict.fromkeys(["A", "B", "N1", "N2", "N3", "N4"], 1)
    amended = [code_of(item) for item in province.ministry.effects if item.message.kind == "dossier.amended"]
    assert amended == ["A"]
