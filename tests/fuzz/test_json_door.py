"""The JSON doors: whatever is posted, a receipt or a problem that says what to do; never our own error."""

import json

import pytest
from hypothesis import strategies as st

from gateway.ingress.problems import STATUSES
from gateway.testing.books import CIVIL_STATUS, PORTAL

from .corpus import BAD_JSON, GOOD_JSON
from .mutation import cut, replaced

PATHS = ["/v1/dossiers", "/v1/events"]
DOCUMENTS = [document for _, document in GOOD_JSON.values()]
BYTES = [json.dumps(document, ensure_ascii=False).encode() for document in DOCUMENTS] + list(BAD_JSON.values())
SMALL = [body for body in BYTES if len(body) < 20_000]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b'"',
    b"\\",
    rb"\u0000",
    rb"\ud800",
    b"null",
    b"NaN",
    b"1e999",
    b"\xff",
    b"-0",
]


def check(doors, path, body, who=PORTAL):
    answer = doors.post(path, body, headers={"Content-Type": "application/json"}, who=who)
    said = json.loads(answer.body)
    if answer.status < 300:
        return True
    assert said["detail"], said
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert said["code"] in STATUSES
    assert answer.status == STATUSES[said["code"]]
    assert answer.status < 500
    return False


@pytest.mark.parametrize("name", GOOD_JSON)
def test_every_honest_seed_is_taken(doors, name):
    path, document = GOOD_JSON[name]
    assert check(doors, path, json.dumps(document).encode(), CIVIL_STATUS if name == "status" else PORTAL)


@pytest.mark.parametrize("name", BAD_JSON)
@pytest.mark.parametrize("path", PATHS)
def test_every_bad_seed_is_refused(doors, path, name):
    assert not check(doors, path, BAD_JSON[name])


@pytest.mark.slow
def test_no_document_breaks_the_doors(doors, fuzz):
    bodies = cut(SMALL, TOKENS) | replaced(DOCUMENTS)
    inputs = st.tuples(st.sampled_from(PATHS), bodies, st.sampled_from([PORTAL, CIVIL_STATUS]))
    fuzz("json", inputs, lambda found: check(doors, *found))
