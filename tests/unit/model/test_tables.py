"""The model's tables are whole: every field has a national name, every code has words, the page is up to date."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect

from gateway.core.acts import Verb
from gateway.core.adoption import ADOPTED
from gateway.core.delivery import State
from gateway.core.reason import Why
from gateway.model.event import Event, EventBatch, NewDossier, NewEvent
from gateway.model.kinds import KINDS, Side, Standing, may_state, standing
from gateway.model.leaves import shape
from gateway.model.national import NATIONAL
from gateway.model.texts import CATALOGUE, pick_language, text
from gateway.model.types import SCHEMES, STATUSES, Record, file_link
from gateway.relay.kept import UNREADABLE
from tools.model_reference import PAGE, render


def reachable() -> set[type[Record]]:
    """Return every struct that a document of the model can hold."""
    found: set[Any] = set()
    todo: list[Any] = [NewEvent, Event, NewDossier, EventBatch, *(kind.data for kind in KINDS.values())]
    while todo:
        type_ = todo.pop()
        if type_ not in found:
            found.add(type_)
            todo += list(_inside(type_))
    return found


def _inside(type_: type[Record]) -> Iterator[Any]:
    for info in _shapes(type_):
        if isinstance(info, inspect.StructType):
            yield info.cls


def _shapes(type_: type[Record]) -> Iterator[inspect.Type]:
    for field in inspect.type_info(type_).fields:  # type: ignore[attr-defined] # a struct's
        info = shape(field.type).info
        yield shape(info.item_type).info if isinstance(info, inspect.VarTupleType) else info


def test_every_field_of_every_struct_has_one_national_name() -> None:
    """The table is complete and its names are unique in each struct."""
    assert set(NATIONAL) == reachable()
    for type_, row in NATIONAL.items():
        assert set(row) == set(type_.__struct_fields__), type_
        assert len(set(row.values())) == len(row), type_


def test_national_names_are_written_without_accents() -> None:
    """They are names of fields, also in XML."""
    assert all(name.isascii() and name.isalnum() for row in NATIONAL.values() for name in row.values())


def test_every_kind_status_state_reason_and_act_has_words_in_both_languages() -> None:
    """People never see a bare code."""
    own = (ADOPTED, UNREADABLE, "x.gateway.conflict")
    codes = [*(f"kind.{name}" for name in (*KINDS, *own)), *(f"status.{number}" for number in STATUSES)]
    codes += [*(f"state.{state}" for state in State), *(f"reason.{why}" for why in Why)]
    codes += [f"act.{verb}" for verb in Verb]
    assert [code for code in codes if code not in CATALOGUE] == []
    assert all(words.vi and words.en for words in CATALOGUE.values())


def test_what_came_of_a_delivery_is_said_of_the_system_only_where_it_has_spoken() -> None:
    """`dead` is also what could not be made for it, or expired: «Hệ thống nhận từ chối» would be false witness."""
    assert text("kind.relay.refused", "vi") == text("state.dead", "vi")


def test_every_problem_has_a_title_and_a_detail() -> None:
    """An error says what happened and what to do."""
    problems = {code for code in CATALOGUE if code.startswith("problem.")}
    titles = {code for code in problems if not code.endswith(".detail")}
    assert problems == titles | {f"{code}.detail" for code in titles}


def test_every_expectation_has_vietnamese_words() -> None:
    """What a fault expects is said in the reader's language."""
    described = {shape(field.type).description for type_ in NATIONAL for field in inspect.type_info(type_).fields}  # type: ignore[attr-defined] # a struct's
    assert {words for words in described if words and f"shape.{words}" not in CATALOGUE} == set()


def test_words_take_their_facts_and_never_fail() -> None:
    """A missing fact shows its name; a missing code shows itself."""
    assert text("problem.dossier.exists.detail", "en", revision=3).startswith("This code is known, at revision 3.")
    assert "(revision)" in text("problem.dossier.exists.detail", "vi")
    assert text("problem.of_tomorrow", "vi") == "problem.of_tomorrow"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("vi;q=0.5, en;q=0.9", "en"),
        ("fr, *;q=0.1", "vi"),
        ("fr", "vi"),
        ("en;q=0", "vi"),
        ("en;q=x, vi", "vi"),
        ("," * 10_000, "vi"),
    ],
)
def test_vietnamese_unless_english_is_wanted_more(header: str | None, language: str) -> None:
    """RFC 9110 preferences, with Vietnamese as the default."""
    assert pick_language(header) == language


@pytest.mark.parametrize(
    ("kind", "side", "system", "is_allowed"),
    [
        ("dossier.submitted", Side.PORTAL, "", True),
        ("dossier.submitted", Side.SYSTEM, "", True),
        ("supplement.requested", Side.PORTAL, "", False),
        ("withdrawal.requested", Side.SYSTEM, "", False),
        ("withdrawal.accepted", Side.GATEWAY, "", True),
        ("relay.delivered", Side.PORTAL, "", False),
        ("relay.delivered", Side.SYSTEM, "", False),
        ("x.land_office.plot_split", Side.SYSTEM, "land_office", True),
        ("x.land_office.plot_split", Side.SYSTEM, "civil_status", False),
        ("shipment.sent", Side.PORTAL, "", False),
    ],
)
def test_each_side_states_what_is_its_own(kind: str, side: Side, system: str, *, is_allowed: bool) -> None:
    """``relay.*`` is the gateway's alone; a partner's own kinds are that partner's."""
    assert may_state(kind, side, system=system) is is_allowed


@pytest.mark.parametrize("kind", ["x.", "x.a", "x..b", "x.A.b", "status", "", "x.a.b\n"])
def test_a_name_that_is_no_kind_is_unknown(kind: str) -> None:
    """Only ``x.<system>.<name>`` in lower case is a partner's own."""
    assert standing(kind) is Standing.UNKNOWN


def test_statuses_and_schemes_are_those_of_the_national_table() -> None:
    """Ten statuses, eleven families of codes."""
    assert list(STATUSES) == list(range(1, 11))
    assert SCHEMES["chain"].national == ("maHoSoLT", "soHoSoLT")


def test_a_stored_file_has_a_stable_address() -> None:
    """Rule 12."""
    assert file_link("f1") == "/v1/files/f1"


def test_the_reference_page_is_what_the_tables_say() -> None:
    """Run ``python -m tools.model_reference`` after a change."""
    assert PAGE.read_text(encoding="utf-8") == render()
