"""Uploads in parts that a gateway has begun and not ended: nobody sees them, and they take room until given up.

The client library gives up its own, but a process that was killed cannot; and it has no request that lists them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.core.errors import StoreUnavailable
from gateway.ports.clock import Clock
from gateway.security.tls import client_context, trust
from gateway.stores.s3.bucket import Bucket, Patience
from gateway.stores.s3.signing import address, signature
from gateway.wire.http import HttpClient, HttpReply, HttpRequest, HttpSettings
from gateway.wire.xml import Element, XmlError, parse

_MOST = "1000"  #: uploads in one list; they are listed by key, which is by age
_LIST = frozenset({200})
_GIVEN_UP = frozenset({200, 204, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """One upload that was begun."""

    key: str  #: after the prefix
    upload: str
    begun_at: datetime


class UnfinishedUploads:
    """Lists and gives up what lies below the prefix."""

    def __init__(self, bucket: Bucket, patience: Patience, clock: Clock) -> None:
        self._bucket = bucket
        self._patience = patience
        self._clock = clock
        self._prefix = f"{bucket.prefix}/"

    async def listed(self) -> list[Unfinished]:
        """Return the first thousand. Raises StoreUnavailable."""
        query = {"uploads": "", "prefix": self._prefix, "max-uploads": _MOST}
        async with self._client() as client:
            reply = await self._ask(client, "GET", "", query, _LIST)
        try:
            return read(reply.body, self._prefix)
        except (XmlError, ValueError) as error:
            raise StoreUnavailable("the object store's list of uploads cannot be read") from error

    async def give_up(self, uploads: Collection[Unfinished]) -> None:
        """Let the object store forget them and their parts. Raises StoreUnavailable."""
        async with self._client() as client:
            for one in uploads:
                query = {"uploadId": one.upload}
                await self._ask(client, "DELETE", self._prefix + one.key, query, _GIVEN_UP)

    def _client(self) -> HttpClient:
        return HttpClient(HttpSettings(connect_timeout=self._patience.connect, tls=self._tls()))

    def _tls(self) -> ssl.SSLContext | None:
        if self._bucket.authorities is None:
            return None
        context = client_context()
        trust(context, None)
        trust(context, self._bucket.authorities)
        return context

    async def _ask(
        self, client: HttpClient, method: str, key: str, query: Mapping[str, str], wanted: Collection[int]
    ) -> HttpReply:
        url = address(self._bucket, key, query)
        request = HttpRequest(method=method, url=url, headers=signature(method, url, self._bucket, self._clock.now()))
        deadline = asyncio.get_running_loop().time() + self._patience.request.total_seconds()
        result = await client.exchange(request, deadline=deadline)
        if isinstance(result, HttpReply) and result.status in wanted:
            return result
        answer = result.status if isinstance(result, HttpReply) else result.cause
        raise StoreUnavailable(f"the object store could not be asked about unfinished uploads ({answer})")


def read(document: bytes, prefix: str) -> list[Unfinished]:
    """Return the uploads of a ``ListMultipartUploadsResult``; raises XmlError and ValueError where it is none."""
    root = parse(document)
    return [
        Unfinished(
            key=_text(one, "Key").removeprefix(prefix),
            upload=_text(one, "UploadId"),
            begun_at=datetime.fromisoformat(_text(one, "Initiated")),
        )
        for one in root.iterfind("{*}Upload")
        if _text(one, "Key").startswith(prefix)
    ]


def _text(parent: Element, name: str) -> str:
    found = parent.findtext(f"{{*}}{name}")
    if not found:
        raise ValueError(f"an upload without {name}")
    return found
