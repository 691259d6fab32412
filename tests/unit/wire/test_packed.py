"""Packed bodies where a piece and the body end together, or nearly so."""

import zlib

import pytest

from gateway.wire.packed import PackingError, unfolding

PIECE = 64 * 1024


async def unfolded(body: bytes) -> bytes:
    """Return what a deflated body holds that comes in one go."""
    chunks = [body]

    async def read() -> bytes:
        return chunks.pop() if chunks else b""

    next_piece = unfolding({"Content-Encoding": "deflate"}, read)
    data = b""
    while piece := await next_piece():
        data += piece
    return data


def bare(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


@pytest.mark.parametrize("size", [PIECE, PIECE + 1, PIECE + 64, 2 * PIECE])
async def test_what_has_no_checksum_is_unfolded_to_its_end(size):
    """All of it may have been read while the last of it has not come out yet."""
    assert await unfolded(bare(bytes(size))) == bytes(size)


async def test_what_breaks_off_there_is_not_whole():
    with pytest.raises(PackingError):
        await unfolded(bare(bytes(PIECE + 64))[:-1])
