"""What REST partners are sent and answer with, in every format, against partners that read it with other hands."""

import base64
import hashlib
import json
import re
import tomllib
import tracemalloc
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl
from xml.etree.ElementTree import fromstring

import msgspec
import pytest
from aiohttp import web

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.outcome import Ambiguous, Delivered, Rejected, Shadowed
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.loopback import served
from gateway.testing.partner import LoopbackPartner, Says
from tests.adapters import context_of, opened

SYSTEM = """
id = "labour"
role = "system"
adapter = "rest"
name = { vi = "Lao động" }
secrets = { key = "env:KEY" }
doubt = { "*" = { doubt = "resend" } }
[options.operations."*"]
method = "PUT"
path = "/api/{code:province}/hồ-sơ"
query = { loai = "{event.kind}" }
mapping = "dossier"
codes = { unit = "so" }
[[options.outcomes]]
path = "ma"
equals = ["00"]
then = "delivered"
"""
MAPPING = """
version = "1"
[[row]]
to = "maHoSo"
from = "code:province"
[[row]]
to = "chu.hoTen"
from = "dossier.owner.name.whole"
[[row]]
to = "chu.loai"
value = 1
as = "int"
[[row]]
to = "gap"
value = true
as = "bool"
[[row]]
to = "tep[]"
each = "files"
rows = [{ to = "noiDung", from = "item.stream" }]
"""
PLAIN = MAPPING.partition('[[row]]\nto = "tep[]"')[0]
OK = {"ma": "00", "so": "LD-1"}
FIRST, SECOND = bytes(range(256)) * 4001, "nội dung \r\n--gateway".encode()
TIME = 5.0


def element(text):
    """Parse with other hands than ours what we have written ourselves."""
    return fromstring(text)  # noqa: S314 - see above


def a_config(address="http://127.0.0.1:9", **operation):
    table = tomllib.loads(SYSTEM)
    options = operation.pop("options", {})
    table["endpoint"] = {"sandbox": address}
    table["options"]["operations"]["*"] |= operation
    table["options"] |= options
    return msgspec.convert(table, SystemConfig)


def a_context(clock, blobs, mapping):
    return context_of(clock=clock, secrets={"env:KEY": "sample"}, blobs=blobs, mappings={"dossier": mapping})


def files(blobs):
    return tuple(
        blobs.hold(data, name=name, content_type=kind)
        for data, name, kind in (
            (FIRST, 'đơn "xin".pdf', "application/pdf"),
            (SECOND, "ảnh\r\n.txt", "text/plain"),
        )
    )


@asynccontextmanager
async def talking(config, mapping, blobs):
    clock = FakeClock()
    async with opened(config, a_context(clock, blobs, mapping)) as adapter:
        yield adapter, clock


async def sent(*, says=None, mapping=PLAIN, with_files=False, **operation):
    """Send once; return the outcome and what the partner has seen."""
    blobs = MemoryBlobs()
    delivery = a_delivery(a_message(blobs=files(blobs) if with_files else ()))
    async with LoopbackPartner(says or Says.json(OK)) as partner:
        async with talking(a_config(partner.address, **operation), mapping, blobs) as (adapter, clock):
            outcome = await adapter.send(delivery, deadline=clock.monotonic() + TIME)
        return outcome, partner.seen


async def test_method_path_and_query_come_from_the_message():
    """What is filled in is escaped; what is written stands as it is."""
    outcome, (seen,) = await sent()
    assert isinstance(outcome, Delivered)
    assert (seen.method, seen.path) == ("PUT", f"/api/{CODE}/h%E1%BB%93-s%C6%A1?loai=dossier.submitted")


async def test_a_form_has_a_field_for_each_value():
    """Tables inside travel as JSON, booleans as words."""
    _, (seen,) = await sent(encode="form")
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    fields = dict(parse_qsl(seen.body.decode()))
    assert fields.pop("chu") == '{"hoTen":"Lò Văn Mẫu","loai":1}'
    assert fields == {"maHoSo": CODE, "gap": "true"}


