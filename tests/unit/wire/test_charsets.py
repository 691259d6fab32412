"""Vietnamese text in the encodings that systems declare."""

import unicodedata

import pytest

from gateway.wire.charsets import CharsetError, as_utf8, plain_json
from tests.encodings import as_windows_1258

WORDS = "Hồ sơ đã tồn tại, Lò Thị Phượng"
OLD = as_windows_1258(WORDS)


def test_windows_1258_is_read_and_composed():
    """The same words, as UTF-8 has them."""
    assert as_utf8(OLD, "windows-1258") == as_utf8(OLD, "cp1258") == WORDS.encode()


def test_utf_8_loses_its_mark_and_nothing_else():
    decomposed = unicodedata.normalize("NFD", WORDS).encode()
    assert as_utf8(b"\xef\xbb\xbf" + decomposed, "utf-8") == decomposed


@pytest.mark.parametrize(
    ("body", "charset", "problem"),
    [
        (OLD, "utf-8", "not in the declared encoding"),
        (b"\x8d", "windows-1258", "not in the declared encoding"),
        (b"{}", "utf-16", "is not known"),
    ],
)
def test_what_is_not_in_the_declared_encoding_is_an_error(body: bytes, charset: str, problem: str):
    with pytest.raises(CharsetError, match=problem):
        as_utf8(body, charset)


def test_json_is_left_to_its_decoder_unless_an_older_encoding_is_declared():
    """An encoding that nobody writes here changes nothing: JSON is UTF-8 (RFC 8259)."""
    assert plain_json(b"\xef\xbb\xbf{}", "application/json; charset=iso-8859-1") == b"{}"
    assert plain_json(b"\xef\xbb\xbf\r\n\xef\xbb\xbf{}\n", "") == b"{}\n"
    assert plain_json(OLD, "text/plain; charset=Windows-1258") == WORDS.encode()
