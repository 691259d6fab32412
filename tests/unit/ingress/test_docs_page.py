"""``/docs`` draws what ``/openapi.json`` describes: its own script, run by Node in a document just large enough."""

import json
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.ingress.app import described
from tools.soap_client import NODE

SPEC = json.loads(described())
OPERATIONS = {f"{method.upper()} {path}" for path, methods in SPEC["paths"].items() for method in methods}
SCHEMAS = set(SPEC["components"]["schemas"])
WORDS = ("POST /v1/dossiers", "nop ho so", "ReceiptBody", "nothing of this kind")


@cache
def drawn() -> dict[str, Any]:
    """Return what the page shows, at first, for each word of the filter, and behind a link to a schema."""
    page = files("gateway.ingress").joinpath("docs.html").read_text(encoding="utf-8")
    asked = json.dumps({"page": page, "spec": SPEC, "words": WORDS, "hash": "#ReceiptBody"})
    script = str(Path(__file__).with_name("docs_page.js"))
    done = subprocess.run([str(NODE), script], input=asked, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_door_and_every_schema_is_drawn() -> None:
    """A description that the script cannot draw would leave one sentence in the place of the whole page."""
    assert "could not be loaded" not in drawn()["text"]
    shown = [summary.partition(" — ")[0] for summary in drawn()["summaries"]]
    assert len(shown) == len(set(shown))
    assert set(shown) == OPERATIONS | SCHEMAS


def test_every_link_leads_to_a_schema_of_the_page() -> None:
    """And there are some."""
    links = set(drawn()["links"])
    assert links
    assert links <= {f"#{name}" for name in SCHEMAS}


def test_nothing_is_drawn_as_the_page_s_own_language_writes_it() -> None:
    """Neither a mark-up of ours nor what JavaScript says of what is not there."""
    text = drawn()["text"]
    assert [word for word in ("``", "undefined", "[object") if word in text] == []


def test_the_filter_finds_doors_and_schemas_with_or_without_accents() -> None:
    """By method and path, by name, by what a door is for; and says so where nothing fits."""
    filtered = drawn()["filtered"]
    by_path = [summary.partition(" — ")[0] for summary in filtered["POST /v1/dossiers"]["summaries"]]
    assert by_path == ["POST /v1/dossiers"]
    assert "Nộp hồ sơ" in filtered["nop ho so"]["summaries"][0]
    assert filtered["ReceiptBody"]["summaries"] == ["ReceiptBody"]
    assert [found["none"] for found in filtered.values()] == [False, False, False, True]


def test_a_link_to_a_schema_opens_it_though_the_filter_hides_it() -> None:
    """Else nothing would happen at a click."""
    assert drawn()["opened"] == ["ReceiptBody", True, False]
