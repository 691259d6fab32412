"""Messages of a root and its files: which part is the root, what is kept, and what is refused."""

import pytest

from gateway.wire.content_type import ContentType
from gateway.wire.mime import MimeError, MimeTooLarge
from gateway.wire.related import Related, is_related

XOP11 = 'multipart/related; type="application/xop+xml"; start-info="text/xml"; boundary=b'
XOP12 = 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"'


def framed(*parts):
    body = b"".join(b"--b\r\n" + heads + b"\r\n" + content + b"\r\n" for heads, content in parts)
    return body + b"--b--\r\n"


def part(content_id, content, *heads):
    lines = [f"Content-ID: <{content_id}>", *heads]
    return "".join(f"{line}\r\n" for line in lines).encode(), content


class Reading:
    """A message that is read in pieces of 64 bytes; what is kept is kept as bytes."""

    def __init__(self, message, declared=XOP11, *, keep=None, most=1000):
        self.kept = []
        self.taken = 0
        keep = keep or self._keep
        self.related = Related(ContentType.parse(declared), self._pieces(message), keep, most=most)

    async def whole(self, wanted):
        await self.related.root()
        return await self.related.rest(wanted)

    async def _pieces(self, message):
        for start in range(0, len(message), 64):
            self.taken = start
            yield message[start : start + 64]

    async def _keep(self, head, chunks):
        self.kept.append(head.content_id)
        return b"".join([chunk async for chunk in chunks])


async def test_the_root_is_read_before_anything_is_kept():
    """It can be refused while the files are still on their way."""
    message = framed(part("r", b"<a/>"), part("1", b"x" * 10_000), part("2", b"\r\ny"))
    reading = Reading(message)
    root = await reading.related.root()
    assert (root.data, reading.kept) == (b"<a/>", [])
    assert reading.taken < 200
    assert await reading.related.rest() == {"1": b"x" * 10_000, "2": b"\r\ny"}


async def test_only_what_is_wanted_is_kept():
    """Files that the document does not refer to are dropped as they come."""
    reading = Reading(framed(part("r", b"<a/>"), part("1", b"x"), part("2", b"y"), (b"", b"z")))
    await reading.related.root()
    assert await reading.related.rest({"2"}) == {"2": b"y"}
    assert reading.kept == ["2"]


@pytest.mark.parametrize("start", ["<r@x>", "r@x"])
async def test_the_root_may_stand_anywhere(start):
    """RFC 2387: `start` names it."""
    message = framed(part("1", b"x"), part("r@x", b"<a/>"), part("2", b"y"))
    reading = Reading(message, f'{XOP11}; start="{start}"')
    assert (await reading.related.root()).data == b"<a/>"
    assert await reading.related.rest({"1", "2"}) == {"1": b"x", "2": b"y"}


@pytest.mark.parametrize(
    ("declared", "head", "wanted"),
    [
        (XOP11, 'application/xop+xml; charset=UTF-8; type="text/xml"', 'text/xml; charset="utf-8"'),
        (
            f'{XOP12}; action="urn:a"; boundary=b',
            "application/xop+xml; charset=utf-8",
            'application/soap+xml; charset="utf-8"; action="urn:a"',
        ),
        (
            'multipart/related; type="application/xop+xml"; boundary=b',
            'application/xop+xml; type="application/soap+xml; action=\\"urn:b\\""',
            'application/soap+xml; action="urn:b"',
        ),
        ('multipart/related; type="application/xop+xml"; boundary=b', "application/xop+xml", "text/xml"),
        ("multipart/related; type=text/xml; boundary=b", "text/xml; charset=utf-8", "text/xml; charset=utf-8"),
        ("multipart/related; type=text/xml; boundary=b", "", "text/xml"),
        ("multipart/related; boundary=b", "", "text/xml"),
    ],
)
async def test_says_under_which_type_the_root_would_have_come_alone(declared, head, wanted):
    """SOAP 1.2's action too, wherever a stack puts it."""
    heads = (f"Content-Type: {head}",) if head else ()
    reading = Reading(framed(part("r", b"<a/>", *heads)), declared)
    assert (await reading.related.root()).content_type == wanted


@pytest.mark.parametrize(
    ("message", "declared", "problem"),
    [
        (framed(part("r", b"<a/>")), f"{XOP11}; start=other", "`start`"),
        (framed(part("r", b"<a/>"), part("1", b"x")), XOP11, "did not come"),
        (framed(part("r", b"<a/>"), part("1", b"x"), part("1", b"y"), part("2", b"z")), XOP11, "same Content-ID"),
        (framed(part("r", b"<a/>"), part("r", b"x")), XOP11, "same Content-ID"),
        (framed(part("r", b"<a/>"), part("1", b"x"), part("2", b"y"))[:-5], XOP11, "ends before"),
        (b"", XOP11, "ends before"),
    ],
)
async def test_refuses_what_is_not_whole(message, declared, problem):
    reading = Reading(message, declared)
    with pytest.raises(MimeError, match=problem):
        await reading.whole({"1", "2"})


async def test_refuses_a_root_that_is_too_large_before_it_has_all_come():
    """Only a little more than the limit is ever held."""
    reading = Reading(framed(part("r", b"x" * 100_000)), most=1000)
    with pytest.raises(MimeTooLarge) as refused:
        await reading.related.root()
    assert refused.value.limit == 1000
    assert reading.taken < 1300


async def test_what_keeping_refuses_is_told_as_it_is():
    """A full disk is no fault of the message."""

    async def full(_head, _chunks):
        raise OSError("full")

    reading = Reading(framed(part("r", b"<a/>"), part("1", b"x")), keep=full)
    await reading.related.root()
    with pytest.raises(OSError, match="full"):
        await reading.related.rest()


async def test_a_part_that_is_not_read_to_its_end_hides_nothing_behind_it():
    """Whoever keeps may stop early; the next part begins where it begins."""

    async def first_piece(_head, chunks):
        return await anext(chunks)

    message = framed(part("r", b"<a/>"), part("1", b"x" * 1000), part("2", b"y"))
    reading = Reading(message, keep=first_piece)
    await reading.related.root()
    assert (await reading.related.rest())["2"] == b"y"


def test_knows_its_messages_by_their_header():
    assert is_related(XOP11)
    assert is_related("Multipart/Related")
    assert not is_related("text/xml")
