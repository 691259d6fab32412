"""``/v1/links``: a file for a partner that holds a link and no key."""

from datetime import timedelta

import pytest

from gateway.core.ids import FileId, SystemId
from gateway.core.record import RecordType
from gateway.ports.secrets import Secret
from gateway.security.links import FileLinks
from gateway.testing.books import CIVIL_STATUS, LAND
from gateway.testing.evidence import proof_of

PDF = b"%PDF-1.7\r\n" + bytes(range(256)) * 40
LINKS = FileLinks(keys=(Secret("k" * 32),), lifetime=timedelta(days=1))


@pytest.fixture
async def gate(gate_with):
    async with gate_with(links=LINKS) as opened:
        yield opened


async def sent_file(gate, body) -> FileId:
    """Hand a dossier with a file over to CIVIL_STATUS and return the file's id."""
    stored = await gate.post("/v1/files", raw=PDF, headers={"Content-Type": "application/pdf"})
    files = [{"id": stored.json["id"], "name": "Đơn.pdf"}]
    assert (await gate.post("/v1/dossiers", body(components=[{"name": "Đơn", "files": files}]))).status == 202
    return FileId(stored.json["id"])


async def test_a_link_opens_its_file_without_a_key_and_the_view_is_on_record(gate, body):
    """G10: what was shown, to which system."""
    file = await sent_file(gate, body)
    got = await gate.get(LINKS.path(file, CIVIL_STATUS, gate.clock.now()), who=None)
    assert (got.status, got.body) == (200, PDF)
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    seen = (await proof_of(gate.store)).of(RecordType.VIEWED)
    assert [(record["shown"], record["by"]) for record in seen] == [("file", f"system:{CIVIL_STATUS}")]


async def test_a_link_ends(gate, body):
    """G9: a link that was kept for later shows nobody anything; 410 says that the message must be sent again."""
    file = await sent_file(gate, body)
    link = LINKS.path(file, CIVIL_STATUS, gate.clock.now())
    gate.clock.advance(2 * 24 * 3600)
    reply = await gate.get(link, who=None)
    assert (reply.status, reply.code) == (410, "link.expired")


async def test_a_link_for_a_system_that_was_never_sent_the_file_opens_nothing(gate, body):
    """G9: a signature alone is not enough."""
    file = await sent_file(gate, body)
    assert (await gate.get(LINKS.path(file, LAND, gate.clock.now()), who=None)).code == "file.not_found"
    nobody = LINKS.path(file, SystemId("nobody_known"), gate.clock.now())
    assert (await gate.get(nobody, who=None)).code == "link.not_found"


async def test_a_guessed_link_learns_nothing(gate, body):
    """The same answer whether the file is there or not; nothing of the token comes back."""
    file = await sent_file(gate, body)
    end = int(gate.clock.now().timestamp()) + 1000
    macs = ("A" * 43, "ấ" * 43)  # letters that no digest has
    for guessed in (*(f"{name}.{CIVIL_STATUS}.{end}.{mac}" for name in (file, "no-such") for mac in macs), "x"):
        reply = await gate.get(f"/v1/links/{guessed}", who=None)
        assert (reply.status, reply.code) == (404, "link.not_found")
        assert guessed.encode() not in reply.body or guessed == "x"
