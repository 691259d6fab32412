"""G10: whatever is done to an exported file, the verifier finds it and names the first bad record."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.chain import Value, canonical
from gateway.stores.evidence import write
from tools.tamper import TAMPERINGS, Original, a_file, check, is_named, tamper

_FILE = asyncio.run(a_file())
_ORIGINAL = Original.of(_FILE)
_LINES = len(_ORIGINAL.lines)
_AT = st.integers(0, _LINES - 1)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]))
_NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
_VALUES: st.SearchStrategy[Value] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=5)
)


@settings(max_examples=200)
@given(_VALUES)
def test_the_writer_that_the_store_uses_writes_the_one_form(value: Value) -> None:
    """G10: what is chained is what a verifier computes, whichever of the two wrote it."""
    assert write(value) == canonical(value)


@pytest.mark.parametrize("character", [chr(number) for number in range(0xA1)])
def test_both_write_every_control_character_alike(character: str) -> None:
    """G10: escapes are part of the one form."""
    assert write(character) == canonical(character)


def test_a_thousand_random_tamperings_are_all_found_and_named() -> None:
    """G10: every flip, deletion, insertion and reordering."""
    ways, found, named = tamper(_FILE, 1000, seed=20261124)
    assert (found, named) == (1000, 1000)
    assert set(ways) == {way.__name__ for way in TAMPERINGS}
    assert min(ways.values()) >= 50


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 4))
def test_several_tamperings_at_once_are_found_where_they_begin(seed: int, times: int) -> None:
    """G10: two wrongs make no right."""
    chance, lines = random.Random(seed), _ORIGINAL.lines  # noqa: S311 - repeatable on purpose
    for _ in range(times):
        lines = chance.choice(TAMPERINGS)(lines, chance) if len(lines) > 1 else lines
    bad = check(lines).bad
    if lines == _ORIGINAL.lines:
        assert bad is None
    else:
        assert bad is not None
        assert is_named(_ORIGINAL, lines, bad)


@settings(max_examples=150, deadline=None)
@given(order=st.permutations(range(8)), start=st.sampled_from(_ORIGINAL.records()))
def test_no_other_order_of_records_is_sound(order: list[int], start: int) -> None:
    """G10: reordering."""
    start = min(start, _LINES - 8)
    lines = [*_ORIGINAL.lines[:start], *(_ORIGINAL.lines[start + i] for i in order), *_ORIGINAL.lines[start + 8 :]]
    bad = check(lines).bad
    assert (bad is None) == (lines == _ORIGINAL.lines)


@settings(max_examples=200, deadline=None)
@given(at=_AT, data=st.binary(max_size=60))
def test_no_line_can_be_replaced_by_bytes(at: int, data: bytes) -> None:
    """G10: nor does any make the verifier fail."""
    lines = [*_ORIGINAL.lines[:at], data + b"\n", *_ORIGINAL.lines[at + 1 :]]
    assert check(lines).bad is not None


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_no_bytes_make_the_verifier_fail(data: bytes) -> None:
    """A hostile file is a bad file, never an error."""
    assert check([data]).bad is not None


@pytest.mark.parametrize("seed", range(3))
def test_what_the_store_exports_is_sound(seed: int) -> None:
    """G10: the untouched file, so that finding everything is not finding nothing."""
    report = check([asyncio.run(a_file(seed))])
    assert report.bad is None
    assert len(report.chains) == 4
