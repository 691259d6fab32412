"""What a peer's TLS says of our certificate (RFC 8446, section 6.2), and ours of the peer's."""

from __future__ import annotations

from collections.abc import Iterator
from ssl import SSLError

#: As OpenSSL names the alerts that are about a client's certificate.
_ALERTS = (
    *("ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_CERTIFICATE_REVOKED"),
    *("ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_CERTIFICATE_REQUIRED", "ALERT_ACCESS_DENIED"),
)


def refuses_our_certificate(error: BaseException | None) -> bool:
    """Whether an error comes of such an alert: TLS 1.3 says so after we have begun to send, and passes nothing on."""
    return any(str(getattr(one, "reason", "")).endswith(_ALERTS) for one in _of_tls(error))


def words_of_tls(error: BaseException | None) -> str:
    """Return what OpenSSL says is wrong, in its own words (``certificate has expired``); empty where it says nothing.

    aiohttp's errors are SSLErrors, too, and know nothing: what they were made of does.
    """
    told = (getattr(one, "verify_message", None) or getattr(one, "reason", None) for one in _of_tls(error))
    return str(next(filter(None, told), ""))


def _of_tls(error: BaseException | None) -> Iterator[SSLError]:
    while error is not None:
        if isinstance(error, SSLError):
            yield error
        error = error.__cause__ or error.__context__
