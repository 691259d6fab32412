"""What an object store answers, as an operator may read it, and as errors of ours."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

import structlog
from obstore.exceptions import BaseError
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreFull, StoreUnavailable

_log: FilteringBoundLogger = structlog.get_logger()

_STATUS = re.compile(r"status code: (\d{3})\b")
_CODE = re.compile(r"<Code>\s*(\w{1,60})\s*</Code>")
_LOST = "NoSuchKey"  #: the one code that says it of a file
#: No room there: of MinIO, of Ceph, and of those that answer with the status alone.
_FULL = re.compile(r"XMinioStorageFull|XMinioAdminBucketQuotaExceeded|QuotaExceeded|status code: 507\b")
#: A verdict upon the bucket or upon us, not upon the moment.
_UNFIT = re.compile(
    r"NoSuchBucket|InvalidBucketName|AccessDenied|AllAccessDisabled|AccountProblem|InvalidAccessKeyId"
    r"|SignatureDoesNotMatch|AuthorizationHeaderMalformed|PermanentRedirect|status code: (301|400|401|403|404|405)\b"
)

FAULTS = (BaseError, OSError, ValueError)  #: what the client raises; TimeoutError is an OSError


@contextmanager
def told(doing: str, *, reads: bool = False) -> Generator[None]:
    """Raise ``failed`` in place of whatever the client raises.

    Who ``reads`` hears FileNotFoundError where the object store itself says so. Any other 404 tells of a bucket, or of
    what stands between.
    """
    try:
        yield
    except FAULTS as error:
        if reads and isinstance(error, FileNotFoundError) and _LOST in str(error):
            raise
        raise failed(doing, error) from error


def failed(doing: str, error: Exception) -> StoreFull | StoreUnavailable:
    """Return what a failure means to us, and log what was answered."""
    answer = answer_of(error)
    _log.warning("object_store_failed", doing=doing, answer=answer)
    if _FULL.search(str(error)):
        return StoreFull(f"the object store has no room ({answer})")
    return StoreUnavailable(f"the object store could not {doing} ({answer})")


def answer_of(error: Exception) -> str:
    """Return the status and the code that were answered, or the kind of error: nothing of keys, files or addresses."""
    text = str(error)
    found = [match[1] for match in (_STATUS.search(text), _CODE.search(text)) if match]
    return " ".join(found) or ("no answer" if "HTTP error" in text else type(error).__name__)


def code_of(error: BaseException | None) -> str:
    """Return the object store's own word for its refusal; empty where it gave none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def is_unfit(error: BaseException | None) -> bool:
    """Whether repeating what was answered so is in vain."""
    return isinstance(error, FAULTS) and bool(_UNFIT.search(str(error)))
