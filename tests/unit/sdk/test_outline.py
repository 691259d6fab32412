"""Requests as fields by their place: what they say, not how they are written."""

import time

import pytest

from gateway.core.message import Blob
from gateway.core.whatif import ADDRESS, BYTES
from gateway.sdk.bodies import AS_FORM, AS_JSON, AS_MULTIPART, Xml
from gateway.sdk.enclosed import Enclosed
from gateway.sdk.outline import fields_of
from gateway.sdk.request import Outgoing
from gateway.testing.blobs import MemoryBlobs

URL = "http://127.0.0.1:9/ho-so"
DOCUMENT = {"ma": "H01", "chu": {"ten": "Mẫu", "tuoi": 5}, "tep": [{"ten": "a"}, {"ten": "b"}]}
FLAT = {"ma": "H01", "chu.ten": "Mẫu", "chu.tuoi": "5", "tep[0].ten": "a", "tep[1].ten": "b"}
ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><an>1</an></s:Header>
<s:Body><g:gui xmlns:g="urn:mau" lan="1"><g:ma>H01</g:ma><g:tep>a</g:tep><g:tep>b</g:tep></g:gui></s:Body>
</s:Envelope>"""


def fields(**parts: object) -> dict[str, str]:
    found = dict(fields_of(Outgoing(url=URL, **parts)))  # type: ignore[arg-type]  # fields by name
    assert found.pop(ADDRESS) == f"POST {URL}"
    assert found.pop(BYTES)
    return found


@pytest.mark.parametrize("encoding", [AS_JSON, AS_FORM, AS_MULTIPART, Xml(root="hoSo")])
def test_a_document_is_its_fields_however_it_is_written(encoding):
    assert fields(document=DOCUMENT, encoding=encoding) == FLAT


def test_a_document_inside_a_text_is_looked_into():
    """Several ministries want JSON or XML as a text in JSON or XML."""
    assert fields(document={"data": '{"ma": "H01", "rong": [], "so": 1}'}) == {
        "data.ma": "H01",
        "data.rong": "[]",
        "data.so": "1",
    }
    assert fields(document={"data": "<hoSo><ma>H01</ma></hoSo>"}) == {"data.hoSo.ma": "H01"}
    assert fields(document={"data": "<hoSo><ma>"}) == {"data": "<hoSo><ma>"}
    assert fields(document={"data": "{ma}"}) == {"data": "{ma}"}


def test_an_envelope_is_its_body():
    """What is in the header proves and addresses; it is no part of what a mapping says."""
    assert fields(body=ENVELOPE.encode()) == {"gui@lan": "1", "gui.ma": "H01", "gui.tep[0]": "a", "gui.tep[1]": "b"}
    package = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n" + ENVELOPE.encode() + b"\r\n--b\r\n\r\nfile\r\n--b--"
    assert fields(body=package)["gui.ma"] == "H01"


def test_what_is_no_document_is_its_lines():
    assert fields(body="một\nhai".encode()) == {"[line 1]": "một", "[line 2]": "hai"}
    assert fields(body=b"") == {}


@pytest.mark.parametrize("encoding", [AS_JSON, AS_MULTIPART])
def test_a_file_and_a_long_text_are_their_digests(encoding):
    blobs = MemoryBlobs()
    blob: Blob = blobs.hold(b"%PDF", name="a.pdf")
    found = fields(document={"tep": Enclosed(blob, blobs), "dai": "x" * 3000}, encoding=encoding)
    assert found["tep"] == f"sha256:{blob.sha256}"
    assert found["dai"].startswith("sha256:")


def test_a_number_and_its_text_read_alike_and_are_known_apart():
    one, other = (fields_of(Outgoing(url=URL, document={"so": value})) for value in (1, "1"))
    assert one["so"] == other["so"]
    assert one[BYTES] != other[BYTES]


def test_numbers_that_are_hard_to_round_hold_no_outline_up():
    """G6: a text of a message may be a document of three hundred thousand of them."""
    text = "[" + ",".join(["8.98846567431158e307"] * 300_000) + "]"
    began = time.process_time()
    assert fields(document={"data": text})["data[0]"] == "8.98846567431158e+307"
    assert time.process_time() - began < 1


def test_a_text_of_more_values_than_are_read_is_no_document():
    """As at the doors: it stands there as its digest."""
    assert set(fields(document={"data": "[" + "0," * 500_000 + "0]"})) == {"data"}
