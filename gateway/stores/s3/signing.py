"""AWS Signature Version 4 for requests without a body: those that the client library does not know.

After «Signature Version 4 signing process» and «Authenticating Requests: Using the Authorization Header» of the Amazon
S3 API reference.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from gateway.stores.s3.bucket import Bucket

_NOTHING = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"
_PLAIN = "-_.~"
_SIGNED = "host;x-amz-content-sha256;x-amz-date"


def address(bucket: Bucket, key: str, query: Mapping[str, str]) -> str:
    """Return the address of an object, of the bucket where ``key`` is empty; written as it is signed."""
    path = quote(f"/{bucket.name}/{key}" if key else f"/{bucket.name}", safe=f"/{_PLAIN}")
    written = sorted((quote(name, safe=_PLAIN), quote(value, safe=_PLAIN)) for name, value in query.items())
    return f"{bucket.endpoint.rstrip('/')}{path}?" + "&".join(f"{name}={value}" for name, value in written)


def signature(method: str, url: str, bucket: Bucket, at: datetime) -> dict[str, str]:
    """Return the headers that prove who asks; ``url`` is one of ``address``, ``at`` is in UTC."""
    parts, moment = urlsplit(url), f"{at:%Y%m%dT%H%M%SZ}"
    scope = f"{at:%Y%m%d}/{bucket.region}/s3/aws4_request"
    headers = f"host:{parts.netloc}\nx-amz-content-sha256:{_NOTHING}\nx-amz-date:{moment}\n"
    request = f"{method}\n{parts.path}\n{parts.query}\n{headers}\n{_SIGNED}\n{_NOTHING}"
    to_sign = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{bucket.secret_key.reveal()}".encode()
    for piece in scope.split("/"):
        key = _mac(key, piece)
    proof = f"Credential={bucket.access_key.reveal()}/{scope}, SignedHeaders={_SIGNED}"
    return {
        "x-amz-date": moment,
        "x-amz-content-sha256": _NOTHING,
        "Authorization": f"{_ALGORITHM} {proof}, Signature={_mac(key, to_sign).hex()}",
    }


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
