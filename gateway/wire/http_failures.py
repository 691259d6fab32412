"""Why there is no whole reply: what surely never left, and what may have.

Told by what an exchange has met and how far it had come (``Progress``).
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from enum import StrEnum

import aiohttp
from aiohttp.http_exceptions import ContentLengthError, HttpProcessingError

from gateway.wire.direct import Progress
from gateway.wire.mime import MimeError
from gateway.wire.reply_body import NotKept
from gateway.wire.request_body import SourceFailed
from gateway.wire.tls_alerts import refuses_our_certificate, words_of_tls


class NotSentCause(StrEnum):
    """Why no byte of the request left."""

    DNS = "dns"  #: the host's name was not resolved
    REFUSED = "refused"  #: nobody listens
    UNREACHABLE = "unreachable"  #: no route, or the connection was lost before the request
    TLS = "tls"  #: no trusted connection
    TIMEOUT_CONNECT = "timeout_connect"  #: no connection in time
    BODY = "body"  #: our own body could not be read
    INVALID = "invalid"  #: the URL cannot be used
    HEADER = "header"  #: HTTP forbids a header's name, or a character in its value


class BrokenCause(StrEnum):
    """Why there is no whole reply although bytes may have left."""

    TIMEOUT = "timeout"  #: the deadline passed
    RESET = "reset"  #: the connection was lost
    TOO_LARGE = "too_large"  #: the reply is larger than we read
    UNREADABLE = "unreadable"  #: the reply is not HTTP, or not the package that it says it is
    NOT_KEPT = "not_kept"  #: a file in the reply could not be put on disk
    BODY = "body"  #: our own body ended early or could not be read to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It surely never left."""

    cause: NotSentCause
    detail: str = ""  #: the kind of error, for the operator; never an address or a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Bytes may have left; there is no whole reply."""

    cause: BrokenCause
    detail: str = ""  #: the kind of error, for the operator; never an address or a value
    status: int | None = None  #: where at least the reply's head came


class Lost(aiohttp.ClientError):
    """The connection broke. aiohttp repeats some requests on its own errors of that meaning, but not on this one."""


#: What an exchange may meet beside a reply.
REMOTE = (OSError, aiohttp.ClientError, HttpProcessingError, ValueError, MimeError, NotKept, SourceFailed)


def failure_of(error: Exception, progress: Progress) -> NotSent | Broken:
    """Return what became of an exchange that met one of ``REMOTE``."""
    return _not_sent(error) if _surely_unsent(error, progress) else _broken(error, progress)


def _surely_unsent(error: Exception, progress: Progress) -> bool:
    if not progress.begun:
        return True
    # What our own store of files met, and what came behind a status, is no word of the peer's about its handshake.
    return progress.status is None and not progress.source_failed and refuses_our_certificate(error)


def _not_sent(error: Exception) -> NotSent:
    return NotSent(cause=_not_sent_cause(error), detail=words_of(error))


def words_of(error: Exception) -> str:
    """Return what stops a connection in OpenSSL's or the machine's words (``No route to host``), else its class.

    A name that nobody knows has no number among the machine's errors.
    """
    number = error.os_error.errno if isinstance(error, aiohttp.ClientConnectorError) else None
    of_the_network = os.strerror(number) if number is not None and number in errno.errorcode else ""
    return words_of_tls(error) or of_the_network or type(error).__name__


_NOT_SENT: tuple[tuple[tuple[type[Exception], ...], NotSentCause], ...] = (
    ((SourceFailed,), NotSentCause.BODY),
    ((aiohttp.ClientConnectorDNSError,), NotSentCause.DNS),
    (
        (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch),
        NotSentCause.TLS,
    ),
    ((TimeoutError,), NotSentCause.TIMEOUT_CONNECT),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), NotSentCause.INVALID),
)


def _not_sent_cause(error: Exception) -> NotSentCause:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return NotSentCause.REFUSED
    if refuses_our_certificate(error):
        return NotSentCause.TLS
    known = next((cause for kinds, cause in _NOT_SENT if isinstance(error, kinds)), None)
    if known is not None:
        return known
    return NotSentCause.UNREACHABLE if isinstance(error, aiohttp.ClientError | OSError) else NotSentCause.INVALID


def _broken(error: Exception, progress: Progress) -> Broken:
    detail = type(error.__cause__ if isinstance(error, Lost) and error.__cause__ else error).__name__
    return Broken(cause=_broken_cause(error, progress), detail=detail, status=progress.status)


def _broken_cause(error: Exception, progress: Progress) -> BrokenCause:
    if progress.source_failed:
        return BrokenCause.BODY
    if isinstance(error, TimeoutError):
        return BrokenCause.TIMEOUT
    if isinstance(error, NotKept):
        return BrokenCause.NOT_KEPT
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError | ValueError | MimeError):
        return BrokenCause.UNREADABLE
    reason = error.__cause__ if isinstance(error, aiohttp.ClientPayloadError) else None
    unreadable = isinstance(reason, HttpProcessingError) and not isinstance(reason, ContentLengthError)
    return BrokenCause.UNREADABLE if unreadable else BrokenCause.RESET
