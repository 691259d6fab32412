"""Single values as the text that zeep writes for them, ready for markup."""

from __future__ import annotations

import base64
import datetime as dt
import html
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias, cast

from zeep import xsd

from gateway.wire.codec_plan import Leaf, Unfit

_SCALARS = (str, int, float, Decimal, dt.date, dt.time, bytes)
_TRUTH = {"true": "true", "1": "true", "false": "false", "0": "false"}

Text: TypeAlias = Callable[[object], str]


def text_of(leaf: Leaf) -> Text:
    """Return what turns a value of a type into text for markup; it raises Unfit for what zeep must see."""
    if isinstance(leaf, xsd.Boolean):
        return _boolean
    if isinstance(leaf, xsd.Base64Binary):
        return _base64
    if type(leaf).xmlvalue is cast("Any", xsd.String).xmlvalue:
        return string

    def text(value: object) -> str:
        if not isinstance(value, _SCALARS):
            raise Unfit
        return escaped(leaf.xmlvalue(value))

    def whole(value: object) -> str:
        return str(value) if type(value) is int else text(value)

    return whole if isinstance(leaf, xsd.Integer) else text


def string(value: object) -> str:
    """Return the text of a string; numbers and dates may stand for one."""
    if not isinstance(value, _SCALARS):
        raise Unfit
    return escaped(value.decode() if isinstance(value, bytes) else str(value))


def escaped(text: object) -> str:
    """Return a text as it stands in markup; an empty one is zeep's, since ``<a></a>`` would be read as ``<a/>``."""
    if not isinstance(text, str) or not text:
        raise Unfit
    return html.escape(text, quote=False).replace("\r", "&#13;")


def _boolean(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or value not in _TRUTH:
        raise Unfit
    return _TRUTH[value]


def _base64(value: object) -> str:
    if isinstance(value, str):
        value = base64.b64decode(value, validate=True)
    if not isinstance(value, bytes) or not value:
        raise Unfit
    return base64.b64encode(value).decode()
