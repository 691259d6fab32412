"""Files that are named by address: their ids, why one cannot be had, and when its source is told."""

from __future__ import annotations

import hashlib
import re

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.core.reason import Why

_BY_ADDRESS = re.compile(r"(?P<id>url-[0-9a-f]{32})(-(?P<digest>[0-9a-f]{24}))?", re.ASCII)

#: The host has answered, or never can: asking again brings the same until whoever named the file has acted.
LASTING = frozenset({Why.FILE_NOT_THERE, Why.FILE_DIFFERS, Why.FILE_TOO_LARGE, Why.UNFETCHABLE})
#: What is to be said of a file itself; other reasons are our own trouble.
OF_FILES = LASTING | {Why.FILE_MISSING}


def fetched_id(url: str) -> FileId:
    """Return the id of a file that is to be fetched from an address, so that the same statement has the same digest."""
    return FileId(f"url-{hashlib.sha256(url.encode()).hexdigest()[:32]}")


def public_id(blob: Blob) -> FileId:
    """Return the id under which others know a file that is here.

    One that was fetched is named by its bytes, too: its address may serve others later.
    """
    match = _BY_ADDRESS.fullmatch(blob.file_id)
    return FileId(f"{match['id']}-{blob.sha256[:24]}") if match and not match["digest"] else blob.file_id


def taken_apart(file: FileId) -> tuple[FileId, str] | None:
    """Return what a fetched file's public id is made of: its stored id, and how the SHA-256 of its bytes begins."""
    match = _BY_ADDRESS.fullmatch(file)
    return (FileId(match["id"]), match["digest"]) if match and match["digest"] else None


def is_news(told: Why | None, why: Why) -> bool:
    """Whether a message's source is told why a file of it is late: at first, and once the reason is one that lasts."""
    return told is None or (told not in LASTING and why in LASTING)
