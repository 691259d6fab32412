"""Amending what was delivered: the whole dossier, as it stands, is stated to a system once more, as a new message.

A delivery that has ended stays ended. This is for a mapping that wrote something wrong, and for a system that has lost
what it had acknowledged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from gateway.core import kinds
from gateway.core.ids import GATEWAY, MessageId, SystemId
from gateway.core.message import Actor, Code, Draft, Payload, digest_of

_OPERATION = "gateway.amend"
_JSON = "application/json"


def restated(
    statement: Draft, codes: tuple[Code, ...], to: SystemId, *, actor: Actor, cause: MessageId, test: bool
) -> Draft:
    """Return the amendment that says what the dossier's current statement says; it makes no revision.

    ``cause`` is the message whose delivery is amended. Raises ValueError for a statement that is not whole.
    """
    if statement.document is None:
        raise ValueError("only what states the whole dossier can be stated again")
    event: dict[str, object] = {
        "kind": kinds.AMENDED,
        "dossier": {"references": [{"scheme": code.scheme, "code": code.value} for code in codes]},
        "data": json.loads(statement.document.body),
        "causes": cause,
    }
    if test:
        event["test"] = True
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return replace(
        statement,
        source=GATEWAY,
        operation=_OPERATION,
        actor=actor,
        kind=kinds.AMENDED,
        codes=codes,
        payload=Payload(body=body, media_type=_JSON),
        digest=digest_of(body, statement.blobs),
        document=None,
        raw=None,
        dedup_key=None,
        if_match=None,
        occurred_at=None,
        turn=None,
        status=None,
        text="",
        causes=cause,
        corrects="",
        to=(to,),
        step="",
        causation_id=cause,
        test=test,
    )


def facts_of(system: SystemId, message: MessageId) -> Mapping[str, str]:
    """Return what the act of an amendment says: where it goes, and as which message."""
    return {"system": system, "message": message}
