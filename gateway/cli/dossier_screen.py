"""Dossiers and their deliveries as people read them in the terminal: how they stand, and all that happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import groupby

from rich.text import Text

from gateway.cli.screen import Lines, act, moment, words
from gateway.core.deadline import Outlook
from gateway.core.delivery import FINAL
from gateway.ingress.bodies import (
    ActBody,
    AttemptBody,
    DeadlineBody,
    DeliveryBody,
    DossierBody,
    MessageBody,
    ReasonBody,
    RelatedBody,
    StatedBody,
    StatusBody,
    TimelineBody,
)
from gateway.ingress.ops_bodies import DecidedBody

_ALIKE = 4  #: tries in a row that are shown one by one, however alike
_COLOURS = {
    "delivered": "green",
    "ready": "cyan",
    "leased": "cyan",
    "waiting": "dim",
    "delayed": "yellow",
    "held": "magenta",
    "dead": "bold red",
    "cancelled": "dim",
    "rejected": "red",
    "retryable": "yellow",
    "ambiguous": "magenta",
    "absent": "cyan",
    "unknown": "magenta",
}
OUTLOOKS = {"soon": "yellow", "overdue": "bold red", "paused": "cyan", "on_time": "green"}


def dossiers(found: Iterable[DossierBody]) -> Lines:
    """Return the dossiers: codes and our id, where each comes from, and what every system says about it."""
    for dossier in found:
        yield _heading(dossier)
        yield from _standing(dossier)


def _heading(dossier: DossierBody) -> Text:
    return Text.assemble(("Hồ sơ ", "bold"), (_codes(dossier), "bold cyan"), f"  ({dossier.id})")


def _standing(dossier: DossierBody) -> Lines:
    yield Text(f"  nguồn {dossier.source}, thủ tục {dossier.procedure or '-'}, phiên bản {dossier.revision}")
    if dossier.erased is not None:
        erased, rule = moment(dossier.erased.at, "%d/%m/%Y"), dossier.erased.rule
        yield Text(f"  đã hết thời hạn lưu, xoá ngày {erased} theo quy tắc «{rule}»", style="magenta")
    if dossier.deadline is not None:
        yield _deadline(dossier.deadline)
    for item in dossier.statuses:
        yield Text(f"  {item.system}: {_status(item)} ({moment(item.accepted_at)})")
    if dossier.follows is not None:
        yield _related("liên thông từ hồ sơ", dossier.follows)
    for follower in dossier.followers:
        yield _related("liên thông đến hồ sơ", follower)
        for item in follower.statuses:
            yield Text(f"    {item.system}: {_status(item)} ({moment(item.accepted_at)})")


def _related(how: str, other: RelatedBody) -> Text:
    """Return the other end of a chain: its codes, by which step, and the result that triggered it."""
    line = Text.assemble(f"  {how} ", (_codes(other), "cyan"), f", thủ tục {other.procedure or '-'}")
    return line.append(f"; bước {other.step}", style="dim")


def _chained(message: MessageBody, dossier: DossierBody, told: Collection[str]) -> Lines:
    """Say which dossiers a result has begun, or which one an event was made from; ``told`` are this one's events."""
    if dossier.follows is not None and message.causation_id and message.causation_id not in told:
        yield Text(f"    ⇐ gateway lập theo hồ sơ {_codes(dossier.follows)}", style="dim")
    for follower in dossier.followers:
        if follower.message_id == message.id:
            yield Text(f"    ⇒ mở hồ sơ liên thông {_codes(follower)}", style="cyan")


def _deadline(item: DeadlineBody) -> Text:
    due = moment(item.due_at, "%d/%m/%Y %H:%M")
    line = Text.assemble(f"  ngày hẹn trả {due}: ", (item.text, OUTLOOKS.get(item.outlook, "")))
    return line.append(days(item))


def days(item: DeadlineBody) -> str:
    """Return how many working days are left or over, and since when they are not counted."""
    counted = f", quá {item.days_over} ngày làm việc" if item.days_over else f", còn {item.days_left} ngày làm việc"
    if item.outlook == Outlook.CLOSED and not item.days_over:
        counted = ""
    return counted + (f"; không tính từ {moment(item.paused_at, '%d/%m/%Y %H:%M')}" if item.paused_at else "")


def timeline(found: TimelineBody) -> Lines:
    """Return a dossier's life, oldest first: what was said, where it went, and every try."""
    dossier = found.dossier
    yield _heading(dossier)
    yield from _standing(dossier)
    deliveries: defaultdict[str, list[DeliveryBody]] = defaultdict(list)
    attempts: defaultdict[str, list[AttemptBody]] = defaultdict(list)
    for delivery in found.deliveries:
        deliveries[delivery.message_id].append(delivery)
    for attempt in found.attempts:
        attempts[attempt.delivery_id].append(attempt)
    acts: defaultdict[str, list[ActBody]] = defaultdict(list)
    for item in found.acts:
        acts[item.target].append(item)
    told = {message.id for message in found.messages}
    for message in found.messages:
        yield _message(message)
        yield from _chained(message, dossier, told)
        for delivery in deliveries[message.id]:
            yield _delivery(delivery).append("" if delivery.state in FINAL else f"  {delivery.id}", style="dim")
            yield from _missed(delivery)
            yield from _attempts(attempts[delivery.id])
            yield from map(_act, acts.pop(delivery.id, ()))
    if acts:
        yield Text("\nViệc đã làm với cả hồ sơ", style="bold")
    yield from (_act(item) for left in acts.values() for item in left)


