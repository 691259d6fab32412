"""Answers: receipts and other structs as JSON, and what is sent piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.config.durations import as_timedelta
from gateway.core.message import Receipt
from gateway.core.reason import Reason
from gateway.ingress.bodies import BatchBody, ItemBody, ReceiptBody, TextBody
from gateway.ingress.doors import Visit, doors_of, visit_of
from gateway.ingress.errors import body_of, response_of, told_of_answer
from gateway.ingress.problems import RETRY_AFTER
from gateway.intake.results import ItemAnswer
from gateway.model.names import NATIONAL_MEDIA_TYPE, Vocabulary
from gateway.model.texts import text

JSON = "application/json"
TOO_SLOW = "reader.slow"  #: what the line of a request says whose answer was not taken in time
_AT_ONCE = 64 * 1024  #: bytes of a piece, which may have megabytes: what is taken of it little by little is taken
_ACCEPTED = 202
_MIXED = 207


def reply(
    body: Struct,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    names: Vocabulary = Vocabulary.ENGLISH,
) -> web.Response:
    """Return a struct as JSON; ``names`` are those of the documents in it."""
    media = NATIONAL_MEDIA_TYPE if names is Vocabulary.NATIONAL else JSON
    return web.Response(status=status, body=msgspec.json.encode(body), content_type=media, headers=headers)


async def stream(
    request: web.Request,
    response: web.StreamResponse,
    pieces: AsyncIterator[bytes],
    *,
    within: timedelta | None = None,
) -> web.StreamResponse:
    """Send an answer piece by piece, as a whole ``within`` that time where one is given.

    What breaks off, or ends before its ``content_length``, ends the connection: a refusal would be read as a part of
    the answer, and its caller would wait for the rest. So does a reader who is too slow, or takes less than 64 KiB in
    ``server.keepalive``; that is no fault of ours, and the line of its request names it.
    """
    patience = as_timedelta(doors_of(request).server.keepalive).total_seconds()
    visit = visit_of(request)
    visit.mark(response)
    await response.prepare(request)
    visit.begun = response
    try:
        async with asyncio.timeout(within.total_seconds() if within else None):
            await _pour(response, pieces, patience)
    except BaseException as error:  # a caller who leaves cancels
        if request.transport is not None:
            request.transport.abort()
        if not isinstance(error, TimeoutError):
            raise
        visit.refusal = TOO_SLOW
    return response


async def _pour(response: web.StreamResponse, pieces: AsyncIterator[bytes], patience: float) -> None:
    """Send the pieces to their end; raises TimeoutError where ``_AT_ONCE`` is not taken in so many seconds."""
    sent = 0
    async for piece in pieces:
        for start in range(0, len(piece), _AT_ONCE):
            async with asyncio.timeout(patience):
                await response.write(piece[start : start + _AT_ONCE])
        sent += len(piece)
    if sent < (response.content_length or 0):
        raise EOFError(f"{sent} of {response.content_length} bytes")
    async with asyncio.timeout(patience):
        await response.write_eof()


def receipt_body(receipt: Receipt, language: str) -> ReceiptBody:
    """Return a receipt as callers read it."""
    return ReceiptBody(
        message_id=receipt.message_id,
        dossier_id=receipt.dossier_id,
        revision=receipt.revision,
        accepted_at=receipt.accepted_at,
        deliveries=receipt.deliveries,
        duplicate=receipt.duplicate,
        matched=receipt.matched,
        files="pending" if receipt.files_pending else "ready",
        warnings=(
            *(_warning(reason, language) for reason in receipt.warnings),
            *(TextBody(code=code, text=text(f"anomaly.{code}", language)) for code in receipt.anomalies),
        ),
    )


def single(answer: ItemAnswer, visit: Visit, location: str = "") -> web.Response:
    """Return 202 with the receipt, or the refusal, of the only item."""
    note(visit, (answer,))
    if not isinstance(answer, Receipt):
        return response_of(told_of_answer(answer, visit.known.actor.name), visit.language)
    headers = {"Location": location} if location else None
    return reply(receipt_body(answer, visit.language), status=_ACCEPTED, headers=headers)


def batch(answers: Sequence[ItemAnswer], visit: Visit) -> web.Response:
    """Return an answer per item: 202 where all were accepted, else 207."""
    note(visit, answers)
    items = tuple(_item(answer, visit) for answer in answers)
    accepted = sum(item.receipt is not None for item in items)
    body = BatchBody(accepted=accepted, refused=len(items) - accepted, items=items)
    return reply(body, status=_ACCEPTED if accepted == len(items) else _MIXED, headers=_again(items))


def _again(items: Sequence[ItemBody]) -> dict[str, str]:
    """Return when what was refused for now may be sent again."""
    waits = [RETRY_AFTER[item.problem.code] for item in items if item.problem and item.problem.code in RETRY_AFTER]
    return {"Retry-After": str(max(waits))} if waits else {}


def note(visit: Visit, answers: Sequence[ItemAnswer]) -> None:
    """Keep for the access line the accepted messages, what is odd about them, and why the first refused one was."""
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    if len(receipts) < len(answers):
        first = next(answer for answer in answers if not isinstance(answer, Receipt))
        visit.refusal = told_of_answer(first).problem.code
    visit.messages = tuple(receipt.message_id for receipt in receipts)
    visit.anomalies = tuple(sorted({code for receipt in receipts for code in receipt.anomalies}))


def _item(answer: ItemAnswer, visit: Visit) -> ItemBody:
    if isinstance(answer, Receipt):
        return ItemBody(status=_ACCEPTED, receipt=receipt_body(answer, visit.language))
    told = told_of_answer(answer, visit.known.actor.name)
    return ItemBody(status=told.status, problem=body_of(told, visit.language))


def _warning(reason: Reason, language: str) -> TextBody:
    """Say a warning; its detail names a system or a scheme, never a value."""
    words = text(f"reason.{reason.code}", language)
    return TextBody(code=str(reason.code), text=f"{words} ({reason.detail})" if reason.detail else words)
