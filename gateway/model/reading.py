"""The entry for what senders post: events one by one or in a batch, and whole dossiers."""

from __future__ import annotations

from itertools import chain
from typing import cast

import msgspec

from gateway.core.kinds import SUBMITTED
from gateway.model.event import ITEMS_LIMIT, DossierRef, EventBatch, NewDossier, NewEvent, ReadEvent
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import raise_any, refusal, tidy, to_english, validate
from gateway.model.inspection import Inspection, join
from gateway.model.kinds import KINDS, data_type
from gateway.model.names import Vocabulary, key
from gateway.model.normal import normalised
from gateway.model.rules import broken_rules, table_of
from gateway.model.types.reference import Reference
from gateway.model.types.shapes import Record


def read_event(raw: object, *, names: Vocabulary = Vocabulary.ENGLISH, at: str = "") -> ReadEvent:
    """Return an event and its typed data; raises Invalid with every fault in the sender's names, under ``at``.

    Whether its source may state this kind is ``kinds.may_state``'s question, not asked here.
    """
    english = to_english(raw, NewEvent, names)
    found = chain(Inspection(names).struct(raw, NewEvent, at), broken_rules(english, names, at))
    try:
        event = msgspec.convert(english, NewEvent)
        data = _data(event)
    except msgspec.ValidationError:
        raise refusal(found, at=at) from None
    look = tidy(english)
    if look.is_suspicious or any(broken_rules(english, names, at)):
        raise_any(found)
    return ReadEvent(event=event, data=data) if look.is_normal else _composed(event, data)


def _data(event: NewEvent) -> object:
    body = data_type(event.kind)
    return msgspec.convert({} if event.data is None else event.data, body) if body else event.data


def _composed(event: NewEvent, data: object) -> ReadEvent:
    return ReadEvent(event=normalised(event), data=normalised(data) if isinstance(data, Record) else data)


def read_items(raw: object, *, names: Vocabulary = Vocabulary.ENGLISH) -> tuple[object, ...]:
    """Return the raw events of a body that holds one event, or ``{items: […]}`` with 1 to 200 of them.

    Each item is read by itself (``at=f"items[{n}]"``), so that one bad item does not refuse its neighbours. Raises
    Invalid where the envelope itself is wrong.
    """
    name = key(EventBatch, "items", names)
    table = table_of(raw)
    if name not in table:
        return (raw,)
    extra = [Fault(path=other[:60], code="unknown_key", suggestion=name) for other in table if other != name]
    raise_any(extra)
    items = table[name]
    if not isinstance(items, list) or not 1 <= len(cast("list[object]", items)) <= ITEMS_LIMIT:
        raise Invalid(Fault(path=name, code="length", expected=f"list of 1..{ITEMS_LIMIT}"))
    return tuple(cast("list[object]", items))


def read_dossier(
    raw: object,
    *,
    body: bytes | None = None,
    names: Vocabulary = Vocabulary.ENGLISH,
    kind: str = SUBMITTED,
    code: str | None = None,
    other: Reference | None = None,
) -> ReadEvent:
    """Return the event that a ``NewDossier`` body states: ``dossier.submitted``, or ``dossier.amended``.

    ``code`` is the province's of the dossier at the address of a PUT: it stands in for a missing one, and must equal a
    given one. Where there is none, the ``other`` code of the address stands in, and is not the province's.
    ``body`` is the JSON that ``raw`` was decoded from, where that is at hand.
    Raises Invalid with every fault in the sender's names.
    """
    if not KINDS[kind].whole:
        raise ValueError(f"{kind} does not carry a whole dossier")
    posted = validate(raw, NewDossier, names=names, body=body)
    given = posted.dossier.code
    path = join(key(NewDossier, "dossier", names), key(type(posted.dossier), "code", names))
    if code and given and code != given:
        raise Invalid(Fault(path=path, code="not_allowed", expected="the code of the address"))
    if other is not None and given == other.code:
        raise Invalid(Fault(path=path, code="not_allowed", expected="the province's own code, or none"))
    references = posted.references
    if other is not None and not (given or references):
        references = (other,)
    if not (given or code or references):
        raise Invalid(Fault(path=path, code="required", expected="code or references"))
    dossier = posted.dossier if given or not code else msgspec.structs.replace(posted.dossier, code=code)
    ref = DossierRef(code=dossier.code, references=references)
    return ReadEvent(event=_event(posted, kind, ref), data=dossier)


def _event(posted: NewDossier, kind: str, dossier: DossierRef) -> NewEvent:
    return NewEvent(
        kind=kind,
        dossier=dossier,
        source_event_id=posted.source_event_id,
        occurred_at=posted.occurred_at,
        occurred_precision=posted.occurred_precision,
        actor=posted.actor,
        text=posted.text,
        files=posted.files,
        test=posted.test,
    )
