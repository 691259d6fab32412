"""Whatever is said of a birth, in whatever order: each step begins at most once, and hears what became of it."""

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.chaining import code_of
from gateway.core.ids import DossierId
from gateway.core.message import Code, DossierState, Draft, Receipt
from gateway.stores.memory import MemoryStore
from gateway.testing.books import (
    CIVIL_STATUS,
    HEALTH_INSURANCE,
    RESIDENCE,
    a_birth,
    a_chain,
    a_chain_book,
    a_draft,
    a_planner,
    a_result,
    a_status,
)
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

_WORDS = ("result.issued", "result.corrected", "result.revoked", "withdrawal.requested", "withdrawal.refused")


def _said(kind: str, number: int) -> Draft:
    """Return one word about the birth, said by the one who may say it."""
    if kind == "withdrawal.requested":
        return a_draft(kind=kind, text=str(number), document=None)
    if kind == "withdrawal.refused":
        return a_status(digest=f"{number:064x}", kind=kind, status=None)
    return a_result(kind=kind, data={"id": f"KS-{number}", "replaces": f"KS-{number - 1}", "reason": "sai"})


async def _sent(words: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Return what each step was sent: kind, and how many results its document holds."""
    clock, ids = FakeClock(), FakeIds()
    store, plan = MemoryStore(clock=clock, ids=ids), a_planner(ids, a_chain_book())
    for draft in (a_birth(), *(_said(kind, number) for number, kind in enumerate(words, start=1))):
        clock.advance(1)
        (result,) = (await store.accept((draft,), plan=plan)).results
        assert isinstance(result, Receipt)
    found: dict[str, list[tuple[str, int]]] = {}
    for system in (RESIDENCE, HEALTH_INSURANCE):
        legs = sorted(await store.find(destination=system), key=lambda leg: leg.lane_seq)
        messages = [await store.message(leg.message_id) for leg in legs]
        bodies = [json.loads(message.payload.body)["data"] for message in messages if message]
        found[system] = [(leg.kind, len(body.get("results", ()))) for leg, body in zip(legs, bodies, strict=True)]
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=8))
def test_each_step_begins_at_most_once_and_first(words: list[str]) -> None:
    """G4: and not at all while a withdrawal stands; nothing follows its withdrawal."""
    for sent in asyncio.run(_sent(words)).values():
        kinds = [kind for kind, _ in sent]
        assert kinds.count("dossier.submitted") == bool(kinds)
        assert not kinds or kinds[0] == "dossier.submitted"
        assert all(before != "withdrawal.requested" for before, _ in pairwise(kinds))
        assert kinds or not _must_begin(words)


def _must_begin(words: Sequence[str]) -> bool:
    """Whether a result comes while no withdrawal stands."""
    stands = False
    for word in words:
        if word == "result.issued" and not stands:
            return True
        stands = {"withdrawal.requested": True, "withdrawal.refused": False}.get(word, stands)
    return False


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=100))
def test_a_step_has_one_code_that_fits_whatever_the_parents(value: str) -> None:
    """A code is at most 100 characters long (model rule 9), and differs from the parent's and from other steps'."""
    parent = Code("province", value)
    routes = [a_chain(RESIDENCE, "1"), a_chain(HEALTH_INSURANCE, "2")]
    codes = [code_of(parent, _dossier(parent), route) for route in routes]
    assert len({value, *codes}) == 3
    assert all(len(code) <= 100 for code in codes)


def _dossier(parent: Code) -> DossierState:
    return DossierState(
        id=DossierId("0199c0de-0000-7000-8000-000000000001"),
        source=CIVIL_STATUS,
        revision=1,
        document_digest="",
        document_message=None,
        codes=(parent,),
        procedure="",
        agency="",
        due_at=None,
        routed_to=frozenset(),
        reached=frozenset(),
    )
