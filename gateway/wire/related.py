"""``multipart/related`` messages (RFC 2387) that come in: the root document first, then the files it refers to.

The root is read whole, so that it can be judged before anything is kept; the files are handed on piece by piece to
whoever keeps them. MTOM (XOP 1.0, W3C 2005) and SOAP with Attachments have this form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from gateway.wire.content_type import ContentType
from gateway.wire.mime import DEFAULT_LIMITS, MimeError, MimeLimits, MimeTooLarge
from gateway.wire.part_head import PartHead
from gateway.wire.parts import Parts

RELATED = "multipart/related"
XOP = "application/xop+xml"
_XML = "text/xml"

Kept = TypeVar("Kept")
#: Takes a part's head and its content, which it reads to the end, and returns what it kept.
Keep: TypeAlias = Callable[[PartHead, AsyncIterator[bytes]], Awaitable[Kept]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The document of a message."""

    data: bytes = field(repr=False)
    content_type: str  #: of the document: for XOP that of what it stands for, ``text/xml`` or ``application/soap+xml``


class Related(Generic[Kept]):
    """One message being read: ``root`` once, then ``rest`` once."""

    def __init__(
        self,
        content_type: ContentType,
        source: AsyncIterator[bytes],
        keep: Keep[Kept],
        *,
        most: int,
        limits: MimeLimits = DEFAULT_LIMITS,
    ) -> None:
        """``content_type`` is that of the whole message, ``most`` the bytes of its root. Raises MimeError."""
        self._outer = content_type
        self._parts = Parts(content_type, source, limits)
        self._keep = keep
        self._most = most
        self._start = content_type.parameters.get("start", "").strip().removeprefix("<").removesuffix(">")
        self._seen: set[str] = set()
        self._kept: dict[str, Kept] = {}

    async def root(self) -> Root:
        """Read as far as the root: the part that ``start`` names, else the first; raises MimeError.

        Files that stand before it are kept, since nobody knows yet whether it refers to them.
        """
        while (head := await self._next_part()) is not None:
            if not self._start or head.content_id == self._start:
                return Root(data=await self._whole(), content_type=self._document_type(head))
            await self._keep_part(head)
        raise MimeError("message", "no part is the root that `start` names", "send the SOAP part first")

    async def rest(self, wanted: Collection[str] | None = None) -> Mapping[str, Kept]:
        """Read to the end, and return what was kept by Content-ID; a part that is not wanted is dropped.

        Without ``wanted`` every part is kept that has a Content-ID. Raises MimeError, also where one that is wanted did
        not come, and whatever keeping raises.
        """
        while (head := await self._next_part()) is not None:
            if head.content_id and (wanted is None or head.content_id in wanted):
                await self._keep_part(head)
        if wanted is not None and not self._kept.keys() >= set(wanted):
            raise MimeError("message", "the document refers to a part that did not come", "send every part it names")
        return self._kept

    async def _next_part(self) -> PartHead | None:
        """Return the head of the next part, whatever is left of the one before."""
        head = await self._parts.next()
        if head is None or not head.content_id:
            return head
        if head.content_id in self._seen:
            raise MimeError("message", "two parts have the same Content-ID", "give each part its own")
        self._seen.add(head.content_id)
        return head

    async def _keep_part(self, head: PartHead) -> None:
        if head.content_id:
            self._kept[head.content_id] = await self._keep(head, self._parts.content())

    async def _whole(self) -> bytes:
        data = bytearray()
        async for piece in self._parts.content():
            data += piece
            if len(data) > self._most:
                raise MimeTooLarge("root part", f"more than the {self._most} bytes allowed", self._most)
        return bytes(data)

    def _document_type(self, head: PartHead) -> str:
        """Return the type under which the root would have come alone."""
        own = head.content_type
        if own.media_type != XOP:
            return head.headers.get("content-type", "") or self._outer.parameters.get("type", _XML)
        inner = ContentType.parse(own.parameters.get("type", ""))
        info = ContentType.parse(self._outer.parameters.get("start-info", ""))
        action = self._outer.action or info.action or inner.action or own.action
        parameters = {"charset": own.charset, "action": action}
        return str(
            ContentType(
                media_type=info.media_type or inner.media_type or _XML,
                parameters={name: value for name, value in parameters.items() if value},
            )
        )


def is_related(content_type: str) -> bool:
    """Whether a message is of this kind, as far as its header says."""
    return ContentType.parse(content_type).media_type == RELATED
