"""WS-Security at the door: who calls, told by what the envelope proves, and what our answers prove to the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog
from aiohttp import web

from gateway.core.ids import KeyId, SystemId
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.problems import Problem
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.ports.uses import Use
from gateway.security.keys import Caller
from gateway.security.wsse.anatomy import is_secured
from gateway.security.wsse.believing import Believed, Once, believe
from gateway.security.wsse.names import SECURITY
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.protecting import protect as write_header
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.security.wsse.signing import NoValidKey
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element, XmlLimits

UNDERSTOOD = frozenset({SECURITY})  #: header blocks, as lxml writes their names
#: What cannot cover files beside the envelope: it stands for them inside.
SEALS = (
    "{http://www.w3.org/2000/09/xmldsig#}Signature",
    "{http://www.w3.org/2001/04/xmlenc#}EncryptedKey",
)

_BY_PASSWORD = KeyId("wsse-username")  #: what stands for a key's id where a name and a password came in the envelope
_NO_DETAIL = frozenset({Breach.CREDENTIALS, Breach.SIGNATURE, Breach.UNDECRYPTABLE, Breach.UNKNOWN_KEY})

_log = structlog.get_logger("gateway.access")


@dataclass(frozen=True, slots=True)
class Proved:
    """What a call has used up, and whether it had done so before."""

    token: str
    again: bool


_PROVED = web.RequestKey("soap_proved", Proved)
_SIGNATURE = web.RequestKey("soap_signature", bytes)  #: its value, of a call that was believed


async def accept(request: web.Request, root: Element) -> Element:
    """Return of a request's Envelope what may be believed, and find out who calls. Raises Problem."""
    visit, doors = visit_of(request), doors_of(request)
    try:
        system = await _system(request, root)
        expected = doors.partners.of(system).expected
        if system is None or expected.is_empty:
            return root
        believed = await believed_of(request, root, system, expected)
    except Unbelievable as error:
        place = "" if error.breach in _NO_DETAIL else error.place
        raise Problem(f"security.{error.breach}", place=place or "wsse:Security") from error
    if visit.caller is None:
        visit.caller = Caller.of(system, key_of(believed))
        doors.heard(system)
    if believed.once is not None:
        request[_PROVED] = await use_up(request, system, believed.once)
    return believed.envelope


def refuse_again(request: web.Request) -> None:
    """Refuse a call that was shown before, where its answer is more than a receipt. Raises Problem."""
    proved = request.get(_PROVED)
    if proved is not None and proved.again:
        raise Problem("security.replayed")


def proved(request: web.Request, items: Sequence[Item | Faulty]) -> Sequence[Item | Faulty]:
    """Tie items without an id of their own to the proof of their call: shown again, it states them no second time.

    Whatever else names the message may stand outside what is proved, and be exchanged by whoever shows it again.
    """
    shown = request.get(_PROVED)
    if shown is None:
        return items
    return [
        replace(item, proof=f"{shown.token}/{position}") if isinstance(item, Item) and item.dedup_key is None else item
        for position, item in enumerate(items)
    ]


def protect(request: web.Request, message: SoapMessage) -> None:
    """Add to a reply or a Fault, in place, what the caller expects."""
    caller = visit_of(request).caller
    sending = doors_of(request).partners.of(caller.system if caller else None).sending
    try:
        write_header(
            message,
            sending,
            now=doors_of(request).clock.now(),
            random=doors_of(request).random,
            answers=request.get(_SIGNATURE, b""),
        )
    except NoValidKey:  # what was done is done, and a caller that wants a signature will ask again
        _log.error("reply_not_signed", system=caller.system if caller else "")


async def _system(request: web.Request, root: Element) -> SystemId | None:
    """Return whose rules hold: the holder's of the key, else whom the message claims to come from."""
    caller = visit_of(request).caller
    if caller is not None:
        return caller.system
    if not is_secured(root):
        raise Problem("key.missing")
    return await asyncio.to_thread(doors_of(request).partners.claimed, root)  # all ids of the message are compared


async def believed_of(request: web.Request, root: Element, system: SystemId, expected: Expected) -> Believed:
    """Believe, or count a wrong password: guessing one takes longer than anybody has. Raises Unbelievable, Problem."""
    doors = doors_of(request)
    who = f"wsse {request.remote or ''} {system}"
    is_guessable = expected.account is not None and not expected.certificates
    if is_guessable and doors.failures.is_barred(who):
        raise Problem("login.barred")
    limits = XmlLimits(max_bytes=doors.server.body_limit)
    try:
        believed = await asyncio.to_thread(partial(believe, root, expected, now=doors.clock.now(), limits=limits))
    except Unbelievable as error:
        if is_guessable and error.breach is Breach.CREDENTIALS:
            doors.failures.count(who)
        raise
    request[_SIGNATURE] = believed.signature
    return believed


def key_of(believed: Believed) -> KeyId:
    """Return what stands for a key's id: which certificate signed, or that it was a password."""
    return KeyId(f"wsse-{believed.signer}") if believed.signer else _BY_PASSWORD


async def use_up(request: web.Request, system: SystemId, once: Once) -> Proved:
    """Record what a call uses up; raises Problem where it was used up for another content."""
    doors, token = doors_of(request), once.token.hex()
    keep_for = once.until - doors.clock.now()
    used = await doors.uses.use(f"soap.call/{system}", token, content=once.content.hex(), keep_for=keep_for)
    if used is Use.OTHER:
        raise Problem("security.replayed")
    return Proved(token, again=used is Use.AGAIN)
