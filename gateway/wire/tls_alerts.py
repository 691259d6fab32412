"""What a peer's TLS says of our certificate (RFC 8446, section 6.2)."""

from __future__ import annotations

from ssl import SSLError

#: As OpenSSL names the alerts that are about a client's certificate.
_ALERTS = (
    *("ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_CERTIFICATE_REVOKED"),
    *("ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_CERTIFICATE_REQUIRED", "ALERT_ACCESS_DENIED"),
)


def refuses_our_certificate(error: BaseException | None) -> bool:
    """Whether an error comes of such an alert: TLS 1.3 says so after we have begun to send, and passes nothing on."""
    while error is not None:
        if isinstance(error, SSLError) and str(getattr(error, "reason", "")).endswith(_ALERTS):
            return True
        error = error.__cause__ or error.__context__
    return False
