"""A whole gateway between the province's portal and the simulated national portal: out, back, files, and faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout

from adapters.national_portal.arrivals import a_file
from adapters.national_portal.simulator import Faults, Portal, application
from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.config.loader import load
from gateway.testing.loopback import served
from gateway.testing.ports import free_port
from gateway.testing.secrets import FakeSecrets
from gateway.testing.simulator import Caller, Journal, Place

from .test_national_portal import DOSSIER, NATIONAL, ROOT

QUICK = ClientTimeout(total=20)
PDF = b"%PDF-1.7 sample"
FILE = "G22.99.01-260302-0042"
ROUTES = """
[[route]]
id = "national"
source = "portal"
kinds = ["dossier.submitted", "dossier.amended", "status.changed", "progress.recorded"]
to = ["national_portal"]

[[route]]
id = "from_national"
source = "national_portal"
to = ["portal"]
"""
PORTAL = 'id = "portal"\nrole = "portal"\nadapter = "feed"\nname = { vi = "Cổng" }\n'
SECRETS = FakeSecrets(
    {
        "env:NATIONAL_PORTAL_USERNAME": "sample",
        "env:NATIONAL_PORTAL_PASSWORD": "sample-only",
        "env:GATEWAY_LINK_KEY": "k" * 32,
    }
)


class Told(Journal):
    """A journal that can be waited for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lines: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def write(self, what: str, **facts: object) -> None:
        super().write(what, **facts)
        self.lines.append({"what": what, **facts})
        self._news.set()

    async def until(self, **facts: object) -> dict[str, Any]:
        """Return the first line that says so, however long it takes."""
        async with asyncio.timeout(20):
            while True:
                for line in self.lines:
                    if facts.items() <= line.items():
                        return line
                self._news.clear()
                await self._news.wait()

    def count(self, **facts: object) -> int:
        return sum(facts.items() <= line.items() for line in self.lines)


@dataclass(kw_only=True)
class Stage:
    """Both ends of the gateway."""

    url: str
    portal: Portal
    told: Told
    session: ClientSession
    keys: dict[str, str] = field(repr=False)

    async def post(self, path: str, body: object, *, who: str = "portal") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        async with self.session.post(self.url + path, json=body, headers=headers) as reply:
            assert reply.status < 300, await reply.text()
            return await reply.json()

    async def until_rehearsed(self, count: int) -> None:
        """Wait until so many deliveries to the national portal were rehearsed."""
        headers = {"Authorization": f"Bearer {self.keys['operator']}"}
        url = f"{self.url}/v1/ops/deliveries?system=national_portal&state=cancelled"
        async with asyncio.timeout(20):
            while True:
                async with self.session.get(url, headers=headers) as reply:
                    if len((await reply.json())["items"]) == count:
                        return
                await asyncio.sleep(0.02)

    async def call(self, path: str, **body: object) -> dict[str, Any]:
        """Call the plug-in door as the national portal would be called."""
        async with self.session.post(f"{self.url}/dvcqg/portal/mapi/{path}", json=body) as reply:
            return await reply.json()

    async def status(self, number: int, code: str, scheme: str = "province") -> None:
        about = {"code": code, "scheme": scheme}
        await self.post("/v1/events", {"kind": "status.changed", "dossier": about, "data": {"status": number}})


def write_config(folder: Path, port: int, portal: int, mode: str) -> Path:
    """The shipped system and its tables, with routes, a portal that reads, and quick looks and retries."""
    shipped = (ROOT / "config" / "systems" / "national_portal.toml").read_text(encoding="utf-8")
    quick = shipped.replace(":9008", f":{portal}").replace('quiet = "10s"', 'quiet = "0s"')
    quick = quick.replace('mode = "sandbox"', f'mode = "{mode}"')
    quick = quick.replace('longest_wait = "5m"', 'longest_wait = "1s"')  # bad weather comes in rows of six, too
    files = {
        "gateway.toml": f'[server]\nport = {port}\n[store]\nreserve = 0\n[links]\nkeys = ["env:GATEWAY_LINK_KEY"]\n',
        "routes.toml": ROUTES,
        "systems/portal.toml": PORTAL,
        "systems/national_portal.toml": quick,
    }
    for table in (ROOT / "config" / "mappings" / "national_portal").glob("*.toml"):
        files[f"mappings/national_portal/{table.name}"] = table.read_text(encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@asynccontextmanager
async def simulated(portal: Portal) -> AsyncIterator[int]:
    async with served(application(portal)) as port:
        try:
            yield port
        finally:
            await portal.settle()


@asynccontextmanager
async def staged(folder: Path, *, mode: str = "sandbox", **faults: Any) -> AsyncIterator[Stage]:
    layout = Layout(folder / "data")
    with closing(Told(folder / "journal")) as told:
        async with ClientSession(timeout=QUICK) as session:
            portal = Portal(told, session, Faults(**faults))
            async with simulated(portal) as port:
                portal.address = f"http://127.0.0.1:{port}"
                configuration = load(write_config(folder / "config", free_port(), port, mode))
                async with serving(configuration, layout, secrets=SECRETS) as gateway:
                    keys = {"operator": layout.operator_key.read_text().strip()}
                    stage = Stage(url=gateway.url, portal=portal, told=told, session=session, keys=keys)
                    for system in ("portal", "national_portal"):
                        made = await stage.post("/v1/ops/keys", {"name": system, "role": "system"}, who="operator")
                        keys[system] = made["key"]
                    yield stage


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Any]:
    """`async with stage(drop=…) as opened`."""
    return lambda **faults: staged(tmp_path, **faults)


