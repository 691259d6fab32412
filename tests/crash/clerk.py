"""Everything that operators do, round and round, over ``/v1/ops``: so that every method of the store is called.

Whatever is refused or breaks off is simply done again in the next round: the clerk must be able to, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.crash.offices import REFUSED, Records

_HOLD = "criminal_record"
_BREATH = 0.2  #: seconds between two steps
_OTHERS = 3  #: of so many steps one is another than the sought
_TIMEOUT = ClientTimeout(total=20)
_NOTHING = hashlib.sha256(b"").hexdigest()
_REASON = {"reason": "vòng kiểm tra"}


class Clerk:
    """Two people, so that one can approve what the other proposes."""

    def __init__(self, session: ClientSession, url: str, keys: Mapping[str, str], records: Records) -> None:
        """Work with the keys of ``portal``, ``first`` and ``second``."""
        self._session = session
        self._url = url
        self._keys = dict(keys)
        self._decides = "first"
        self._records = records
        self.sought = ""  #: the step that leads where somebody waits for the gateway
        self._steps = {
            "look": self._look,
            "rotate": self._rotate,
            "find": self._find,
            "retry": self._retry,
            "correct": self._correct,
            "list": self._list,
            "replay": self._replay,
            "compare": self._compare,
            "adopt": self._adopt,
            "inquire": self._inquire,
        }

    async def work(self) -> None:
        """Go round until cancelled; while something is sought, mostly that."""
        for turn, name in enumerate(cycle(self._steps)):
            is_other = turn % _OTHERS == 0  # what is sought may need what another step leaves
            await self._do(name if is_other else self.sought or name)

    async def _do(self, name: str) -> None:
        if not self.sought:
            await asyncio.sleep(_BREATH)
        try:
            await self._steps[name]()
        except (ClientError, OSError, TimeoutError, KeyError, IndexError, ValueError):
            await asyncio.sleep(_BREATH)  # the gateway is down, or somebody was faster: next round

    async def ask(self, method: str, path: str, body: object = None, *, who: str = "first") -> Any:
        """Return what a door answers, as JSON. Raises ClientError, OSError, TimeoutError, ValueError."""
        async with self._session.request(
            method,
            self._url + path,
            json=body,
            headers={"Authorization": f"Bearer {self._keys[who]}"},
            timeout=_TIMEOUT,
        ) as reply:
            text = await reply.read()
        return json.loads(text) if reply.content_type.endswith("json") else {}

    async def _decide(self, path: str, body: Mapping[str, str]) -> None:
        """Decide about one delivery; once somebody has had their share of a day, by a new colleague."""
        told = await self.ask("POST", path, body, who=self._decides)
        if told.get("code") == "proposal.needed":
            name = f"colleague {time.time_ns()}"
            self._keys[name] = await self.new_key(name, "operator")
            self._decides = name
            await self.ask("POST", path, body, who=name)

    async def new_key(self, name: str, role: str) -> str:
        """Make a key, and return its text."""
        return str((await self.ask("POST", "/v1/ops/keys", {"name": name, "role": role}))["key"])

    async def held(self) -> list[str]:
        """Return what is held for a person at the partner that promises nothing."""
        found = await self.ask("GET", f"/v1/ops/deliveries?state=held&system={_HOLD}&limit=1000")
        return [item["id"] for item in found["items"]]

    async def sees_work(self) -> bool:
        """Whether anything is on its way."""
        for state in ("waiting", "delayed", "ready", "leased"):
            if (await self.ask("GET", f"/v1/ops/deliveries?state={state}&limit=1"))["items"]:
                return True
        return False

    async def _look(self) -> None:
        await self.ask("GET", "/v1/ops/systems")
        for door in ("pause", "resume"):
            await self.ask("POST", f"/v1/ops/systems/{_HOLD}/{door}", _REASON)
        await self.ask("GET", "/v1/ops/acts?limit=5")
        await self.ask("GET", "/v1/ops/proposals?limit=5")
        await self.ask("GET", "/v1/ops/attention")
        await self.ask("GET", "/v1/ops/deadlines?limit=5")
        await self.ask("GET", f"/v1/ops/evidence?since={quote(datetime.now(UTC).isoformat())}")

    async def _rotate(self) -> None:
        """Make a key and revoke it; revoke what an interrupted round has left."""
        await self.ask("POST", "/v1/ops/keys", {"name": "spare", "role": "operator"})
        for key in (await self.ask("GET", "/v1/ops/keys"))["items"]:
            if key["name"] == "spare" and "revoked_at" not in key:
                await self.ask("DELETE", f"/v1/ops/keys/{key['id']}")

    async def _find(self) -> None:
        """Upload a file, read it, and read all about the one dossier that is always refused; submit it at first."""
        file = await self._upload()
        await self.ask("GET", f"/v1/files/{file}", who="portal")
        found = await self.ask("GET", f"/v1/ops/dossiers?code={REFUSED}")
        if not found["items"]:
            await self._submit(file)
        else:
            await self.ask("GET", f"/v1/ops/dossiers/{found['items'][0]['id']}/timeline")

    async def _upload(self) -> str:
        headers = {"Authorization": f"Bearer {self._keys['portal']}", "Content-Type": "application/pdf"}
        sent = self._session.post(f"{self._url}/v1/files?name=a.pdf", data=b"%PDF-1.7\n", headers=headers)
        async with sent as reply:
            return str((await reply.json())["id"])

    async def _submit(self, file: str) -> None:
        dossier = {
            "code": REFUSED,
            "procedure": {"code": "3.300301", "name": "Cấp phiếu lý lịch tư pháp"},
            "owner": {"name": {"whole": "Nguyễn Thị Mẫu"}},
            "summary": "Hồ sơ mẫu luôn bị từ chối",
            "components": [{"name": "Đơn", "files": [{"id": file}]}],
        }
        await self.ask("POST", "/v1/dossiers", {"dossier": dossier, "source_event_id": REFUSED}, who="portal")

    async def _retry(self) -> None:
        """Just send the refused message again."""
        path = await self._dead()
        await self.ask("GET", path.replace("/ops", ""))
        await self._decide(f"{path}/retry", _REASON)

    async def _correct(self) -> None:
        """Correct the refused message, in vain and then approved by the other person."""
        path = await self._dead()
        event = (await self.ask("POST", f"{path}/content", _REASON))["event"]
        for door in ("rejection", "approval"):
            proposal = await self._propose(path, event)
            await self.ask("GET", f"/v1/ops/proposals/{proposal}")
            await self.ask("POST", f"/v1/ops/proposals/{proposal}/changes", _REASON, who="second")
            await self.ask("POST", f"/v1/ops/proposals/{proposal}/{door}", _REASON, who="second")

    async def _dead(self) -> str:
        dead = await self.ask("GET", f"/v1/ops/deliveries?state=dead&system={_HOLD}&limit=1")
        return f"/v1/ops/deliveries/{dead['items'][0]['id']}"

    async def _propose(self, path: str, event: dict[str, Any]) -> str:
        data = event["data"]
        corrected = {**event, "data": {**data, "summary": f"Hồ sơ mẫu, sửa lúc {time.time_ns()}"}}
        asked = {**_REASON, "event": corrected, "propose": True}
        return str((await self.ask("POST", f"{path}/edits", asked))["proposal"]["id"])

    async def _list(self) -> None:
        """Ask what a partner's empty list would settle, and what the files would send; nothing is proposed."""
        asked = {"codes": [], "as_of": datetime.now(UTC).isoformat(), "file_sha256": _NOTHING}
        await self.ask("POST", f"/v1/ops/systems/{_HOLD}/settlements", asked)
        trial = {"new": {"version": "files"}, "last": 1}
        await self.ask("POST", "/v1/ops/systems/driver_licence/mapping-trials", trial)

    async def _replay(self) -> None:
        """Send what is dead again as a replay, few at a time; pause it, let it go on, and end it."""
        selection: dict[str, object] = {"state": "dead", "system": _HOLD}
        shown = await self.ask("POST", "/v1/ops/replays/plans", selection)
        selection["names"] = [one["delivery_id"] for one in shown["first"][:2]]
        begun = await self.ask("POST", "/v1/ops/replays", {**_REASON, "selection": selection, "steps": [1]})
        path = f"/v1/ops/replays/{await self._agreed(begun)}"
        await self.ask("GET", f"{path}/items")
        for steering in ("pause", "resume", "cancel"):
            await self.ask("POST", f"{path}/{steering}", _REASON)
        await self.ask("GET", path)
        await self.ask("GET", "/v1/ops/replays?limit=5")

    async def _agreed(self, begun: Mapping[str, Any]) -> str:
        """Return which replay was begun; where the first person has had their share, by the second's approval."""
        if begun["replay"]:
            return str(begun["replay"]["id"])
        door = f"/v1/ops/proposals/{begun['proposal']['id']}/approval"
        return str((await self.ask("POST", door, _REASON, who="second"))["outcome"]["replay"])

    async def _compare(self) -> None:
        """Compare the books with one partner's list, and have the relay ask another partner."""
        listed = {"codes": [REFUSED], "as_of": datetime.now(UTC).isoformat(), "file_sha256": _NOTHING}
        compared = await self.ask("POST", "/v1/ops/reconciliations", {**_REASON, "system": _HOLD, "list": listed})
        await self.ask("GET", f"/v1/ops/reconciliations/{compared['id']}")
        await self.ask("GET", "/v1/ops/reconciliations?limit=5")
        await self.ask("POST", "/v1/ops/reconciliations", {**_REASON, "system": "business_registry"})

    async def _adopt(self) -> None:
        """Make a dossier known that a partner has from before, and ask what could be handed back to the way before."""
        codes = [{"scheme": "province", "code": "H99-ADOPTED"}]
        item = {"row": 2, "codes": codes, "system": _HOLD, "synced_at": "2026-01-02T00:00:00+07:00"}
        asked = {**_REASON, "source": "portal", "items": [item], "file_sha256": _NOTHING}
        await self.ask("POST", "/v1/ops/adoptions", asked)
        tried = {**_REASON, "since": "2026-01-02T00:00:00+07:00", "trial": True}
        await self.ask("POST", f"/v1/ops/systems/{_HOLD}/handbacks", tried)

    async def _inquire(self) -> None:
        """Ask a register that nobody answers for, always about the same; see who has asked."""
        asked = {"request": {"tax_code": "9900000001"}, "officer": {}, "purpose": _REASON["reason"]}
        await self.ask("POST", "/v1/systems/enterprise_registry/queries/enterprise", asked)
        await self.ask("GET", "/v1/ops/queries?limit=5")

    async def resume(self) -> None:
        """Resume what an interrupted round has left paused."""
        await self.ask("POST", f"/v1/ops/systems/{_HOLD}/resume", _REASON)

    async def judge(self) -> list[str]:
        """Say of everything held what the partner's books say of it, and return what that was."""
        held = await self.held()
        for delivery in held:
            verdict = "delivered" if delivery in self._records.taken else "absent"
            await self._decide(f"/v1/ops/deliveries/{delivery}/judgement", {**_REASON, "verdict": verdict})
        return held
