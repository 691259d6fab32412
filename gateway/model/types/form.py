"""The form that the citizen filled in: opaque to the gateway."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.shapes import Code, MediaType, Record

Encoding = Literal["text", "base64"]


class Form(Record, frozen=True, kw_only=True):
    """A filled-in form. ``data`` is kept byte for byte, a signed XML among it."""

    schema: Code | None = None  #: which form it is
    version: Code | None = None  #: which version of the form
    media_type: MediaType = "application/json"  #: of ``data``
    encoding: Encoding = "text"  #: how ``data`` is written
    data: str  #: the form as it was filled in: text, or base64 of its bytes
