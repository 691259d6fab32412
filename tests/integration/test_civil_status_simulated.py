"""Civil status against its simulator: faults on, counted by the books of the simulator."""

import json
import random
from collections import Counter
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import ClientSession

from adapters.civil_status.simulator import Faults, Register
from gateway.core.asking import OpenDossier
from gateway.core.outcome import Ambiguous, Delivered, Rejected, Retryable
from gateway.ports.adapter import NoAnswer
from gateway.testing.clock import FakeClock
from gateway.testing.loopback import served
from gateway.testing.simulator import Journal
from tests.adapters import opened
from tests.integration.test_civil_status import a_context, a_dossier, a_system, operations, registration

PLAIN = Faults()
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROCEDURES = ("1.001193", "1.000656", "2.002621", "2.000635")


@asynccontextmanager
async def simulated(folder, faults=PLAIN, **options):
    """The register on loopback, and the adapter that talks to it."""
    with closing(Journal(folder / "civil_status.jsonl")) as journal:
        register = Register(journal, faults, random.Random(1), lambda: NOW)  # noqa: S311 - a seed, not secrecy
        async with served(register.app()) as port:
            address = f"http://127.0.0.1:{port}"
            async with opened(a_system(address, **options), a_context(FakeClock())) as adapter:
                yield adapter, address, folder / "civil_status.jsonl"


def lines(path, what):
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in told if line["what"] == what]


def numbered(number, **changes):
    procedure = PROCEDURES[number % len(PROCEDURES)]
    code = f"H52.11-260302-{number:04d}"
    changed = a_dossier(procedure, code=code, **changes)
    delivery = registration(changed)
    return replace(delivery, codes={"province": code})


async def insist(adapter, delivery):
    """Send as the relay does, doubt resolved by sending again; return how it ended and how often it took."""
    for tries in range(1, 50):
        outcome = await adapter.send(delivery, deadline=5.0 + FakeClock().monotonic())
        match outcome:
            case Delivered() | Rejected():
                return outcome, tries
            case Ambiguous():
                delivery = replace(delivery, in_doubt_since=delivery.due_at)
            case Retryable():
                pass
    raise AssertionError("never")


async def rounds(adapter, opened):
    """Ask until nothing more changes; return the events, each once."""
    told = {}
    for _ in range(40):
        for stream in adapter.streams():
            wanted = [one for one, procedure in opened if procedure in adapter.turn(stream).procedures]
            try:
                page = await adapter.poll(stream, "", open_dossiers=wanted, deadline=5.0 + FakeClock().monotonic())
            except NoAnswer:
                continue
            assert page.unreadable == []
            told |= {draft.dedup_key: draft for draft in page.drafts}
    return list(told.values())


async def test_with_faults_on_nothing_is_lost_or_doubled(tmp_path):
    """G4: 80 registrations, replies dropped, pages, 503 and tokens that expire: the register has each once."""
    faults = Faults(drop=0.2, page=0.1, busy=0.1, calls=9)
    async with simulated(tmp_path, faults) as (adapter, _, journal):
        sent = [numbered(number) for number in range(1, 81)]
        ends = [await insist(adapter, delivery) for delivery in sent]
        assert all(isinstance(outcome, Delivered) for outcome, _ in ends)
        assert sum(tries for _, tries in ends) > 80
        opened = [
            (OpenDossier(id=delivery.codes["province"], codes=delivery.codes), PROCEDURES[number % len(PROCEDURES)])
            for number, delivery in enumerate(sent, start=1)
        ]
        drafts = await rounds(adapter, opened)
    effects = Counter(line["dossier"] for line in lines(journal, "effect"))
    assert effects == Counter(delivery.codes["province"] for delivery in sent)
    assert lines(journal, "dropped") != []
    issued = Counter((line["event"], line["kind"]) for line in lines(journal, "issued"))
    stated = Counter((draft.dedup_key.rsplit("/", 2)[0] + "/", draft.kind) for draft in drafts)
    assert stated == issued
    assert {draft.status.status for draft in drafts if draft.status} == {3, 4, 9}
    assert sum(draft.kind == "result.issued" for draft in drafts) == 76


async def test_the_sandbox_numbers_play_their_parts(tmp_path):
    """Model rule 16: 9005 asks for papers, takes them once, and goes on; 9504 commits and drops the reply."""
    async with simulated(tmp_path) as (adapter, _, journal):
        wants, drops = numbered(9005), numbered(9504)
        assert (await insist(adapter, wants))[1] == 1
        outcome, tries = await insist(adapter, drops)
        assert isinstance(outcome, Delivered)
        assert tries == 2
        opened = [(OpenDossier(id="d", codes=wants.codes), PROCEDURES[9005 % len(PROCEDURES)])]
        before = await rounds(adapter, opened)
        asked = [draft for draft in before if draft.kind == "supplement.requested"]
        assert len(asked) == 1
        assert [draft.status.status for draft in before if draft.status] == [4, 5]
        papers = replace(wants, message=replace(wants.message, kind="supplement.submitted"))
        assert isinstance((await insist(adapter, papers))[0], Delivered)
        after = await rounds(adapter, opened)
        assert [draft.status.status for draft in after if draft.status][-1] == 9
    assert [line["kind"] for line in lines(journal, "effect")].count("supplement.submitted") == 1


async def test_the_older_form_is_taken_too(tmp_path):
    older = operations(form="xml", mapping="civil_status/registration_xml")
    async with simulated(tmp_path, operations=older) as (adapter, _, _journal):
        outcome, _ = await insist(adapter, numbered(1))
        assert isinstance(outcome, Delivered)


async def test_the_register_names_what_is_wrong(tmp_path):
    """Every field in one text, and nothing is kept."""
    async with simulated(tmp_path) as (adapter, _, journal):
        outcome, _ = await insist(adapter, numbered(4, form={"nksHoTen": "x" * 101, "meHoTen": "y" * 101}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.detail.count("có độ dài vượt quá") == 2
    assert lines(journal, "effect") == []


async def test_nobody_is_answered_without_a_token(tmp_path):
    async with simulated(tmp_path) as (_, address, journal), ClientSession() as session:
        for path in ("/hotich/1.0/dangKyHoTich", "/hotich/1.0/traCuuTrangThai"):
            async with session.post(address + path, json={}) as reply:
                assert reply.status == 401
        async with session.post(address + "/token", data={"grant_type": "client_credentials"}) as reply:
            assert reply.status == 401
    assert lines(journal, "request") == []
