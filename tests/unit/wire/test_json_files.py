"""JSON with files inside, cut into chunks of every size."""

import base64
import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.json_files import LONG, JsonFiles, TooLong

FILE = bytes(range(256)) * 400
TEXT = base64.b64encode(FILE).decode()


async def read(data, *, step=4096, limit=10_000_000, most=10_000_000):
    """Return the document and its files, read in chunks of one size."""
    left = [data[start : start + step] for start in range(0, len(data), step)]

    async def chunks():
        return left.pop(0) if left else b""

    async def keep(content):
        return b"".join([piece async for piece in content])

    document, files = await JsonFiles(chunks, limit=limit, most=most).read(keep)
    return document, files


def escaped(text, style):
    """Write a text as one of the stacks does that partners use."""
    if style == "php":
        return json.dumps(text).replace("/", "\\/")
    if style == "net":
        return json.dumps(text).replace("+", "\\u002B").replace("/", "\\u002F")
    if style == "lines":
        return json.dumps("\r\n".join(text[start : start + 76] for start in range(0, len(text), 76)))
    return json.dumps(text)


@pytest.mark.parametrize("style", ["plain", "php", "net", "lines"])
@pytest.mark.parametrize("step", [7, 1000, 4096, 65_536, 1_000_000])
async def test_a_file_is_found_however_it_is_written_and_cut(style, step):
    """What is left is the document with a marker in its place."""
    data = f'{{"a": "x\\"y", "tep": [{escaped(TEXT, style)}, "ngắn"], "b": 1}}'.encode()
    document, files = await read(data, step=step)
    shown = json.loads(document)
    assert (shown["a"], shown["tep"][1], shown["b"]) == ('x"y', "ngắn", 1)
    if step < LONG:
        assert files == {shown["tep"][0]: FILE}
    else:
        assert files.get(shown["tep"][0], base64.b64decode(shown["tep"][0].replace("\r\n", ""))) == FILE


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ),
    st.integers(1, 50),
)
async def test_a_document_without_files_is_read_as_it_is(document, step):
    """Byte for byte, whatever its texts hold."""
    data = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert await read(data, step=step) == (data, {})


@pytest.mark.parametrize(
    ("data", "limits", "error"),
    [
        (f'{{"a": "{"b " * LONG}"}}', {"limit": LONG}, TooLong),
        ("[" * 2000, {"limit": 1000}, TooLong),
        (f'["{TEXT}"]', {"most": 50_000}, TooLong),
        (f'["{"A" * 2 * LONG}!AAA"]', {}, ValueError),
        (f'["{"A" * 2 * LONG}AA=={"A" * LONG}"]', {}, ValueError),
        (f'["{"A" * (2 * LONG + 1)}"]', {}, ValueError),
        (f'["{"A" * 2 * LONG}', {}, ValueError),
        (f'["{"A" * 2 * LONG}\\"AAAA"]', {}, ValueError),
    ],
)
async def test_what_is_too_long_or_no_base64_is_refused(data, limits, error):
    """Nothing is kept of it that anybody could take for whole."""
    with pytest.raises(error):
        await read(data.encode(), **limits)


@pytest.mark.parametrize("data", ['{"a": "b', '{"a": "b\\', '["a", "b\\u00', "", '"'])
async def test_what_ends_too_early_stays_so(data):
    """No quote is added that was not there."""
    assert await read(data.encode(), step=2) == (data.encode(), {})


_NEARLY_A_FILE = f'"{" " * 30_000}!{"a" * 100_000}",'


@pytest.mark.parametrize(
    "piece", ['"",', '"\\n",', "\\n", "\\u002B", "[", "1,", _NEARLY_A_FILE], ids=lambda piece: piece[:6]
)
async def test_the_work_follows_the_size(piece):
    """Four million letters of whatever is slow: seconds, not minutes."""
    data = ("[" + '"' * (piece[0] == "\\") + piece * (4_000_000 // len(piece))).encode()
    began = time.process_time()
    with suppress(ValueError):
        await read(data, step=65_536)
    assert time.process_time() - began < 5
