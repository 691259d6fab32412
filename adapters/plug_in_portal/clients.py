"""Two clients as they work in the field: each with its own order, flags, and ways to tell success.

Neither knows of the gateway. What a call does not bring is tried again at the next turn of the timer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast

from aiohttp import ClientError, ClientSession, ClientTimeout

from adapters.plug_in_portal.table import Row
from gateway.testing.simulator import Journal

_DONE = frozenset({"0", "00"})
_HEADERS = {"Content-Type": "application/json", "Charset": "utf-8", "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}
_TIMEOUT = ClientTimeout(total=16, sock_connect=10, sock_read=6)
_CHUNK = 10

Answer = Mapping[str, object]


class Unanswered(Exception):
    """No answer, or none that can be read: nobody knows what became of it."""


class Wire:
    """Logs in once, keeps the session, and logs in again where it is told to."""

    def __init__(self, session: ClientSession, base: str, username: str, password: str, journal: Journal) -> None:
        self._http = session
        self._base = base.rstrip("/")
        self._login = {"username": username, "password": password}
        self._journal = journal
        self._session = ""

    async def call(self, service: str, **params: object) -> Answer:
        """Return the answer to one call; raises Unanswered."""
        answer = await self._call(service, params)
        if "session" in said(answer).lower():
            self._session = ""
            answer = await self._call(service, params)
        self._journal.write("called", service=service, error_code=str(answer.get("error_code")), message=said(answer))
        return answer

    async def _call(self, service: str, params: Mapping[str, object]) -> Answer:
        if not self._session:
            self._session = str((await self._post("/mapi/login", self._login)).get("session", ""))
        return await self._post("/mapi/g", {"session": self._session, "madonvi": "H52", "service": service, **params})

    async def _post(self, path: str, body: Mapping[str, object]) -> Answer:
        raw = json.dumps(body, ensure_ascii=False).encode()
        try:
            async with self._http.post(self._base + path, data=raw, headers=_HEADERS, timeout=_TIMEOUT) as reply:
                answer: object = json.loads(await reply.read())
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            self._journal.write("unanswered", error=type(error).__name__)
            raise Unanswered from error
        if not isinstance(answer, dict):
            raise Unanswered
        return cast("Answer", answer)


def said(answer: Answer) -> str:
    """Return the message, wherever it stands."""
    return str(answer.get("message") or answer.get("error_message") or "")


def is_done(answer: Answer) -> bool:
    """Whether a call has succeeded: by its code, whatever its type."""
    return str(answer.get("error_code")) in _DONE


class Client(Protocol):
    """One turn of the timer."""

    async def sync(self, rows: Sequence[Row]) -> None:
        """Sync what has changed; what fails waits for the next turn."""
        ...


class OpenCpsLike:
    """Looks each dossier up, sends it as new or as an update, and its steps only where that has succeeded."""

    def __init__(self, wire: Wire, journal: Journal) -> None:
        self._wire = wire
        self._journal = journal

    async def sync(self, rows: Sequence[Row]) -> None:
        """Go through the dossiers one by one."""
        for row in rows:
            try:
                await self._dossier(row)
                await self._steps(row)
            except Unanswered:
                continue

    async def _dossier(self, row: Row) -> None:
        if row.is_synced:
            return
        known = row.was_synced or is_done(await self._wire.call("TraCuuHoSo", mahoso=row.code))
        sent = row.dossier
        answer = await self._wire.call("DongBoHoSoMC", isUpdating=str(known), data=[sent])
        if is_done(answer):
            row.is_synced, row.was_synced = row.dossier is sent, True
            note(self._journal, "DongBoHoSoMC", sent)

    async def _steps(self, row: Row) -> None:
        steps = row.steps[row.steps_synced :]
        if row.was_synced and steps and is_done(await self._wire.call("CapNhatTienDoHoSoMC", data=steps)):
            row.steps_synced += len(steps)
            note(self._journal, "CapNhatTienDoHoSoMC", *steps)


class IgateLike:
    """Sends everything as new, on «đã tồn tại» as an update, and steps in chunks of ten; a flag for each."""

    def __init__(self, wire: Wire, journal: Journal) -> None:
        self._wire = wire
        self._journal = journal

    async def sync(self, rows: Sequence[Row]) -> None:
        """Send the dossiers, then the steps of those that are there."""
        for row in rows:
            if not row.is_synced:
                await self._dossier(row)
        steps = [(row, step) for row in rows if row.was_synced for step in row.steps[row.steps_synced :]]
        for start in range(0, len(steps), _CHUNK):
            await self._chunk(steps[start : start + _CHUNK])

    async def _dossier(self, row: Row) -> None:
        sent = row.dossier
        try:
            answer = await self._wire.call("DongBoHoSoMC", isUpdating="False", data=[sent])
            if "đã tồn tại" in said(answer):
                answer = await self._wire.call("DongBoHoSoMC", isUpdating="True", data=[sent])
        except Unanswered:
            return
        if is_done(answer):
            row.is_synced, row.was_synced = row.dossier is sent, True
            note(self._journal, "DongBoHoSoMC", sent)

    async def _chunk(self, steps: Sequence[tuple[Row, dict[str, object]]]) -> None:
        try:
            answer = await self._wire.call("CapNhatTienDoHoSoMC", data=[step for _, step in steps])
        except Unanswered:
            return
        if is_done(answer):
            for row, step in steps:
                row.steps_synced += 1
                note(self._journal, "CapNhatTienDoHoSoMC", step)


def note(journal: Journal, service: str, *objects: Mapping[str, object]) -> None:
    """Journal what the portal holds for synced, by business key."""
    for item in objects:
        journal.write("synced", service=service, **_key(item))


def _key(item: Mapping[str, object]) -> dict[str, object]:
    names: Iterable[str] = ("MaHoSo", "MaTTHC", "TrangThaiHoSo", "ThoiDiemXuLy", "TrangThai")
    return {name: item[name] for name in names if name in item}


CLIENTS: Mapping[str, type[OpenCpsLike | IgateLike]] = {"opencps": OpenCpsLike, "igate": IgateLike}
