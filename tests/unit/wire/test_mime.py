"""Multipart messages, whatever way they are cut into pieces, and everything that is none."""

import base64
import quopri
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.content_type import ContentType
from gateway.wire.mime import Mark, MimeError, MimeLimits, MimeReader, MimeTooLarge
from gateway.wire.part_head import PartHead
from gateway.wire.transfer_encoding import unbroken

EDGES = [b"", b"\r\n", b"\r\n\0PDF\n", b"\n", b"\r", b"--b", b"x\r\n--", b"\r\n-", b"%PDF\r\n\r\n", b"a" * 70_000]


def framed(*parts, boundary="b", preamble=b"", tail=b"\r\n"):
    """A message of (headers, content) pairs."""
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + heads + b"\r\n" + content + b"\r\n" for heads, content in parts)
    return preamble + body + mark + b"--" + tail


def read(message, *, cut=65_536, boundary="b", limits=None):
    """Every part's head and content."""
    reader = MimeReader(ContentType.parse(f'multipart/related; boundary="{boundary}"'), limits or MimeLimits())
    parts = []
    for start in range(0, len(message), cut):
        for event in reader.feed(message[start : start + cut]):
            if isinstance(event, PartHead):
                parts.append((event, bytearray()))
            elif event is not Mark.END:
                parts[-1][1].extend(event)
    reader.close()
    return [(head, bytes(content)) for head, content in parts]


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 65_536])
def test_hands_on_contents_as_they_were_sent(cut):
    """Not a byte more or less: also where contents begin or end with line ends, or look like a delimiter."""
    heads = [f"Content-ID: <{number}>\r\n".encode() for number in range(len(EDGES))]
    message = framed(*zip(heads, EDGES, strict=True), boundary="edge")
    assert [content for _, content in read(message, cut=cut, boundary="edge")] == EDGES


@given(
    contents=st.lists(
        st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", b"b", b"\0", b"x", b"=", b" "])), min_size=1
    ),
    cut=st.integers(1, 50),
    preamble=st.sampled_from([b"", b"This is a multipart message.\r\n", b"\r\n"]),
    tail=st.sampled_from([b"", b"\r\n", b"\r\nepilogue", b" \t\r\n"]),
)
def test_hands_on_any_content_in_any_pieces(contents, cut, preamble, tail):
    """The boundary is one that no content can hold."""
    wanted = [b"".join(content) for content in contents]
    message = framed(*((b"", content) for content in wanted), boundary="edge-7", preamble=preamble, tail=tail)
    limits = MimeLimits(parts=len(wanted))
    assert [content for _, content in read(message, cut=cut, boundary="edge-7", limits=limits)] == wanted


@pytest.mark.parametrize("cut", [1, 5, 65_536])
def test_reads_folded_and_oddly_written_headers(cut):
    """Names have no case, values may go on in the next line, a part may have no header and no content."""
    heads = b"content-id:\r\n\t<root@x>\r\nCONTENT-TYPE: text/xml;\r\n charset=utf-8\r\nX-Other :  y \r\n"
    (first, _), (second, content) = read(framed((heads, b"<a/>"), (b"", b"")), cut=cut)
    assert (first.content_id, first.content_type.media_type, first.content_type.charset) == (
        "root@x",
        "text/xml",
        "utf-8",
    )
    assert first.headers["x-other"] == "y"
    assert (second.content_id, second.content_type.media_type, content) == ("", "", b"")


def test_reads_a_part_that_is_nothing_but_headers():
    """RFC 2046 lets the empty line be missing where no content follows."""
    message = b"--b\r\nContent-ID: <a>\r\n\r\n--b\r\n\r\nx\r\n--b--"
    assert [(head.content_id, content) for head, content in read(message)] == [("a", b""), ("", b"x")]


@pytest.mark.parametrize("cut", [1, 3, 4, 65_536])
@pytest.mark.parametrize("lines", [True, False])
def test_undoes_base64(cut, lines):
    """With and without line ends, in pieces of any size."""
    data = bytes(range(256)) * 5
    text = base64.encodebytes(data).replace(b"\n", b"\r\n") if lines else base64.b64encode(data)
    assert read(framed((b"Content-Transfer-Encoding: BASE64\r\n", text)), cut=cut)[0][1] == data


@pytest.mark.parametrize("cut", [1, 3, 65_536])
def test_undoes_quoted_printable(cut):
    """Soft line ends, blanks at the end of a line, and letters that are quoted."""
    data = "Sở Tư pháp = Ủy ban\r\n".encode() * 20 + b"tail"
    text = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    assert read(framed((b"Content-Transfer-Encoding: quoted-printable\r\n", text)), cut=cut)[0][1] == data
    padded = framed((b"Content-Transfer-Encoding: quoted-printable\r\n", b"a  \t\r\nb= \r\nc  "))
    assert read(padded, cut=cut)[0][1] == b"a\r\nbc"


