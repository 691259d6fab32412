"""A partner's own form in parts: whatever is posted, the partner's reply or a problem; never our own error."""

import json

import pytest
from hypothesis import strategies as st

from gateway.ingress.problems import STATUSES
from gateway.testing.books import CIVIL_STATUS
from tests.forms import DECLARED, field, file, form
from tests.integration.test_doors.test_callback_forms import FIELDS

from .mutation import cut

PATHS = ["kq", "goi", "trangthai"]
SEEDS = [
    form(*FIELDS, file("tep", b"%PDF-1.7\r\n")),
    form(file("tep", b"anh", "=?utf-8?B?S+G6v3QucG5n?=", "image/png"), *FIELDS),
    form(field("du_lieu", '{"ma": "H01-1"}', "Content-Type: application/json"), FIELDS[2]),
    form(field("ma", "H01-1", "Content-Transfer-Encoding: quoted-printable"), field("trang_thai", "4")),
]
TOKENS = [
    b"\r\n",
    b"--edge",
    b"\r\n--edge\r\n",
    b"\r\n--edge--\r\n",
    b"\r\n\r\n",
    b'; name="ma"',
    b"; filename*=utf-8''%E1%BA%BF",
    b'; filename=""',
    b'; filename="=?utf-8?q?=C3?="',
    b"Content-Type: text/plain; charset=windows-1258\r\n",
    b"Content-Type: multipart/mixed; boundary=in\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"\xff",
    b"\0",
    b'"',
    b"\\",
]


def check(doors, path, body):
    answer = doors.post(f"/callbacks/{CIVIL_STATUS}/{path}", body, headers={"Content-Type": DECLARED}, who=CIVIL_STATUS)
    said = json.loads(answer.body)
    if answer.headers["Content-Type"] == "application/problem+json":
        assert answer.status == STATUSES[said["code"]]
    assert answer.status < 500
    return answer.status == 200


@pytest.mark.parametrize(("path", "number"), [("kq", 0), ("kq", 1), ("goi", 2), ("trangthai", 3)])
def test_every_honest_seed_is_taken(doors, path, number):
    assert check(doors, path, SEEDS[number])


@pytest.mark.slow
def test_no_form_breaks_the_door(doors, fuzz):
    inputs = st.tuples(st.sampled_from(PATHS), cut(SEEDS, TOKENS))
    fuzz("form", inputs, lambda found: check(doors, *found))
