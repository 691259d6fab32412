"""The form that the citizen filled in: opaque to the gateway."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.shapes import Code, MediaType, Record

Encoding = Literal["text", "base64"]


class Form(Record, frozen=True, kw_only=True):
    """A filled-in form. ``data`` is kept byte for byte, a signed XML among it."""

    schema: Code | None = None
    version: Code | None = None
    media_type: MediaType = "application/json"
    encoding: Encoding = "text"
    data: str
