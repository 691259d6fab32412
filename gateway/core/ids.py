"""Names of things: ids are strings that the type checker keeps apart."""

from __future__ import annotations

from typing import NewType

MessageId = NewType("MessageId", str)
DeliveryId = NewType("DeliveryId", str)
DossierId = NewType("DossierId", str)
SystemId = NewType("SystemId", str)
NodeId = NewType("NodeId", str)
FileId = NewType("FileId", str)
KeyId = NewType("KeyId", str)

#: The gateway states facts of its own (``relay.*``) under this reserved name.
GATEWAY = SystemId("gateway")
#: What only a person can place is held for this reserved destination.
OPERATORS = SystemId("operators")

NO_FILE = FileId("")
NO_KEY = KeyId("")

RESERVED_SYSTEMS = frozenset({GATEWAY, OPERATORS})

_RANDOM_BITS = 74


def uuid7(unix_ms: int, randomness: int) -> str:
    """Lay out a time-ordered UUID version 7 (RFC 9562, section 5.7).

    ``unix_ms`` is milliseconds since 1970; of ``randomness`` the low 74 bits are used.
    """
    noise = randomness & ((1 << _RANDOM_BITS) - 1)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    value = (unix_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    text = f"{value:032x}"  # not through uuid.UUID: it takes ten times as long
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
