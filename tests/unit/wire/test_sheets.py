"""The rows of a table: each where people see it."""

import pytest

from gateway.wire.sheets import BadSheet, read_rows

from .test_partner_lists import xlsx


def numbered(data: bytes) -> dict[int, list[str]]:
    return {number: list(row) for number, row in enumerate(read_rows(data), start=1) if row}


def test_a_row_has_the_number_that_people_see_beside_it_whatever_stands_empty_above():
    """What is wrong is told by it: a hundred rows further down it would be another dossier's."""
    assert numbered(b"\nMA\n\n,\nH01-1\n\n") == {2: ["MA"], 5: ["H01-1"]}
    rows = '<row r="2"><c r="A2"><v>1</v></c></row><row r="4"><c r="A4"/></row><row r="7"><c r="A7"><v>2</v></c></row>'
    assert numbered(xlsx(rows)) == {2: ["1"], 7: ["2"]}


def test_rows_that_say_no_number_follow_one_another():
    rows = '<row r="3"><c><v>1</v></c></row><row><c><v>2</v></c></row><row r="x"><c><v>3</v></c></row>'
    assert numbered(xlsx(f'{rows}<row r="1"><c><v>4</v></c></row>')) == {3: ["1"], 4: ["2"], 5: ["3"], 6: ["4"]}


@pytest.mark.parametrize(
    "data",
    [
        xlsx('<row r="1048577"><c><v>1</v></c></row>'),
        xlsx('<row r="999999999"><c><v>1</v></c></row>'),
        b"\n" * 1_048_576 + b"1\n",
    ],
)
def test_a_row_beyond_those_of_every_spreadsheet_takes_no_memory(data: bytes):
    with pytest.raises(BadSheet, match="split"):
        read_rows(data)
