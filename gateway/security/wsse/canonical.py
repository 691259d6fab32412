"""Exclusive canonical XML 1.0 without comments, streamed: what a few declarations become is the sender's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, cast

from cryptography.hazmat.primitives.hashes import Hash, HashAlgorithm
from lxml import etree

from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element
from gateway.wire.xml_names import reading

#: Octets of one canonical form. The namespaces of one element may be written again for each of 100 000 others.
LARGEST = 64 * 1024 * 1024


class _Tree(Protocol):
    """What lxml's stubs leave out."""

    def write_c14n(
        self, file: _Sink, *, exclusive: bool, with_comments: bool, inclusive_ns_prefixes: list[str] | None
    ) -> None: ...


class _Sink:
    """Passes octets on, and stops where there are too many."""

    def __init__(self, take: Callable[[bytes], object], limit: int) -> None:
        self._take = take
        self._left = limit

    def write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise Unbelievable(Breach.MALFORMED, "canonical form")
        self._take(data)


def digest(element: Element, algorithm: HashAlgorithm, prefixes: Sequence[str] = ()) -> bytes:
    """Return the digest of an element's canonical form; ``prefixes`` are those of InclusiveNamespaces."""
    hashed = Hash(algorithm)
    _write(element, _Sink(hashed.update, LARGEST), prefixes)
    return hashed.finalize()


def canonical(element: Element, prefixes: Sequence[str] = (), *, limit: int = LARGEST) -> bytes:
    """Return the canonical form itself, of something small."""
    parts: list[bytes] = []
    _write(element, _Sink(parts.append, limit), prefixes)
    return b"".join(parts)


def _write(element: Element, sink: _Sink, prefixes: Sequence[str]) -> None:
    _make_known(prefixes)
    tree = cast("_Tree", etree.ElementTree(element))
    tree.write_c14n(sink, exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes) or None)


def _make_known(prefixes: Sequence[str]) -> None:
    """Let this thread know the names of prefixes, wherever in the element they are declared.

    lxml keeps names per thread, and leaves out inclusive prefixes that the thread at work has never read itself. The
    message may have been read in another one.
    """
    reading()
    for prefix in prefixes:
        with suppress(ValueError):  # what is no name is declared nowhere
            etree.Element(prefix)
