"""Unicode's normal forms: what Python makes of every text, without the texts that take it minutes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.composing import composed, decomposed, is_composed, pieces

ACUTE, DOT_BELOW = "\u0301", "\u0323"
#: Letters with and without marks, marks of several classes, signs that come apart into marks, Hangul, no marks.
SIGNS = "aệḿ\u0301\u0323\u0307\u0345\u05b0\u0f71\u0f73\u0344\u1fa7\u1100\u1161가…—"


@given(
    st.lists(st.tuples(st.text(SIGNS, max_size=6), st.sampled_from((1, 40)))).map(
        lambda parts: "".join(t * n for t, n in parts)
    )
)
def test_every_text_becomes_what_python_makes_of_it(text):
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert decomposed(text) == unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("letter", ["e\u0323\u0302", "ê\u0323", "ệ ", "\u1100\u1161\u11a8", "\u0915\u093c", "가\u11a8"])
def test_a_long_text_is_composed_as_a_whole_though_it_goes_piece_by_piece(letter, before):
    """No letter is cut from its marks, no vowel of Hangul from what it stands behind."""
    text = "a" * before + letter * 20_000
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert is_composed(text) is unicodedata.is_normalized("NFC", text)
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize("letter", ["e\u0323\u0302", "ê\u0323", "đ\u0300"])
def test_a_text_of_letters_and_marks_apart_goes_in_pieces_that_hold_nothing_up(letter):
    """G6: 8 MB in windows-1258, or as some systems of Apple's write, took a second in which nothing else ran."""
    assert max(map(len, pieces(letter * 100_000))) < 17_000


@pytest.mark.parametrize("marks", [ACUTE * 100_000 + DOT_BELOW * 100_000, "\u0f73" * 100_000], ids=["two", "four"])
def test_marks_without_end_take_no_longer_than_their_number(marks):
    """G6: a dossier's field and a partner's reply may hold them; Python alone needs minutes, and stops everything."""
    assert composed(f"o{marks}").startswith(("ọ", "o\u0f71"))
    assert len(decomposed(marks)) == 200_000
