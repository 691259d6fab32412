"""A delivery as the documents that mappings look into."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from gateway.core.delivery import Delivery
from gateway.core.files import fetched_id, taken_apart
from gateway.core.ids import FileId
from gateway.core.message import Payload
from gateway.model.envelope import event_of_message
from gateway.model.faults import builtins_of
from gateway.sdk.source import Late, Source


def source_of(
    delivery: Delivery,
    *,
    files: list[dict[str, object]],
    system: Mapping[str, str],
    linked: Sequence[Mapping[str, object]] = (),
) -> Source:
    """Return everything a mapping may refer to: event, data, dossier, form, delivery, files, codes, facts, system.

    ``linked`` are the files of which event and dossier show the links.
    """
    codes = codes_of(delivery)

    def made() -> dict[str, object]:
        return cast(
            "dict[str, object]", msgspec.to_builtins(event_of_message(delivery.message, codes, kind=delivery.kind))
        )

    event = Late(lambda: _linked(made(), linked))
    dossier = Late(lambda: _linked(decoded(delivery.dossier.document), linked))
    return Source(
        {
            "event": event,
            "data": Late(lambda: cast("dict[str, object]", event.document()).get("data")),
            "dossier": dossier,
            "form": Late(lambda: form_of(cast("dict[str, object]", dossier.document()))),
            "delivery": {"id": delivery.id},
            "files": files,
            "code": codes,
            "fact": delivery.dossier.facts,
            "system": system,
        }
    )


def _linked(document: dict[str, object], files: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return a fresh document in which these files are described as far as the document does not do so itself."""
    known: dict[object, Mapping[str, object]] = {
        id_: file for file in files for id_ in _ids(cast("FileId", file["id"]))
    }
    if known:
        _show(document, known)
    return document


def _ids(file: FileId) -> tuple[FileId, ...]:
    """Return the ids by which a document may refer to a file: its own, and what follows from an address alone."""
    made_of = taken_apart(file)
    return (file, made_of[0]) if made_of else (file,)


def _show(value: object, files: Mapping[object, Mapping[str, object]]) -> None:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        for below in table.values():
            _show(below, files)
        url = table.get("url")
        file = files.get(table.get("id") or (fetched_id(url) if isinstance(url, str) else None))
        if file is not None:
            table |= {**file, **table}
    elif isinstance(value, list):
        for below in cast("list[object]", value):
            _show(below, files)


def codes_of(delivery: Delivery) -> dict[str, str]:
    """Return the dossier's codes by scheme: those known now, and those that the message itself named."""
    named = {code.scheme: code.value for code in reversed(delivery.message.codes)}
    return {**named, **delivery.codes}


def decoded(payload: Payload | None) -> dict[str, object]:
    """Return a canonical JSON object; empty where there is none. What is stored was validated when it was accepted."""
    return cast("dict[str, object]", msgspec.json.decode(payload.body)) if payload else {}


def form_of(dossier: dict[str, object]) -> dict[str, object]:
    """Return the fields of a form in JSON; empty where it has none, another format, or more than we read."""
    form = cast("dict[str, str]", dossier.get("form") or {})
    try:
        text = base64.b64decode(form.get("data", "")) if form.get("encoding") == "base64" else form.get("data", "")
        fields = builtins_of(text if isinstance(text, bytes) else text.encode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", fields) if isinstance(fields, dict) else {}


def about(source: Source) -> str:
    """Return the id of the delivery or query that a request is about."""
    asking = cast("dict[str, str]", source.roots.get("delivery") or source.roots.get("asked") or {})
    return asking.get("id", "")


def idempotency(source: Source) -> dict[str, str]:
    """Return the header that shows our delivery id: an RFC 8941 string, the same on every try; a question has none."""
    delivery = cast("dict[str, str] | None", source.roots.get("delivery"))
    return {} if delivery is None else {"Idempotency-Key": f'"{delivery["id"]}"'}