@pytest.mark.parametrize("cut", [1, 65_536])
def test_opens_one_multipart_inside(cut):
    """As X-Road's own samples have it: its parts come out like all others."""
    inner = framed((b"Content-ID: <i>\r\n", b"\r\ninside\r\n"), (b"", b"2"), boundary="deep", preamble=b"hi\r\n")
    message = framed(
        (b"Content-ID: <r>\r\n", b"<a/>"), (b"Content-Type: multipart/mixed; boundary=deep\r\n", inner), (b"", b"last")
    )
    assert [(head.content_id, content) for head, content in read(message, cut=cut)] == [
        ("r", b"<a/>"),
        ("i", b"\r\ninside\r\n"),
        ("", b"2"),
        ("", b"last"),
    ]


DEEP = framed((b"Content-Type: multipart/mixed; boundary=c\r\n", framed((b"", b"x"), boundary="c")), boundary="a")
ENCODED = b"Content-Type: multipart/mixed; boundary=c\r\nContent-Transfer-Encoding: base64\r\n"


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"", "ends before"),
        (b"--", "ends before"),
        (framed((b"", b"x"))[:-4], "ends before"),
        (framed((b"", b"x"))[:-3], "ends before"),
        (b"--b\r\nContent-ID: <a>\r\n", "ends before"),
        (b"--b--\r\n", "no part"),
        (framed((b"", b"x"), boundary="other"), "ends before"),
        (b"x" * 70_000, "boundary does not come"),
        (b"--b\r\n\r\nx\r\n--b-\r\n", "goes on"),
        (b"--b\r\n\r\nx\r\n--bother\r\n", "goes on"),
        (b"--b\r\n\r\nx\r\n--b--x\r\n", "goes on"),
        (b"--b" + b" " * 300, "goes on"),
        (b"--b\n\nx\n--b--\n" + b"x" * 300, "goes on"),
        (framed((b"no colon\r\n", b"x")), "Name: value"),
        (framed((b" folded: at once\r\n", b"x")), "Name: value"),
        (framed((b"A: b\nC: d\r\n", b"x")), "Name: value"),
        (framed((b"A: \x00\r\n", b"x")), "Name: value"),
        (framed((b"A: \xff\r\n", b"x")), "UTF-8"),
        (framed((b"Content-ID: <a>\r\ncontent-id: <b>\r\n", b"x")), "twice"),
        (framed((b"A: " + b"x" * 9_000 + b"\r\n", b"x")), "8192 bytes"),
        (b"--b\r\nA: " + b"x" * 9_000, "8192 bytes"),
        (framed((b"Content-Transfer-Encoding: gzip\r\n", b"x")), "not known"),
        (framed((b"Content-Transfer-Encoding: base64\r\n", b"QUJ")), "inside a group"),
        (framed((b"Content-Transfer-Encoding: base64\r\n", b"QU=J")), "not base64"),
        (framed((b"Content-Transfer-Encoding: base64\r\n", b"QQ==QQ==")), "base64"),
        (framed((b"Content-Transfer-Encoding: base64\r\n", b"QQ==Q")), "after its end"),
        (framed((b"Content-Transfer-Encoding: base64\r\n", b"Q!==")), "not base64"),
        (framed((b"Content-Transfer-Encoding: quoted-printable\r\n", b"=4")), "not quoted-printable"),
        (framed((b"Content-Transfer-Encoding: quoted-printable\r\n", b"=zz\r\n")), "not quoted-printable"),
        (framed((b"Content-Transfer-Encoding: quoted-printable\r\n", b"x" * 140_000)), "longer than"),
        (framed((b"Content-Type: multipart/mixed; boundary=a\r\n", DEEP)), "nested deeper"),
        (framed((b"Content-Type: multipart/mixed\r\n", b"x")), "no boundary"),
        (framed((ENCODED, b"x")), "encoded as a whole"),
        (framed((b"Content-Type: multipart/mixed; boundary=c\r\n", b"--c\r\n\r\nx")), "ends before"),
    ],
)
@pytest.mark.parametrize("cut", [1, 65_536])
def test_refuses_what_is_no_whole_message(message, problem, cut):
    """The error says which part, what, and what to do; it repeats nothing of the message."""
    with pytest.raises(MimeError, match=problem) as refused:
        read(message, cut=cut)
    assert refused.value.where.startswith(("message", "part"))
    assert refused.value.remedy


