"""The model holds for every value of its types: JSON and national names there and back, faults without exceptions."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import NODEFAULT, inspect

from gateway.model.bodies import StatusChange
from gateway.model.event import Event, NewEvent, encode_event
from gateway.model.fault import FAULTS_LIMIT, Fault, Invalid
from gateway.model.faults import decode_json, validate
from gateway.model.kinds import KINDS
from gateway.model.leaves import Shape, shape
from gateway.model.names import Vocabulary, from_national, to_national
from gateway.model.national import NATIONAL
from gateway.model.reading import read_dossier, read_event
from gateway.model.types import Dossier, FileRef, Record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TIMES = st.sampled_from(("2026-03-02T08:30:00+07:00", "1999-12-31T23:59:59Z", "2024-02-29T00:00:00.123456Z"))
WORDS = st.sampled_from(("", "Lò Thị Mẫu", "dòng 1\r\n\tdòng 2", "<a>&amp;</a>", "\\u0000", "😀", "Phường Tô Hiệu"))
CODES = st.sampled_from(("1", "H52.12-260302-0001", "000.00.00.H52,2026/03/02,15/UBND-VX", "Đ1", "?", "x.y.z"))
#: Values of the fields that have a pattern, by what their type says of itself.
PATTERNED = {
    "date: 1958, 1958-03 or 1958-03-07": ("1958", "1958-03", "2024-02-29"),
    "2 to 5 digits": ("00", "03646"),
    "SHA-256, lower-case hex": ("0a" * 32,),
    "address: https://… or /v1/files/{id}": ("https://files.example/a?b=c", "/v1/files/f-1"),
    "media type": ("application/pdf", "text/xml; charset=utf-8"),
}
#: What makes a record say something where one of several fields must.
SAYING: dict[type[Record], dict[str, Any]] = {FileRef: {"name": "don.pdf"}, StatusChange: {"status": 4}}


def values(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Return JSON builtins that fit a type of the model."""
    wanted = shape(info)
    if wanted.description in PATTERNED:
        strategy: st.SearchStrategy[Any] = st.sampled_from(PATTERNED[wanted.description])
    elif isinstance(wanted.info, inspect.StructType):
        strategy = records(cast("type[Record]", wanted.info.cls))
    elif isinstance(wanted.info, inspect.VarTupleType):
        strategy = st.lists(values(wanted.info.item_type), min_size=wanted.info.min_length or 0, max_size=2)
    else:
        strategy = leaves(wanted)
    return st.none() | strategy if wanted.nullable else strategy


def leaves(wanted: Shape) -> st.SearchStrategy[Any]:
    match wanted.info:
        case inspect.StrType(min_length=low):
            return CODES if low else WORDS
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high)
        case inspect.BoolType():
            return st.booleans()
        case inspect.DateTimeType():
            return TIMES
        case inspect.LiteralType(values=literals):
            return st.sampled_from(literals)
        case _:
            return JSON


@cache
def records(type_: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Return JSON builtins of a struct: what is required, and a few of the other fields."""
    fields = cast("inspect.StructType", inspect.type_info(type_)).fields
    required = {field.name: values(field.type) for field in fields if field.default is NODEFAULT}
    optional = [field for field in fields if field.default is not NODEFAULT]

    @st.composite
    def record(draw: st.DrawFn) -> dict[str, Any]:
        chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique_by=id)) if optional else []
        given = {field.name: draw(values(field.type)) for field in chosen}
        return {**given, **{name: draw(value) for name, value in required.items()}, **SAYING.get(type_, {})}

    return record()


@st.composite
def events(draw: st.DrawFn, type_: type[Record]) -> dict[str, Any]:
    """Return an event whose data fits its kind."""
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    return {**draw(records(type_)), "kind": kind.name, "data": draw(records(kind.data))}


@pytest.mark.parametrize("type_", sorted(NATIONAL, key=lambda type_: type_.__name__), ids=lambda type_: type_.__name__)
@settings(max_examples=20)
@given(data=st.data())
def test_every_struct_means_the_same_in_both_vocabularies_and_after_json(
    type_: type[Record], data: st.DataObject
) -> None:
    """One model, two vocabularies: nothing is lost between them, and encoding and reading again changes nothing."""
    value = data.draw(records(type_))
    assert from_national(type_, to_national(type_, value)) == value
    english = validate(value, type_)
    assert validate(to_national(type_, value), type_, names=Vocabulary.NATIONAL) == english
    assert validate(decode_json(msgspec.json.encode(english)), type_) == english


@settings(max_examples=50)
@given(events(Event))
def test_a_stored_event_survives_json_and_national_names(value: dict[str, Any]) -> None:
    """What is kept is what is delivered; the data of every kind is translated with its event."""
    event = validate(value, Event)
    assert msgspec.json.decode(encode_event(event), type=Event) == event
    assert from_national(Event, to_national(Event, value)) == value


@settings(max_examples=50)
@given(st.sampled_from(list(Vocabulary)), JSON | records(NewEvent) | events(NewEvent))
def test_whatever_comes_is_an_event_or_named_faults(names: Vocabulary, raw: object) -> None:
    """Hostile input ends in faults with places, never in another error; the list is bounded."""
    faults = refusals(lambda: read_event(raw, names=names))
    assert len(faults) <= FAULTS_LIMIT
    assert "invalid" not in {fault.code for fault in faults}


@settings(max_examples=50)
@given(st.sampled_from(list(Vocabulary)), JSON | st.fixed_dictionaries({"dossier": JSON | records(Dossier)}))
def test_whatever_comes_is_a_dossier_or_named_faults(names: Vocabulary, raw: object) -> None:
    """The same for the portal's short form."""
    assert "invalid" not in {fault.code for fault in refusals(lambda: read_dossier(raw, names=names))}


@given(st.binary(max_size=60) | JSON.map(msgspec.json.encode))
def test_any_bytes_are_json_or_a_fault_that_says_where(body: bytes) -> None:
    """A body is decoded or refused with its place."""
    assert {fault.code for fault in refusals(lambda: decode_json(body))} <= {"json", "depth"}


def refusals(read: Callable[[], object]) -> tuple[Fault, ...]:
    """Return the faults that reading ends in, none where it succeeds."""
    try:
        read()
    except Invalid as refused:
        return refused.faults
    return ()
