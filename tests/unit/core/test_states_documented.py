"""The diagram that people read is the table that the code obeys."""

import re
from pathlib import Path

from gateway.core.delivery import MOVES, State
from gateway.core.replay import RUN_MOVES, ItemState

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "relay.md"


def test_the_diagram_shows_every_move_and_no_other():
    """docs/explanation/relay.md is drawn from MOVES."""
    diagram = PAGE.read_text(encoding="utf-8").split("stateDiagram-v2")[1].split("```")[0]
    drawn = {(State(a), State(b)) for a, b in re.findall(r"^    (\w+) --> (\w+)$", diagram, re.MULTILINE)}
    assert drawn == {(state, target) for state, targets in MOVES.items() for target in targets}


def test_every_state_is_explained():
    """Each state has its row."""
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| {state} |" in page for state in State)


def test_the_diagram_of_replays_shows_every_move_and_no_other():
    """docs/explanation/replay.md is drawn from RUN_MOVES."""
    page = PAGE.with_name("replay.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", page, re.MULTILINE))
    assert drawn == {(str(state), str(target)) for state, targets in RUN_MOVES.items() for target in targets}
    assert all(f"| {state} |" in page for state in ItemState)
