"""What holds for every file that comes, and for the parts of every message with files in it, however framed."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

from aiohttp import web

from gateway.core.composing import composed
from gateway.ingress.doors import doors_of
from gateway.ingress.pressing import of_file
from gateway.ingress.problems import Problem
from gateway.model.texts import Said
from gateway.wire.mime import MimeError, MimeTooLarge

ON_THE_WAY = 1280 * 1024  #: bytes of one file that are in memory at most
PARTS = 256  #: of one message: its envelope, and a file or more for each of 200 items
_NAME_LENGTH = 255


@contextmanager
def told() -> Generator[None]:
    """Turn what is wrong with a message's parts into what its sender is told."""
    try:
        yield
    except MimeTooLarge as error:
        raise Problem("body.too_large", limit=error.limit) from error
    except MimeError as error:
        problem = Said(f"{error.problem}; {error.remedy}")
        raise Problem("attachments.invalid", place=Said(error.where), problem=problem) from error


async def while_room(request: web.Request, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass the bytes on for as long as the disk has room for this caller's files."""
    strain, urgency = doors_of(request).strain, of_file(request)
    async for chunk in source:
        if strain().refuses(urgency):
            raise Problem("store.full")
        yield chunk


def file_name(given: str) -> str:
    """Return the last part of a name, without control and direction characters, at most 255 characters."""
    last = composed(given).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return kept.strip(" .")[-_NAME_LENGTH:] or "file"
