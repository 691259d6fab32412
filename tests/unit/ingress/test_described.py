"""Public means documented: every door, every refusal, every word."""

import json
import re
from pathlib import Path

import pytest

from gateway.ingress.app import DOORS, described
from gateway.ingress.problems import RETRY_AFTER, STATUSES, Problem
from gateway.model.texts import CATALOGUE

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "http.md"
SPEC = json.loads(described())


@pytest.mark.parametrize("path", {door.path: None for door in DOORS})
def test_every_door_is_documented(path):
    assert path in REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("door", [door for door in DOORS if door.parameters], ids=lambda door: door.at)
def test_the_row_of_a_door_names_what_may_be_asked_with(door):
    rows = REFERENCE.read_text(encoding="utf-8").splitlines()
    row = next(line for line in rows if line.startswith(f"| `{door.method} {door.path}` |"))
    asked = {parameter.name for parameter in door.parameters if parameter.place == "query"}
    assert asked <= set(re.findall(r"(\w+)=", row))


@pytest.mark.parametrize("code", STATUSES)
def test_every_refusal_has_words_and_is_documented(code):
    """In both languages, with what to do; its row in the reference names its status."""
    for language in ("vi", "en"):
        assert Problem(code).title(language) == getattr(CATALOGUE[f"problem.{code}"], language)
        assert Problem(code).detail(language) != f"problem.{code}.detail"
    assert re.search(rf"\| {STATUSES[code]} \| `{re.escape(code)}` \|", REFERENCE.read_text(encoding="utf-8"))


def test_no_words_are_kept_for_a_refusal_that_nobody_gives():
    """But for a SOAP operation that there is not: it is refused by a fault, which has no HTTP status of its own."""
    named = {name.removeprefix("problem.") for name in CATALOGUE if name.startswith("problem.")}
    assert named - {f"{code}{part}" for code in STATUSES for part in ("", ".detail")} == {
        "soap.operation",
        "soap.operation.detail",
    }


def codes(method, path):
    said = SPEC["paths"][path][method]["responses"].values()
    return {code for answer in said for code in answer["description"].split(", ") if code in STATUSES}


def test_a_refusal_is_described_at_the_doors_that_can_give_it_and_at_no_other():
    """Each at one at least, but for what no door says, or the plug-in door and SOAP in words of their own."""
    told = {code for path, methods in SPEC["paths"].items() for method in methods for code in codes(method, path)}
    elsewhere = {"login", "session", "service", "security"}
    named = {code for code in STATUSES if code.partition(".")[0] in elsewhere}
    assert set(STATUSES) - told == named | {"method.not_allowed", "encoding.unreadable"}
    assert {"dossier.exists", "codes.conflict", "idempotency.conflict"} <= codes("post", "/v1/dossiers")
    assert not {code for code in codes("post", "/v1/dossiers") if code.startswith(("proposal.", "security."))}
    assert "dossier.exists" not in codes("get", "/v1/dossiers/{code}")
    assert "dossier.ambiguous" in codes("put", "/v1/dossiers/{code}")
    assert not {
        code for code in codes("post", "/v1/ops/replays/{id}/pause") if code.startswith(("proposal.", "system."))
    }


def test_what_may_be_sent_again_says_when():
    assert set(RETRY_AFTER) <= set(STATUSES)
    assert {status for status in STATUSES.values() if status > 500} == {502, 503, 504}
    assert all(code in RETRY_AFTER for code, status in STATUSES.items() if status == 503)


def test_every_reference_in_the_description_resolves():
    """OpenAPI 3.1 from the structs themselves."""
    assert SPEC["openapi"] == "3.1.0"
    names = set(re.findall(r'#/components/schemas/([^"]+)"', described().decode()))
    assert names <= set(SPEC["components"]["schemas"])
    assert {"NewDossier", "Event", "ReceiptBody", "ProblemBody", "StatusChange"} <= set(SPEC["components"]["schemas"])


def test_the_page_loads_nothing_from_outside():
    page = (Path(__file__).parents[3] / "gateway" / "ingress" / "docs.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "innerHTML" not in page
