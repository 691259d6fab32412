"""A partner's answer to a question for news, when it means harm: bounded, and others have their turn meanwhile."""

import asyncio
import json

import pytest

from gateway.ports.adapter import NoAnswer
from gateway.testing.clock import FakeClock
from gateway.testing.partner import LoopbackPartner, Says
from tests.adapters import context_of, opened, system_of

SYSTEM = """
id = "land"
role = "system"
adapter = "rest"
name = { vi = "Đất đai" }
[options.news.tin]
events = "tin"
by = "cursor"
path = "/tin"
method = "GET"
each = "tin"
next = "body.sau"
[[options.news.tin.outcomes]]
http = [200, 204]
then = "found"
"""
EVENTS = """version = "1"
[[row]]
to = "kind"
value = "status.changed"
[[row]]
to = "dossier.code"
from = "item.ma"
required = true
[[row]]
to = "data.status"
jsonata = "$contains(item.tt, /(x+x+)+y/) ? 9 : 4"
as = "int"
"""


def holding(*items):
    """Return an answer of these items."""
    return json.dumps({"tin": items, "sau": "2"}).encode()


async def poll(said, system=SYSTEM):
    """Ask once; return the page, and how often somebody else had a turn meanwhile."""
    turns = 0

    async def somebody_else():
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    async with LoopbackPartner(said if isinstance(said, Says) else Says(body=said)) as partner:
        config, clock = system_of(system, partner.address), FakeClock()
        async with opened(config, context_of(clock=clock, mappings={"tin": EVENTS})) as adapter:
            other = asyncio.create_task(somebody_else())
            page = await adapter.poll("tin", "", open_dossiers=(), deadline=clock.monotonic() + 20)
            other.cancel()
    return page, turns


async def test_an_expression_that_does_not_end_over_an_item_keeps_nobody_waiting():
    """G6: a quarter of a second for each item, and a page has a thousand."""
    page, turns = await poll(holding({"ma": "H01-1", "tt": "x" * 30_000}, {"ma": "H01-1", "tt": "xxy"}))
    assert [len(page.unreadable), len(page.drafts)] == [1, 1]
    assert turns > 5


async def test_an_answer_of_more_items_than_a_page_holds_is_none():
    """G6: each would be kept for a person, a million of them before anybody else's dossier."""
    with pytest.raises(NoAnswer, match="reply_too_large"):
        await poll(holding(*range(10_001)))


async def test_an_item_nested_deeper_than_we_look_is_kept_for_a_person():
    """G2: it stands in nobody's way; the page was asked for again and again."""
    deep = b'{"x": ' + b"[" * 700 + b"]" * 700 + b"}"
    page, _ = await poll(b'{"tin": [%b, {"ma": "H01-1", "tt": "xxy"}], "sau": "2"}' % deep)
    assert [len(page.unreadable), len(page.drafts)] == [1, 1]
    assert page.unreadable[0].raw.body.count(b"[") == 700


@pytest.mark.parametrize(
    "said", [b"H\xe1\xbb\x87 th\xe1\xbb\x91ng b\xe1\xba\xadn", b'{"tin": [', b"[" * 500_000 + b"]" * 500_000, b""]
)
async def test_what_is_no_document_is_no_answer(said):
    """G2: a proxy says so with status 200, a script that died nothing; the bookmark would move past what they hide."""
    with pytest.raises(NoAnswer, match="reply_unreadable"):
        await poll(said)


async def test_nothing_at_all_is_no_news():
    page, _ = await poll(Says(status=204))
    assert (page.drafts, page.unreadable, page.more) == ([], [], False)


ONE, TWO = "<tin><ma>H01-1</ma><tt>xxy</tt></tin>", "<tin><ma>H01-2</ma><tt>xxy</tt></tin>"
IN_XML = SYSTEM.replace("[options.news.tin]", '[options]\nreplies = "xml"\n[options.news.tin]').replace(
    'each = "tin"\nnext = "body.sau"', 'each = "tra.tin"\nnext = "body.tra.sau"'
)
IN_TEXT = SYSTEM.replace("[options.news.tin]", '[options]\nunfold = ["du_lieu"]\n[options.news.tin]').replace(
    'each = "tin"', 'each = "du_lieu.tra.tin"'
)


@pytest.mark.parametrize(("items", "number"), [(ONE + TWO, 2), (ONE, 1), ("", 0), ("<tin/>", 0)])
@pytest.mark.parametrize("way", ["xml", "xml in json"])
async def test_one_item_alone_in_xml_is_a_list_of_one(items, number, way):
    """G2: XML does not say which is a list; taken for none, the stream would stand still until a second one comes."""
    text = f"<tra>{items}<sau>2</sau></tra>"
    said, system = (text, IN_XML) if way == "xml" else (json.dumps({"du_lieu": text, "sau": "2"}), IN_TEXT)
    page, _ = await poll(said.encode(), system)
    assert (len(page.drafts), page.unreadable, page.cursor) == (number, [], "2")


async def test_a_table_in_the_place_of_a_list_is_no_answer_in_json():
    with pytest.raises(NoAnswer, match="reply_unmatched"):
        await poll(b'{"tin": {"ma": "H01-1", "tt": "x"}}')


@pytest.mark.parametrize(("after", "number"), [(None, 1), ("2", 3)])
async def test_two_words_about_a_dossier_that_will_be_read_again_without_an_id_are_kept_for_a_person(after, number):
    """G7: without a new cursor the page comes every minute; each of the two would be news after the other, for ever."""
    items = [{"ma": "H01-1", "tt": "xxy"}, {"ma": "H01-1", "tt": "?"}, {"ma": "H01-2", "tt": "?"}]
    page, _ = await poll(json.dumps({"tin": items, "sau": after}).encode())
    assert [one.codes[0].value for one in page.drafts] == ["H01-1", "H01-1", "H01-2"][-number:]
    assert [json.loads(one.raw.body) for one in page.unreadable] == items[: 3 - number]