def whereabouts(found: TimelineBody) -> Lines:
    """Return what is still on its way from a dossier: of each lane what goes next, or has stopped it."""
    told: set[str] = set()
    for delivery in sorted(found.deliveries, key=lambda item: item.lane_seq):
        if delivery.state not in FINAL and delivery.destination not in told:
            told.add(delivery.destination)
            yield _delivery(delivery).append(f" ({words('kind', delivery.kind)})", style="dim")
            yield from _missed(delivery)


def stopped(found: Iterable[DeliveryBody]) -> Lines:
    """Return deliveries one by one: id, since when, who stated what, where to, and why."""
    for delivery in found:
        line = Text.assemble((delivery.id, "bold"), (f"  {moment(delivery.settled_at or delivery.created_at)}", "dim"))
        line.append(f"  hồ sơ {delivery.code or delivery.dossier_id}\n   ").append(delivery.source, style="cyan")
        line.append(f"  {words('kind', delivery.kind)}")
        yield line.append_text(_delivery(delivery))


def decided(item: DecidedBody) -> Lines:
    """Return what was done to a delivery, and how it stands now."""
    yield Text.assemble((item.delivery.id, "bold"), "  ", act(item.act))
    yield _delivery(item.delivery)


def _message(message: MessageBody) -> Text:
    line = Text.assemble(("\n" + moment(message.accepted_at), "dim"), " ", (message.source, "cyan"), "  ")
    line.append(words("kind", message.kind), style="bold")
    if message.stated is not None:
        line.append(f": {_status(message.stated)}")
    line.append(f"  {message.kind}", style="dim")
    if message.anomalies:
        said = "; ".join(words("anomaly", code) for code in message.anomalies)
        line.append(f"\n    ! {said}", style="yellow")
    return line


def _delivery(delivery: DeliveryBody) -> Text:
    line = Text.assemble("    → ", (delivery.destination, "cyan"), "  ")
    line.append(words("state", delivery.state), style=_COLOURS.get(delivery.state, "")).append(_why(delivery.reason))
    if delivery.state == "delayed":
        line.append(f"; gửi lại lúc {moment(delivery.due_at)}")
    if delivery.files_pending and delivery.state not in FINAL:
        line.append(f"; còn chờ {delivery.files_pending} tệp")
    if delivery.skips:
        line.append(f"; đi sau {len(delivery.skips)} lượt gửi bị bỏ qua", style="yellow")
    if delivery.out_of_order:
        line.append("; gửi lại sau, không theo thứ tự", style="yellow")
    if delivery.in_doubt_since:
        line.append(f"; chưa rõ đã nhận hay chưa từ {moment(delivery.in_doubt_since)}", style="magenta")
    return line


def _missed(delivery: DeliveryBody) -> Lines:
    """Return the files that one waits for and that could not be had: why, and when that was tried last."""
    for file in delivery.files if delivery.state not in FINAL else ():
        if file.reason is not None:
            shown = f"        tệp {file.name or file.id}{_why(file.reason)} ({moment(file.tried_at)})"
            yield Text(shown, style="yellow")


def _act(item: ActBody) -> Text:
    return Text.assemble("        ", act(item))


def _attempts(found: Iterable[AttemptBody]) -> Lines:
    """Return every try; of many alike in a row the first and the last, and how many there were between."""
    for _, group in groupby(found, key=_likeness):
        alike = list(group)
        if len(alike) > _ALIKE:
            yield _attempt(alike[0])
            yield Text(f"        … {len(alike) - 2} lần nữa như vậy", style="dim")
            alike = alike[-1:]
        yield from map(_attempt, alike)


def _likeness(attempt: AttemptBody) -> tuple[object, ...]:
    return attempt.step, attempt.outcome, attempt.http_status, attempt.reason


def _attempt(attempt: AttemptBody) -> Text:
    line = Text(f"        {moment(attempt.at)} lần {attempt.number} ", style="dim")
    line.append(words("outcome", attempt.outcome), style=_COLOURS.get(attempt.outcome, ""))
    if attempt.step == "lookup":
        line.append(" (tra cứu)")
    if attempt.http_status:
        line.append(f" HTTP {attempt.http_status}")
    if known := attempt.proof.get("X-Road-Id"):
        line.append(f" X-Road-Id {known}")
    return line.append(f" ({attempt.duration_ms} ms)").append(_why(attempt.reason))


def _why(reason: ReasonBody | None) -> str:
    if reason is None:
        return ""
    return f": {reason.text or reason.code}" + (f" «{reason.words}»" if reason.words else "")


def _status(stated: StatusBody | StatedBody) -> str:
    shown = words("status", str(stated.status)) if stated.status is not None else stated.text or "-"
    return f"{shown}: {words('status.closing', stated.closing)}" if stated.closing else shown


def _codes(dossier: DossierBody | RelatedBody) -> str:
    return ", ".join(code.code for code in dossier.codes) or "-"
