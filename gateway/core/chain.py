"""How evidence is written down and chained: bytes that have one form, links, commitments.

The arithmetic of the whole format, so that whoever writes and whoever verifies cannot disagree; the file that carries
it is described in ``docs/reference/evidence-format.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, Union

from gateway.core.hot_value import hot_value
from gateway.core.ids import NodeId

#: What a record is made of: JSON without fractions, so that one value has one form.
Value: TypeAlias = Union[str, int, bool, Sequence["Value"], Mapping[str, "Value"], None]  # noqa: UP007 - a string has no |
#: Writes a value in its one form; a faster one than ``canonical`` must give the same bytes.
Write: TypeAlias = Callable[[Value], bytes]

FORMAT = "gateway.evidence/1"

_NUMBER_BYTES = 8
_GENESIS = b"gateway.evidence/1 "
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Value) -> bytes:
    """Return the one form of a value: JSON as RFC 8785 (JCS) writes it, for what a record may hold.

    Keys are ASCII and sorted, no blanks, UTF-8, numbers whole and below 2^53. Raises ValueError for lone surrogates.
    """
    return _encode(value).encode()


def digest(record: bytes) -> bytes:
    """Return the SHA-256 of a record's bytes, which stands for it where it is left out."""
    return hashlib.sha256(record).digest()


def genesis(node: NodeId) -> bytes:
    """Return the link before a chain's first record: it names the chain, so no record fits into another one."""
    return hashlib.sha256(_GENESIS + node.encode()).digest()


def link(previous: bytes, number: int, record: bytes) -> bytes:
    """Return the link of the record with this number (from 1) and digest: SHA-256 over 32, 8 and 32 bytes."""
    return hashlib.sha256(previous + number.to_bytes(_NUMBER_BYTES) + record).digest()


def field_salt(salt: bytes, name: str) -> bytes:
    """Return the salt of one field: opening a field gives away nothing about the others of its record."""
    return hashlib.sha256(salt + name.encode()).digest()


def commitment(salt: bytes, value: str) -> str:
    """Return what binds the writer to a value that nobody can guess without the field's salt: hex."""
    return hashlib.sha256(salt + value.encode()).hexdigest()


@hot_value
class Head:
    """How far a chain has come: the number and link of its last record; number 0 and genesis before the first."""

    node: NodeId
    number: int
    link: bytes

    @classmethod
    def before_first(cls, node: NodeId) -> Head:
        """Return the beginning of a chain."""
        return cls(node=node, number=0, link=genesis(node))

    def then(self, record: bytes) -> Head:
        """Return the head after a record with this digest."""
        number = self.number + 1
        return Head(node=self.node, number=number, link=link(self.link, number, record))