def test_what_was_handed_on_of_a_broken_part_is_known_to_be_broken():
    """Base64 that goes wrong in the second piece is an error there, after the first was handed on."""
    reader = MimeReader(ContentType.parse("multipart/related; boundary=b"))
    reader.feed(b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 1000)
    with pytest.raises(MimeError, match="part 1"):
        reader.feed(b"!" * 100)


def accepts(message, cut, limits=None):
    """Whether a message is read."""
    try:
        read(message, cut=cut, limits=limits)
    except MimeError:
        return False
    return True


@pytest.mark.parametrize("cut", [1, 2, 3, 65_536])
def test_a_limit_is_the_same_whatever_the_pieces(cut):
    """G7: the same message is not taken at one try and refused at the next because the network cut it otherwise."""
    limits = MimeLimits(header=100)
    headed = [b"--b\r\nA:" + b"x" * size + b"\r\n\r\nc\r\n--b--\r\n" for size in range(90, 104)]
    assert [accepts(message, cut, limits) for message in headed] == [size <= 96 for size in range(90, 104)]
    padded = [b"--b" + b" " * size + b"\r\n\r\n\r\nc\r\n--b--\r\n" for size in range(196, 206)]
    assert [accepts(message, cut) for message in padded] == [size <= 200 for size in range(196, 206)]
    quoted = b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\nz\r\n--b--\r\n"
    lines = range(8190, 8194)  # and the CR that ends each
    assert [accepts(quoted % (b"x" * size), cut) for size in lines] == [size <= 8191 for size in lines]


def test_refuses_more_than_allowed():
    """The limit is told, so that the answer can name it."""
    message = framed((b"", b"x"), (b"", b"y"), (b"", b"z" * 90))
    with pytest.raises(MimeTooLarge) as refused:
        read(message, limits=MimeLimits(total=99))
    assert refused.value.limit == 99
    with pytest.raises(MimeError, match="more than 2 parts"):
        read(message, limits=MimeLimits(parts=2))


@pytest.mark.parametrize("declared", ["multipart/related", 'multipart/related; boundary=""', "x", ""])
def test_refuses_a_message_without_a_boundary(declared):
    with pytest.raises(MimeError, match="boundary"):
        MimeReader(ContentType.parse(declared))


def test_never_holds_more_than_a_delimiter_of_what_was_fed():
    """Content leaves as it comes, so that memory stays flat however long a part is."""
    reader = MimeReader(ContentType.parse("multipart/related; boundary=b"))
    reader.feed(b"--b\r\n\r\n")
    for _ in range(100):
        held = 1000 - sum(len(event) for event in reader.feed(b"\r\n--" + b"a" * 996) if isinstance(event, bytes))
        assert held < len(b"\r\n--b") + len(b"\r\n")


@pytest.mark.parametrize(
    "message",
    [
        framed((b"", b"\r\n--" * 500_000), boundary="edge"),
        framed((b"", b"\r\n\r\n" * 500_000), boundary="edge"),
        framed((b"Content-Transfer-Encoding: quoted-printable\r\n", b" " * 8_000 + b"x\r\n"), boundary="edge"),
        framed((b"Content-Transfer-Encoding: quoted-printable\r\n", (b"=41" * 2_000 + b"\r\n") * 300), boundary="edge"),
        framed((b"Content-Transfer-Encoding: base64\r\n", b"Q \r\n" * 500_000), boundary="edge"),
        framed(*[(b"A: " + b" " * 8_000 + b"\r\n", b"")] * 60, boundary="edge"),
        framed(*[(b"Content-Type: a/b;" + b" " * 8_000 + b"x\r\n", b"")] * 60, boundary="edge"),
    ],
    ids=["almost delimiters", "line ends", "blanks", "quotes", "loose base64", "long headers", "long types"],
)
def test_takes_no_longer_for_what_is_made_to_be_slow(message):
    """A few times what the same number of harmless bytes would take."""
    began = time.process_time()
    read(message, boundary="edge", cut=8_192)
    assert time.process_time() - began < 3


def test_base64_with_blanks_between_its_letters_takes_no_more_memory_than_it_has():
    """G6: what stands between blanks is no text of its own; of 3 MB that would be a million."""
    text = "AAAA \r\n" * 400_000
    tracemalloc.start()
    letters = unbroken(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert letters == b"AAAA" * 400_000
    assert peak < 3 * len(text)
    with pytest.raises(ValueError, match="ascii"):
        unbroken("AAAĐ")
