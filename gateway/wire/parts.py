"""The parts of a multipart message, one after the other, while its bytes still arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from gateway.wire.content_type import ContentType
from gateway.wire.mime import DEFAULT_LIMITS, Event, Mark, MimeLimits, MimeReader
from gateway.wire.part_head import PartHead


class Parts:
    """One message being read: ``next``, then its ``content``, and so on."""

    def __init__(
        self, content_type: ContentType, source: AsyncIterator[bytes], limits: MimeLimits = DEFAULT_LIMITS
    ) -> None:
        """``content_type`` is that of the whole message. Raises MimeError."""
        self._source = source
        self._reader = MimeReader(content_type, limits)
        self._events: deque[Event] = deque()
        self._number = 0
        self._is_open = False  #: a part has begun and not ended

    @property
    def where(self) -> str:
        """Return which part this is, as people count: "part 3"."""
        return f"part {self._number}"

    async def next(self) -> PartHead | None:
        """Return the head of the next part, whatever is left of the one before; None at the end. Raises MimeError."""
        async for _ in self.content():
            pass
        event = await self._event()
        if not isinstance(event, PartHead):
            return None
        self._is_open = True
        self._number += 1
        return event

    async def content(self) -> AsyncGenerator[bytes, None]:
        """Yield what is left of this part; raises MimeError."""
        while self._is_open:
            event = await self._event()
            if isinstance(event, bytes):
                yield event
            self._is_open = event is not Mark.END

    async def _event(self) -> Event | None:
        """Return what comes next, None at the end."""
        while not self._events:
            data = await anext(self._source, None)
            if data is None:
                self._reader.close()
                return None
            self._events.extend(self._reader.feed(data))
        return self._events.popleft()