class MultipartPartner:
    """Reads a multipart request part by part, as a server of its own would."""

    def __init__(self):
        self.parts = []

    async def answer(self, request):
        async for part in await request.multipart():
            data = await part.read(decode=False)
            self.parts.append((part.name, part.filename, part.headers.get("Content-Type"), bytes(data)))
        return web.json_response(OK)

    @asynccontextmanager
    async def serving(self, mapping, blobs):
        """Serve, and open an adapter that sends here."""
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self.answer)
        async with served(app) as port:
            config = a_config(f"http://127.0.0.1:{port}", encode="multipart")
            async with talking(config, mapping, blobs) as open_adapter:
                yield open_adapter


async def test_multipart_has_a_part_for_each_field_and_each_file():
    """Files as they are, under their own names; a name cannot break out of its line."""
    partner, blobs = MultipartPartner(), MemoryBlobs()
    delivery = a_delivery(a_message(blobs=files(blobs)))
    async with partner.serving(MAPPING, blobs) as (adapter, clock):
        first = await adapter.send(delivery, deadline=clock.monotonic() + TIME)
        again = await adapter.send(delivery, deadline=clock.monotonic() + TIME)
    assert isinstance(first, Delivered)
    assert first.trace.request_digest == again.trace.request_digest
    assert partner.parts[: len(partner.parts) // 2] == [
        ("maHoSo", None, None, CODE.encode()),
        ("chu", None, "application/json", '{"hoTen":"Lò Văn Mẫu","loai":1}'.encode()),
        ("gap", None, None, b"true"),
        ("tep", "đơn %22xin%22.pdf", "application/pdf", FIRST),
        ("tep", "ảnh%0D%0A.txt", "text/plain", SECOND),
    ]


async def test_a_type_that_a_partner_gave_a_file_cannot_break_out_of_its_line():
    """A partner may call the type of a file in its own call anything: another partner's part gets no more lines."""
    partner, blobs = MultipartPartner(), MemoryBlobs()
    typed = blobs.hold(FIRST, name="a.txt", content_type="text/plain\r\nX-Other: 1\r\n\r\nforeign")
    async with partner.serving(MAPPING, blobs) as (adapter, clock):
        await adapter.send(a_delivery(a_message(blobs=(typed,))), deadline=clock.monotonic() + TIME)
    assert partner.parts[-1] == ("tep", "a.txt", "text/plain%0D%0AX-Other: 1%0D%0A%0D%0Aforeign", FIRST)


async def test_an_xml_body_is_written_in_the_order_of_the_table():
    """Elements below a root, in a namespace; files as base64, read while they are sent."""
    outcome, (seen,) = await sent(
        mapping=MAPPING, with_files=True, encode="xml", root="yeuCau/hoSo", namespace="urn:sample"
    )
    assert isinstance(outcome, Delivered)
    assert seen.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = element(seen.body)
    space = "{urn:sample}"
    assert root.tag == f"{space}yeuCau"
    dossier = root[0]
    assert [one.tag.removeprefix(space) for one in dossier] == ["maHoSo", "chu", "gap", "tep", "tep"]
    assert dossier.find(f"{space}chu/{space}hoTen").text == "Lò Văn Mẫu"
    found = [base64.b64decode(one.text) for one in dossier.iter(f"{space}noiDung")]
    assert found == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("embed", "read"),
    [
        ({"as": "json"}, json.loads),
        ({"as": "json", "base64": True}, lambda text: json.loads(base64.b64decode(text))),
        ({"as": "xml", "root": "hotich/hoso"}, lambda text: element(text)[0]),
        ({"as": "xml", "root": "hotich/hoso", "base64": True}, lambda text: element(base64.b64decode(text))[0]),
    ],
)
async def test_a_document_may_travel_as_a_text_of_another(embed, read):
    """JSON in a JSON string, XML in JSON, and either as base64, with files inside."""
    outcome, (seen,) = await sent(
        mapping=MAPPING, with_files=True, wrap={"module": "KS"}, data="data", embed={"data": embed}
    )
    assert isinstance(outcome, Delivered)
    assert seen.json["module"] == "KS"
    inner = read(seen.json["data"])
    if embed["as"] == "json":
        assert inner["chu"] == {"hoTen": "Lò Văn Mẫu", "loai": 1}
        contents = [one["noiDung"] for one in inner["tep"]]
    else:
        assert inner.find("chu/hoTen").text == "Lò Văn Mẫu"
        contents = [one.text for one in inner.iter("noiDung")]
    assert [base64.b64decode(one) for one in contents] == [FIRST, SECOND]