async def test_a_dossier_its_files_and_its_status_reach_the_national_portal(stage):
    """One new dossier, its file by a link without a key, one update, one note."""
    async with stage(codes=True, session_calls=2) as opened:
        headers = {"Authorization": f"Bearer {opened.keys['portal']}", "Content-Type": "application/pdf"}
        async with opened.session.post(f"{opened.url}/v1/files", data=PDF, headers=headers) as reply:
            file = await reply.json()
        paper = {"name": "Tờ khai", "files": [{"id": file["id"]}]}
        await opened.post("/v1/dossiers", {"dossier": {**DOSSIER, "components": [paper]}})
        await opened.told.until(what="file", size=len(PDF))
        await opened.status(4, DOSSIER["code"])
        await opened.told.until(what="effect", kind="note", status="4")
        assert opened.told.count(what="effect", kind="new") == 1
        assert opened.told.count(what="effect", kind="update", status="4") == 1
        await opened.portal.settle()
        assert opened.told.count(what="bad_file") == 0


async def test_every_call_of_a_rehearsed_event_is_compared_with_the_way_before(stage):
    """G4, G10: a log has a line for each call, and a status is two; that somebody compared is kept."""
    async with stage(mode="shadow") as opened:
        item = its_dossier("")
        del item["TaiLieuNop"]
        answer = await opened.call("login", username="portal", password=opened.keys["portal"])
        asked = {"madonvi": "H52", "service": "DongBoHoSoMC"}
        await opened.call("g", **asked, session=answer["session"], data=[item], isUpdating="False")
        await opened.status(4, item["MaHoSo"])
        await opened.until_rehearsed(2)
        update = {**asked, "isUpdating": "True", "data": [{**item, "TrangThaiHoSo": "4"}]}
        other = {**update, "data": [{**item, "TrangThaiHoSo": "4", "TrichYeuHoSo": "Khác"}]}
        now = datetime.now(UTC).isoformat()
        lines = [
            {"line": number, "time": now, "code": item["MaHoSo"], "body": json.dumps(body)}
            for number, body in enumerate(({**asked, "isUpdating": "False", "data": [item]}, update, other), start=1)
        ]
        path = "/v1/ops/systems/national_portal/comparisons"
        compared = await opened.post(path, {"lines": lines}, who="operator")
        (differs,) = compared["items"]
        assert (differs["line"], differs["paths"]) == (3, ["$.data[0].TrichYeuHoSo"])
        assert (compared["counts"]["same"], len(compared["matched"])) == (2, 2)
        headers = {"Authorization": f"Bearer {opened.keys['operator']}"}
        async with opened.session.get(f"{opened.url}/v1/ops/evidence", headers=headers) as reply:
            lines = [line for line in (await reply.text()).splitlines() if "content.viewed" in line]
        assert json.loads(lines[-1])["record"]["ids"] == compared["matched"]


async def test_a_committed_dossier_whose_reply_was_lost_is_found_and_not_sent_twice(stage):
    """G4: the magic number commits and drops; TraCuuHoSo ends the doubt."""
    code = "H52.11-260302-9504"
    async with stage() as opened:
        await opened.post("/v1/dossiers", {"dossier": {**DOSSIER, "code": code}})
        await opened.told.until(what="dropped", dossier=code)
        await opened.post("/v1/events", note(code))
        await opened.told.until(what="effect", kind="note", dossier=code)
        assert opened.told.count(what="effect", kind="new", dossier=code) == 1


async def test_pages_instead_of_answers_and_503_delay_and_lose_nothing(stage):
    """G2: every dossier arrives once, whatever the weather over there."""
    async with stage(unavailable=0.2, html=0.2, session_calls=3) as opened:
        codes = [f"H52.11-260302-{number:04d}" for number in range(1, 6)]
        for code in codes:
            await opened.post("/v1/dossiers", {"dossier": {**DOSSIER, "code": code}})
        for code in codes:
            await opened.told.until(what="effect", kind="new", dossier=code)
        assert opened.told.count(what="effect", kind="new") == len(codes)


