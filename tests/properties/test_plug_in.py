"""Whatever stands in an object of the plug-in protocol: an event, or faults in the sender's names; never an error."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress.plug_in import statements
from gateway.ingress.plug_in.objects import DOSSIER, PROGRESS, STATUS, Rows
from gateway.ingress.plug_in.statements import Given
from gateway.intake.results import Faulty


def names_of(columns):
    for column in columns:
        yield column.name
        if isinstance(column, Rows):
            yield from names_of(column.columns)


NAMES = sorted({*names_of(DOSSIER), *names_of(PROGRESS), *names_of(STATUS)})
LIKELY = st.sampled_from(
    ["", "1", "4", "11", "True", "20261126083000", "H52.12-261126-0001", "https://a.example/x", "8000"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | LIKELY
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)
OBJECTS = VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=20)
STATES = (statements.submission, statements.amendment, statements.progress, statements.status)


@given(value=OBJECTS, state=st.sampled_from(STATES))
def test_every_object_is_read_or_refused(value, state):
    """A fault names a place that the sender knows: the object, or a field of the protocol in it."""
    read = state(Given(value=value, raw=b"{}", at="data[0]", unit="H52"))
    faults = read.faults if isinstance(read, Faulty) else ()
    assert not isinstance(read, Faulty) or faults
    for fault in faults:
        below = fault.path.removeprefix("data[0]").lstrip(".")
        assert all(name.partition("[")[0] in NAMES for name in below.split(".") if name), fault.path


@given(value=st.dictionaries(st.sampled_from(NAMES), LIKELY | st.text(max_size=30), max_size=20))
def test_the_same_object_is_the_same_event(value):
    """G7: nothing of the reading depends on when, or how often, it is done."""
    one, other = (
        statements.progress(Given(value=json.loads(json.dumps(value)), raw=b"{}", at="data[0]", unit="H52"))
        for _ in range(2)
    )
    assert one == other
