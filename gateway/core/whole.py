"""Whether a result holds what its class says: written code is not type-checked, and what it invents is no outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType, NoneType
from typing import cast

from gateway.core.message import Draft, Payload
from gateway.core.outcome import Blame, Trace
from gateway.core.reason import Reason, Why


def is_whole(result: object) -> bool:
    """Whether every field of an outcome, a finding or an answer can be decided by, settled and told."""
    held: Mapping[str, object] = getattr(type(result), "__dataclass_fields__", {})
    return all(check(getattr(result, name)) for name, check in _CHECKS.items() if name in held)


def _is_text(value: object) -> bool:
    """Whether it is a text that can be written down: a lone surrogate has no form in UTF-8."""
    if not isinstance(value, str):
        return False
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)


def _is(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds)


def _are_texts(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    pairs = cast("Mapping[object, object]", value).items()
    return all(_is_text(one) for pair in pairs for one in pair)


def _is_payload(value: object) -> bool:
    return isinstance(value, Payload) and _is(value.body, bytes) and _is_text(value.media_type)


def _is_trace(value: object) -> bool:
    if not isinstance(value, Trace):
        return False
    is_told = _is(value.http_status, int, NoneType) and (value.reply is None or _is_payload(value.reply))
    return is_told and _is_text(value.request_digest) and _is_text(value.sent) and _are_texts(value.proof)


def _are_drafts(value: object) -> bool:
    return isinstance(value, tuple) and all(_is(one, Draft) for one in cast("tuple[object, ...]", value))


_CHECKS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        "reason": lambda value: isinstance(value, Reason) and _is(value.code, Why),
        "trace": _is_trace,
        "codes": _are_texts,
        "facts": _are_texts,
        "notes": _are_texts,
        "replies": _are_drafts,
        "blame": lambda value: _is(value, Blame),
        "retry_after": lambda value: _is(value, timedelta, NoneType),
        "holds": lambda value: _is(value, bool),
        "rendered": lambda value: value is None or _is_payload(value),
        "document": _is_payload,
        "language": _is_text,
    }
)