async def test_an_embedded_text_is_escaped_like_any_other():
    """Quotes and markup of the citizens' own words stay words."""
    mapping = PLAIN + '[[row]]\nto = "ghiChu"\nvalue = """a "b" <c> & {{d}}"""\n'
    embed = {"as": "xml", "root": "hoso"}
    _, (seen,) = await sent(mapping=mapping, data="data", embed={"data": embed})
    assert element(seen.json["data"]).find("ghiChu").text == 'a "b" <c> & {d}'


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        ({"encode": "form"}, "tep: a file cannot be a field of a form"),
        ({"encode": "xml", "root": "a", "data": "b c"}, "Invalid tag name"),
    ],
)
async def test_what_a_format_cannot_say_is_refused_before_anything_leaves(operation, problem):
    """The reason names what it was, and the partner hears nothing."""
    outcome, seen = await sent(mapping=MAPPING, with_files=True, **operation)
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.CANNOT_RENDER
    assert problem in outcome.reason.detail
    assert seen == []


async def test_an_answer_may_be_xml():
    """Rules, codes and words look into it by local names."""
    body = '<?xml version="1.0"?><m:kq xmlns:m="urn:m"><m:ma>00</m:ma><m:so loai="b">LD-2</m:so></m:kq>'
    says = Says(body=body.encode(), headers={"Content-Type": "text/xml"})
    rules = [{"path": "kq.ma", "equals": ["00"], "then": "delivered"}]
    outcome, (seen,) = await sent(
        says=says, codes={"unit": "kq.so.#text"}, options={"replies": "xml", "outcomes": rules}
    )
    assert isinstance(outcome, Delivered)
    assert dict(outcome.codes) == {"unit": "LD-2"}
    assert seen.headers["Accept"] == "application/xml"


@pytest.mark.parametrize(
    "inner",
    [
        '{"ma": "00", "so": "LD-3"}',
        "\ufeff<kq><ma>00</ma><so>LD-3</so></kq>",
        base64.b64encode(b'{"ma": "00", "so": "LD-3"}').decode(),
        base64.encodebytes(b'{"ma": "00", "so": "LD-3", "dai": "%s"}' % (b"x" * 100)).decode().replace("\n", "\r\n"),
        base64.b64encode(b'<?xml version="1.0" encoding="utf-8"?><?x?><kq><ma>00</ma><so>LD-3</so></kq>').decode(),
    ],
)
async def test_a_text_in_an_answer_may_hold_the_answer(inner):
    """``unfold``: JSON or XML, plain or as base64."""
    rules = [
        {"path": "data[0].ma", "equals": ["00"], "then": "delivered"},
        {"path": "data[0].kq.ma", "equals": ["00"], "then": "delivered"},
    ]
    outcome, _ = await sent(says=Says.json({"data": [inner]}), options={"unfold": ["data[*]"], "outcomes": rules})
    assert isinstance(outcome, Delivered)


async def test_an_answer_that_is_a_text_may_hold_the_answer():
    """ASP.NET writes JSON once more where a method returns text: ``unfold = ["$"]``."""
    rules = [{"path": "ma", "equals": ["00"], "then": "delivered"}]
    for says in (Says.json('{"ma": "00"}'), Says.json({"ma": "00"})):
        outcome, _ = await sent(says=says, options={"unfold": ["$"], "outcomes": rules})
        assert isinstance(outcome, Delivered)


