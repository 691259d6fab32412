"""Replies of partners as documents that rules can look into."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from gateway.core.message import Payload
from gateway.model.faults import builtins_of
from gateway.sdk.rules import Reply
from gateway.wire.charsets import CharsetError, plain_json
from gateway.wire.http import HttpReply
from gateway.wire.xml import XmlLimits
from gateway.wire.xml_query import XmlBody
from gateway.wire.xml_table import table


def read_json(result: HttpReply) -> Reply:
    """Return a reply with its JSON document; one that is not JSON is unreadable, not an error."""
    document, readable = _decoded(result.body, result.content_type)
    return Reply(
        status=result.status,
        headers=result.headers,
        body=result.body,
        document=document,
        xml=XmlBody(result.body),
        readable=readable,
        early=result.early,
    )


def read_xml(result: HttpReply, limits: XmlLimits, lists: Collection[str] = ()) -> Reply:
    """Return a reply with its XML as a document, names local; one that is not XML is unreadable, not an error.

    ``lists`` are the elements that are lists even where they stand once.
    """
    body = XmlBody(result.body, limits=limits)
    root = body.root()
    return Reply(
        status=result.status,
        headers=result.headers,
        body=result.body,
        document=None if root is None else table(root, lists),
        xml=body,
        loose=True,
        readable=root is not None,
        early=result.early,
    )


def kept(result: HttpReply) -> Payload:
    """Return the raw reply for the attempt's record."""
    return Payload(body=result.body, media_type=result.content_type or "application/octet-stream")


def _decoded(body: bytes, content_type: str) -> tuple[object, bool]:
    try:
        return builtins_of(plain_json(body, content_type)), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, CharsetError):
        return None, False
