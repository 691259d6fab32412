"""What the measurements are made of: copies of dossiers are what the gateway wrote; every line has a measure."""

from pathlib import Path

from bench.config import write
from bench.millions.grow import grow
from bench.millions.seed import MARK, PARTNER, READER, partner_code, province_code, seed, slots
from gateway.app.machine import Machine
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.replay import Selection
from gateway.ports.store import Timeline
from gateway.stores.sqlite import SqliteStore

NODE = NodeId("bench")


def shape(timeline: Timeline) -> list[tuple[str, ...]]:
    """What a timeline tells, without its ids and times."""
    return [
        *((message.source, message.kind, str(len(message.payload.body))) for message in timeline.messages),
        *((one.destination, one.kind, one.state, str(one.lane_seq)) for one in timeline.deliveries),
        *((one.attempt.outcome,) for one in timeline.attempts),
    ]


async def test_a_copied_dossier_is_found_read_claimed_and_chosen_like_the_first(tmp_path: Path):
    """The rows of a million dossiers are those of a thousand, under other ids and codes."""
    few, many = tmp_path / "few" / "gateway.db", tmp_path / "many" / "gateway.db"
    many.parent.mkdir()
    await seed(few, write(tmp_path, "http://127.0.0.1:9"), 3)
    grow(few, many, 4)
    machine = Machine()
    async with SqliteStore(many, clock=machine.clock, ids=machine.ids) as store:
        await store.join(NODE, config="bench")
        (first,) = await store.dossiers(province_code(1))
        (copy,) = await store.dossiers(partner_code(province_code(1)).replace(MARK, "00000003"))
        assert copy.codes[0].value == province_code(1).replace(MARK, "00000003")
        assert shape(await store.timeline(copy.id)) == shape(await store.timeline(first.id))
        assert (await store.timeline(copy.id)).attempts
        assert not [one for one in (await store.timeline(copy.id)).messages if MARK.encode() in one.payload.body]
        pages = await store.read(READER, "", limit=100)
        assert len({item.cursor for item in pages.items}) == len({item.delivery.id for item in pages.items}) == 24
        assert len(await store.claim(slots(NODE, 100))) == 8  # two of three in each of four copies
        assert len((await store.choose(Selection(state=State.DEAD, system=PARTNER))).chosen) == 4