@pytest.mark.parametrize("count", [1, 2])
async def test_what_xml_holds_once_may_be_a_list_all_the_same(count):
    """``lists``: in an answer that is XML, and in XML that an answer holds as a text."""
    inner = f"<kq>{'<so>LD-4</so>' * count}</kq>"
    rules = [{"path": "kq.so[0]", "then": "delivered"}, {"path": "data.kq.so[0]", "then": "delivered"}]
    for says, options in (
        (Says(body=inner.encode()), {"replies": "xml"}),
        (Says.json({"data": inner}), {"unfold": ["data"]}),
    ):
        outcome, _ = await sent(says=says, options={**options, "lists": ["so"], "outcomes": rules})
        assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    "says",
    [
        Says.json({"data": "{" * 100_000}),
        Says.json({"data": "[" * 100_000}),
        Says.json({"data": "<a>" * 10_000}),
        Says.json({"data": "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"}),
        Says.json({"data": base64.b64encode(b"\xff{").decode()}),
        Says.json({"data": "x" * 5_000_000}),
        Says(body='{"ma": "00"}'.encode("utf-16")),
        Says(body='{"data": "thành công"}'.encode("windows-1258", "replace")),
    ],
)
async def test_a_hostile_text_stays_a_text(says):
    """Bombs, entities, another charset: nothing is executed, nothing is a yes."""
    outcome, _ = await sent(says=says, options={"unfold": ["data"]})
    assert isinstance(outcome, Ambiguous)


async def test_large_files_are_never_whole_in_memory():
    """Forty megabytes inside XML inside JSON, as base64 of base64: what is held at once is a few chunks."""
    blobs = MemoryBlobs()
    data = bytes(40_000_000)
    delivery = a_delivery(a_message(blobs=(blobs.hold(data, name="a.bin"),)))
    embed = {"data": {"as": "xml", "root": "hoso", "base64": True}}
    async with LoopbackPartner(Says.json(OK)) as partner:
        config = a_config(partner.address, encode="json", data="data", embed=embed)
        async with talking(config, MAPPING, blobs) as (adapter, clock):
            tracemalloc.start()
            rehearsed = await adapter.rehearse(delivery)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            outcome = await adapter.send(delivery, deadline=clock.monotonic() + 4 * TIME)
    assert isinstance(rehearsed, Shadowed)
    assert peak < 2_000_000
    assert isinstance(outcome, Delivered)
    inner = re.search(rb"<noiDung>(.*)</noiDung>", base64.b64decode(partner.seen[0].json["data"]))
    assert hashlib.sha256(base64.b64decode(inner[1])).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ({"encode": "xml"}, 'options.operations."*"'),
        ({"root": "a"}, 'options.operations."*"'),
        ({"encode": "xml", "root": "a b"}, 'options.operations."*"'),
        ({"method": "get it"}, 'options.operations."*".method'),
        ({"embed": {"a..b": {"as": "json"}}}, 'options.operations."*".embed."a..b"'),
        ({"embed": {"a": {"as": "xml"}}}, 'options.operations."*".embed."a"'),
        ({"embed": {"a": {"as": "json", "root": "b"}}}, 'options.operations."*".embed."a"'),
        ({"options": {"unfold": ["a["]}}, "options.unfold"),
        (
            {
                "encode": "xml",
                "root": "a",
                "options": {"auth": {"kind": "api_key", "key": "key", "put": {"in": "body"}}},
            },
            "options.auth.put.in",
        ),
    ],
)
def test_a_bad_table_is_named(operation, key):
    """At `check`."""
    with pytest.raises(ConfigError) as caught:
        build(a_config(**operation), a_context(FakeClock(), MemoryBlobs(), PLAIN))
    assert [problem.key for problem in caught.value.problems] == [key]
