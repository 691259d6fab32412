"""What holds for the parts of every message with files in it, however they are framed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gateway.ingress.problems import Problem
from gateway.wire.mime import MimeError, MimeTooLarge

PARTS = 256  #: of one message: its envelope, and a file or more for each of 200 items


@contextmanager
def told() -> Generator[None]:
    """Turn what is wrong with a message's parts into what its sender is told."""
    try:
        yield
    except MimeTooLarge as error:
        raise Problem("body.too_large", limit=error.limit) from error
    except MimeError as error:
        problem = f"{error.problem}; {error.remedy}"
        raise Problem("attachments.invalid", place=error.where, problem=problem) from error
