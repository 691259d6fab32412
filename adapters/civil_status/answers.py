"""What the ministry answers when it is asked how dossiers stand, as events: statuses, requests for papers, results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import msgspec

from gateway.sdk import (
    Blob,
    Context,
    DateFormat,
    Draft,
    Payload,
    Stating,
    SystemConfig,
    Table,
    Unread,
    Unstatable,
    as_text,
    keep,
)

Document = dict[str, object]
_TABLE = "hotich.trangThai"
_REFUSED, _AWAITING = 3, 5  #: of the national table
_ENDED = frozenset({9, 10})  #: a result comes with either: between two questions the ministry may go past the first
_UNSAID = "Không nêu lý do"  #: a refusal must have a reason; the ministry may give none
_UNNAMED = "Không nêu giấy tờ cần bổ sung"  #: likewise of papers that it wants
_UNTIL = "hạn bổ sung"
_LONGEST = 4000  #: letters of one field that are kept as they came: longer ones are files
_NOTE = 2000  #: letters of a reason
_PDF = "JVBERi"  #: how a PDF begins in base64
_JSON = "application/json"

#: The ministry's trangThai in the national table: with 1, 3 and 7 a dossier stays «đang xử lý».
STATUSES: Mapping[str, int] = MappingProxyType({"1": 4, "2": 5, "3": 4, "4": 9, "5": 10, "6": 3, "7": 4})


class Paper(Table, frozen=True, kw_only=True):
    """A field of ``ketQuaXuLy`` that holds a paper."""

    name: str
    code: str = ""  #: of the catalogue of results


class Unreadable(Exception):
    """No event can be made of an item, which is without the contents of its files."""

    def __init__(self, raw: Payload, problem: str) -> None:
        super().__init__(problem)
        self.unread = Unread(raw=raw, problem=problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One item of an answer, and what all its events share."""

    item: Document
    code: str  #: of the dossier
    status: str  #: the ministry's own
    at: str | None  #: when it happened, where that can be read
    digest: str  #: of all it says

    def text(self, *names: str) -> str:
        """Return the first of these fields that says something."""
        return next((text for name in names if (text := _text(self.item, name))), "")

    def event(self, kind: str, scheme: str, data: Document) -> Document:
        """Return one of its events; the same item makes the same one, however often it is read."""
        chain = _text(self.item, "maHoSoLT")
        key = f"{self.code}/{self.status}/{_text(self.item, 'thoiGianThucHien')}/{self.digest[:12]}/{kind}"
        dossier = {
            "scheme": scheme,
            "code": self.code,
            "references": [{"scheme": "chain", "code": chain}] * bool(chain),
        }
        return {
            "kind": kind,
            "source_event_id": key,
            "dossier": dossier,
            "text": self.text("noiDungXuLy", "ghiChu"),
            **_given(occurred_at=self.at, actor=self.actor()),
            "data": _given(**data),
        }

    def actor(self) -> Document:
        """Return who did it."""
        item = self.item
        return _given(name=_text(item, "nguoiXuLy"), position=_text(item, "chucDanh"), unit=_text(item, "phongBanXuLy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Makes events of the items of answers."""

    config: SystemConfig
    context: Context
    scheme: str  #: of the code that the ministry knows a dossier by
    papers: Mapping[str, Paper]
    dates: Sequence[DateFormat]

    async def drafts(self, module: str, raw: object) -> Sequence[Draft]:
        """Return what one item states, its files stored; raises Unreadable."""
        try:
            stripped = Payload(body=msgspec.json.encode(_stripped(raw)), media_type=_JSON)
        except RecursionError as error:  # nested too deep to look into
            raise Unreadable(Payload(body=msgspec.json.encode(raw), media_type=_JSON), "nested too deep") from error
        said = self._said(raw, stripped.body)
        if not said.code or not said.status:
            raise Unreadable(stripped, "maHoSoMCDT, trangThai: missing")
        try:
            blobs = await self._papers(said)
            stating = Stating(self.config, f"poll.{module}", stripped, {blob.file_id: blob for blob in blobs.values()})
            return [stating.draft(event) for event in self._events(said, blobs)]
        except (Unstatable, ValueError) as error:
            raise Unreadable(stripped, str(error)) from error

    def _said(self, raw: object, stripped: bytes) -> Said:
        item = cast("Document", raw) if isinstance(raw, dict) else {}
        return Said(
            item=item,
            code=_text(item, "maHoSoMCDT"),
            status=_text(item, "trangThai"),
            at=self._moment(_text(item, "thoiGianThucHien")),
            digest=hashlib.sha256(stripped).hexdigest(),
        )

    def _events(self, said: Said, blobs: Mapping[str, Blob]) -> Sequence[Document]:
        """Return the events in the order in which they are to be read: a result before the end that it brings."""
        status = STATUSES.get(said.status)
        stated = said.event("status.changed", self.scheme, _status(said, status))
        if status == _AWAITING:
            return [stated, said.event("supplement.requested", self.scheme, self._supplement(said))]
        held = _result(said) if status in _ENDED else {}
        return [said.event("result.issued", self.scheme, self._issued(held, blobs)), stated] if held else [stated]

    def _supplement(self, said: Said) -> Document:
        """Return the request; a day that nobody can read is told in its words, since the citizen must keep to it."""
        content, told = said.text("noiDungXuLy", "ghiChu") or _UNNAMED, _text(said.item, "hanBoSungHoSo")
        respond_by = self._moment(told, day_ends="T23:59:59+07:00")
        return {
            "content": content if respond_by or not told else f"{content} ({_UNTIL}: {told})",
            "requested_by": said.actor(),
            "requested_at": said.at,
            "respond_by": respond_by,
            "state": "requested",
        }

    def _issued(self, held: Document, blobs: Mapping[str, Blob]) -> Document:
        """Return the result: its paper, where it stands in the register, and all else that came with it."""
        paper = next((self.papers[name] for name in blobs), Paper(name="Kết quả giải quyết hộ tịch"))
        others = {name: value for name, value in held.items() if name not in self.papers}
        register = {"number": _text(held, "soDangKy"), "book": _text(held, "quyenSo"), "page": _text(held, "trangSo")}
        return {
            "name": paper.name,
            "code": paper.code,
            "number": _text(held, "soDangKy"),
            "register": _given(**register),
            "issued_on": (self._moment(_text(held, "ngayDangKy")) or "")[:10],
            "data": {"media_type": _JSON, "data": msgspec.json.encode(others).decode()},
            "files": [{"id": blob.file_id, "name": blob.name} for blob in blobs.values()],
        }

    async def _papers(self, said: Said) -> Mapping[str, Blob]:
        """Store the papers of a result; raises ValueError where one is no base64."""
        held = _result(said) if STATUSES.get(said.status) in _ENDED else {}
        return {name: await self._kept(name, text) for name in self.papers if (text := _text(held, name))}

    async def _kept(self, name: str, text: str) -> Blob:
        is_pdf = text.startswith(_PDF)
        kind = "application/pdf" if is_pdf else "application/octet-stream"
        return await keep(self.context.blobs, text, name=f"{name}.pdf" if is_pdf else name, media_type=kind)

    def _moment(self, text: str, *, day_ends: str = "T00:00:00+07:00") -> str | None:
        """Return a time as ours; of a day alone, when it begins or ends. None: nobody can read it."""
        for one in self.dates:
            try:
                read = one.read(text)
            except ValueError:
                continue
            return read if "T" in read else read + day_ends
        return None


def _status(said: Said, status: int | None) -> Document:
    """Return the status, verbatim beside the national number; an unknown one has no number."""
    words = said.text("noiDungXuLy", "ghiChu")
    return {
        "status": status,
        "source_status": {"table": _TABLE, "code": said.status},
        "reason": (words or _UNSAID)[:_NOTE] if status == _REFUSED else "",
        "closing": "granted" if status in _ENDED else None,
    }


def _result(said: Said) -> Document:
    """Return ``ketQuaXuLy``, which may be a text of JSON; raises ValueError for what is there and no table."""
    held = said.item.get("ketQuaXuLy")
    try:
        held = msgspec.json.decode(held) if isinstance(held, str) and held.strip() else held
    except msgspec.DecodeError as error:
        raise ValueError("ketQuaXuLy is no JSON") from error
    if isinstance(held, list):  # some buses put what is alone into a list
        items = cast("list[object]", held)
        held = items[0] if len(items) == 1 else items or None
    if held is None or (isinstance(held, str) and not held.strip()):
        return {}
    if not isinstance(held, dict):
        raise ValueError("ketQuaXuLy is no table")  # noqa: TRY004 - of the ministry's words, not of our code
    return cast("Document", held)


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    if isinstance(value, float) and value.is_integer():  # a number in JSON is one, 3.0 and 3
        value = int(value)
    return (as_text(value) or "").strip()


def _given(**fields: object) -> Document:
    """Return what says something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _stripped(value: object) -> object:
    """Return a document without contents of files: each is known by its digest. They are never kept as text."""
    match value:
        case str():
            return value if len(value) <= _LONGEST else f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
        case dict():
            return {name: _stripped(item) for name, item in cast("Document", value).items()}
        case list():
            return [_stripped(item) for item in cast("list[object]", value)]
        case _:
            return value
