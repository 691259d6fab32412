"""What simulated portals do with a signed webhook (Standard Webhooks 1.0): tell whether it is one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

TOLERANCE = 300  #: seconds that a signature may be old or early


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, *, tolerance: int = TOLERANCE) -> bool:
    """Check the signature as the receiver's guide of Standard Webhooks asks; ``secret`` begins with ``whsec_``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp, number = headers.get("webhook-timestamp", "0"), headers.get("webhook-id", "")
    if abs(time.time() - int(stamp)) > tolerance:
        return False
    expected = hmac.digest(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256)
    given = [part[3:] for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return any(hmac.compare_digest(base64.b64encode(expected).decode(), signature) for signature in given)
