"""The MIME reader: whatever it is fed, a message or a refusal; and the same whatever pieces it is fed in."""

import pytest
from hypothesis import strategies as st

from gateway.wire.content_type import ContentType
from gateway.wire.mime import Mark, MimeError, MimeLimits, MimeReader
from gateway.wire.part_head import PartHead

from .corpus import MIME
from .mutation import cut

TOKENS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"--",
    b"--edge",
    b"\r\n--edge\r\n",
    b"\r\n--edge--",
    b"\r\n--edge--\r\n",
    b"\r\n\r\n",
    b"--in\r\n\r\n",
    b"\r\n--in--",
    b"Content-ID: <1>\r\n",
    b"Content-Type: multipart/mixed; boundary=edge\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"=",
    b"==",
    b"=0D=0A",
    b": ",
    b" ",
    b"\0",
]
LIMITS = MimeLimits(total=1 << 20, parts=20, header=9_000)


def read(message, size):
    """Parts, each a head and its content, and why it ended."""
    parts = []
    try:
        reader = MimeReader(ContentType.parse('multipart/related; boundary="edge"'), LIMITS)
        for start in range(0, len(message), size):
            for event in reader.feed(message[start : start + size]):
                if isinstance(event, PartHead):
                    parts.append((event, bytearray()))
                elif event is not Mark.END:
                    assert event
                    parts[-1][1].extend(event)
        reader.close()
    except MimeError as error:
        return parts, error.where
    return parts, ""


def check(found):
    message, size = found
    whole, refused = read(message, len(message) or 1)
    pieces, refused_too = read(message, size)
    assert bool(refused) == bool(refused_too)
    if not refused:
        assert whole == pieces
        assert sum(len(content) for _, content in whole) <= len(message)
    return not refused


@pytest.mark.parametrize("name", MIME)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_every_seed_is_read_or_refused(name, size):
    check((MIME[name], size))


@pytest.mark.slow
def test_no_message_breaks_the_reader(fuzz):
    inputs = st.tuples(cut(list(MIME.values()), TOKENS), st.integers(1, 40))
    fuzz("mime", inputs, check)
