"""When a message was made, and how long it counts."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.security.wsse.anatomy import at_most_one, only, text_of
from gateway.security.wsse.names import wsu
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_PARTS = frozenset({wsu("Created"), wsu("Expires")})


@dataclass(frozen=True, slots=True)
class Window:
    """How far a partner's clock may be from ours, and how long its messages count at most."""

    skew: timedelta = timedelta(seconds=60)
    lifetime: timedelta = timedelta(seconds=300)

    def check(self, created: datetime, expires: datetime | None, now: datetime) -> None:
        """Refuse what is too old, or from the future; raises Unbelievable."""
        if created > now + self.skew:
            raise Unbelievable(Breach.EARLY, "Created")
        if now - created > self.lifetime + self.skew:
            raise Unbelievable(Breach.EXPIRED, "Created")
        if expires is not None and expires <= now - self.skew:
            raise Unbelievable(Breach.EXPIRED, "Expires")

    def until(self, created: datetime) -> datetime:
        """Return when something made then counts no more in any case: so long a repetition must be known."""
        return created + self.lifetime + 2 * self.skew


USUAL = Window()


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A Timestamp as it was read."""

    created: datetime
    expires: datetime | None


def read_timestamp(element: Element) -> Timestamp:
    """Return a Timestamp's times; raises Unbelievable."""
    if any(child.tag not in _PARTS for child in element.iterchildren("*")):
        raise Unbelievable(Breach.MALFORMED, "Timestamp")
    created = read_instant(only(element, wsu("Created")))
    end = at_most_one(element, wsu("Expires"))
    expires = read_instant(end) if end is not None else None
    if expires is not None and expires < created:
        raise Unbelievable(Breach.MALFORMED, "Expires")
    return Timestamp(created, expires)


def read_instant(element: Element) -> datetime:
    """Return an xsd:dateTime, which must have its zone; raises Unbelievable."""
    text = text_of(element).strip()
    if _INSTANT.fullmatch(text):
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(text).astimezone(UTC)
    raise Unbelievable(Breach.MALFORMED, etree.QName(element).localname)


def instant(moment: datetime) -> str:
    """Return a moment as WS-Security writes it: UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
