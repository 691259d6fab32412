"""A corrected statement: read as a door would read it, compared with what it corrects, and proposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import msgspec

from gateway.core.acts import Target, Verb
from gateway.core.codes import BLANKS, PROVINCE
from gateway.core.files import public_id
from gateway.core.ids import DeliveryId, FileId
from gateway.core.message import Actor, Blob, Code, Draft, Message
from gateway.core.proposals import Wish
from gateway.model.drafts import NamedFiles, Stated, draft, named_files
from gateway.model.event import ReadEvent
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import builtins_of_kept
from gateway.model.places import PLAIN, addresses_of, places_of, unlike
from gateway.model.reading import read_event

_OPERATION = "ops.edit"
_MOST_CHANGES = 500


class Edited(msgspec.Struct, frozen=True):
    """What ``stores.editing`` executes."""

    delivery: DeliveryId
    draft: Draft


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a document before and after; None where it is not there."""

    path: str
    was: object
    now: object


def edited(message: Message, raw: object, actor: Actor) -> Draft:
    """Return the corrected draft of a message: the same kind and dossier, with files that the message has.

    Raises Invalid with every fault.
    """
    read = read_event(raw)
    if read.event.kind != message.kind:
        raise Invalid(Fault(path="kind", code="not_allowed", expected=message.kind))
    blobs = {id_: replace(blob, file_id=id_) for blob in message.blobs for id_ in (blob.file_id, public_id(blob))}
    named = named_files(read)
    if faults := (*_strange(read, named, blobs), *unlike(read, blobs, (), PLAIN)):
        raise Invalid(*faults)
    files = NamedFiles(ids=(*named.ids, *(file.file_id for file in named.pending)), pending=())
    made = draft(read, Stated(source=message.source, operation=_OPERATION, actor=actor, blobs=blobs, files=files))
    if made.digest == message.digest or made.payload.body == message.payload.body:
        raise Invalid(Fault(path="", code="unchanged"))
    had, has = _bare(message.codes), _bare(made.codes)
    if had and not had & has:
        raise Invalid(Fault(path="dossier", code="not_allowed", expected="a code of the same dossier"))
    own = _of_the_province(had)
    if own and not _of_the_province(has) <= own:
        raise Invalid(Fault(path="data.code", code="not_allowed", expected="the province's code that the dossier has"))
    return made


def _strange(read: ReadEvent, named: NamedFiles, blobs: Mapping[FileId, Blob]) -> Iterator[Fault]:
    """Say wherever a file is named that is not here as one of the message, by its id or by the address it came from."""
    ids = (path for file in named.ids if file not in blobs for path in places_of(read, file, PLAIN))
    pending = (file for file in named.pending if file.file_id not in blobs)
    addresses = (path for file in pending for path in addresses_of(read, file.url, PLAIN))
    for path in (*ids, *addresses):
        yield Fault(path=path, code="not_allowed", expected="files of the message that is corrected")


def _of_the_province(codes: Iterable[Code]) -> set[Code]:
    """Return those by which the portal knows a dossier: another one of them is another dossier."""
    return {code for code in codes if code.scheme == PROVINCE}


def _bare(codes: tuple[Code, ...]) -> set[Code]:
    """Return codes without the blanks that doors of older versions kept round them: else nobody could cut them off."""
    return {Code(code.scheme, code.value.strip(BLANKS)) for code in codes}


def wish(delivery: DeliveryId, message: Message, made: Draft) -> Wish:
    """Return the proposal to send the corrected draft instead."""
    changed = sum(1 for _ in changes(message.payload.body, made.payload.body))
    return Wish(
        verb=Verb.EDIT,
        target=Target.delivery(delivery),
        parameters=msgspec.json.encode(Edited(delivery, made)),
        facts={"kind": message.kind, "changes": str(changed), "digest": made.digest},
        dossier_id=message.dossier_id,
    )


def proposed(parameters: bytes) -> Draft:
    """Return the corrected draft of a proposal."""
    return msgspec.json.decode(parameters, type=Edited).draft


def changes(old: bytes, new: bytes) -> Iterator[Change]:
    """Yield where two JSON documents differ, place by place, in the order of the new one; at most 500."""
    found = _changes("", builtins_of_kept(old), builtins_of_kept(new))
    return (change for _, change in zip(range(_MOST_CHANGES), found, strict=False))


def _changes(path: str, old: object, new: object) -> Iterator[Change]:
    whole = Change(path, old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, object]", old), cast("dict[str, object]", new)
        for name in dict.fromkeys((*after, *before)):
            yield from _changes(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        befores, afters = cast("list[object]", old), cast("list[object]", new)
        for place in range(max(len(befores), len(afters))):
            pair = (items[place] if place < len(items) else None for items in (befores, afters))
            yield from _changes(f"{path}[{place}]", *pair)
    elif whole.was != whole.now:
        yield whole