async def test_a_dossier_that_arrives_is_given_a_code_and_answered(stage, tmp_path):
    """Model rule 20: submitted there, numbered here, its status told there under both codes."""
    async with stage() as opened:
        place = Place(port=0, journal=tmp_path, gateway=opened.url, key=opened.keys["national_portal"], seed=1)
        path = "/callbacks/national_portal/XrdAdapter/RestService/forward/nhanhsdvcqg"
        for _ in range(2):  # pushed again, it is the same dossier
            answer = json.loads(await opened.portal.push(Caller(place, opened.session), NATIONAL, path))
            assert answer["error_code"] == "0"
        assert await received(opened) == a_file(NATIONAL)
        about = {"code": NATIONAL, "scheme": "national"}
        ours = [{"scheme": "province", "code": DOSSIER["code"]}]
        assigned = {"kind": "reference.assigned", "dossier": about, "data": {"references": ours}}
        await opened.post("/v1/events", assigned)
        await opened.status(2, DOSSIER["code"])
        state = await opened.told.until(what="effect", kind="state", status="2")
        assert (state["dossier"], state["unit"]) == (NATIONAL, DOSSIER["code"])
        assert opened.told.count(what="effect", kind="new") == 0


async def test_a_portal_that_speaks_the_protocol_itself_changes_nothing_but_an_address(stage):
    """What it says to the plug-in door reaches the national portal as it would have said it itself, its file too."""
    async with stage() as opened:
        opened.portal.theirs.add(FILE)  # so that the file can be had there: the portal's own place
        answer = await opened.call("login", username="portal", password=opened.keys["portal"])
        asked = {"madonvi": "H52", "session": answer["session"]}
        item = its_dossier(f"{opened.portal.address}/tep/{FILE}")
        step = {"MaHoSo": item["MaHoSo"], "ThoiDiemXuLy": "20260303090000", "NoiDungXuLy": "Xử lý", "TrangThai": "4"}
        for service, data, more in (
            ("DongBoHoSoMC", item, {"isUpdating": "False"}),
            ("CapNhatTienDoHoSoMC", step, {}),
            ("DongBoHoSoMC", {**item, "TrangThaiHoSo": "4"}, {"isUpdating": "True"}),
        ):
            answer = await opened.call("g", **asked, service=service, data=[data], **more)
            assert answer["error_code"] == "0", answer
        await opened.told.until(what="effect", kind="update", status="4")
        effects = [line["kind"] for line in opened.told.lines if line["what"] == "effect"]
        assert effects == ["new", "note", "update"]
        sent = opened.portal.dossiers[item["MaHoSo"]]
        assert {name: sent[name] for name in item if name != "TaiLieuNop"} == {
            **{name: item[name] for name in item if name != "TaiLieuNop"},
            "TrangThaiHoSo": "4",
        }
        await opened.told.until(what="file", size=len(a_file(FILE)))
        await opened.portal.settle()
        assert opened.told.count(what="bad_file") == 0


def its_dossier(file: str) -> dict[str, Any]:
    """A dossier as a portal's own synchronisation sends it."""
    return {
        "MaHoSo": "H52.11-260302-0042",
        "MaTTHC": "1.000894",
        "TenTTHC": "Đăng ký kết hôn",
        "MaLinhVuc": "G15-HT01",
        "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": "2",
        "ChuHoSo": "Lò Văn Mẫu",
        "SoGiayToChuHoSo": "014000000001",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "014000000001"}],
        "LoaiDoiTuong": "1",
        "SoDienThoai": "0900000001",
        "TrichYeuHoSo": "Đăng ký kết hôn",
        "NgayNopHoSo": "20260302080000",
        "NgayTiepNhan": "20260302083000",
        "NgayHenTra": "",
        "TrangThaiHoSo": "1",
        "HinhThuc": "0",
        "DonViXuLy": "UBND xã mẫu",
        "NoiNopHoSo": "2",
        "HoSoCoThanhPhanSoHoa": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "1",
        "DuocThanhToanTrucTuyen": "0",
        "DSKetNoiCSDL": [{"MaCSDL": "1"}],
        "TaiLieuNop": [
            {
                "TenTepDinhKem": "Đơn.pdf",
                "IsDeleted": "False",
                "MaThanhPhanHoSo": "000.00.00.G15-KQ000001",
                "DuongDanTaiTepTin": file,
                "DuocSoHoa": "1",
            }
        ],
    }


async def received(opened: Stage) -> bytes:
    """Return the file of the first dossier that the province's portal reads."""
    headers = {"Authorization": f"Bearer {opened.keys['portal']}"}
    page: dict[str, Any] = {}
    while not page.get("items"):
        async with opened.session.get(f"{opened.url}/v1/events?wait=10", headers=headers) as reply:
            page = await reply.json()
    (file,) = page["items"][0]["event"]["data"]["files"]
    async with opened.session.get(opened.url + file["url"], headers=headers) as reply:
        return await reply.read()


def note(code: str) -> dict[str, Any]:
    data = {"text": "Đang thẩm định", "status": 4, "occurred_at": "2026-03-03T02:00:00Z"}
    return {"kind": "progress.recorded", "dossier": {"code": code}, "data": data}
