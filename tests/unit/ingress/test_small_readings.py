"""File names, paths of faults, texts for XML."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.ingress.incoming_files import file_name
from gateway.ingress.plug_in.calls import Call
from gateway.ingress.soap.breaches import schema_faults
from gateway.ingress.soap.reading import place
from gateway.ingress.soap.shape import camel
from gateway.ingress.soap.writing import clean
from gateway.wire.xml import parse


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Đơn.pdf", "Đơn.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
        ("gpj.\u202efdp", "gpj.fdp"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given, kept):
    """No folder, no control or direction character, at most 255 characters."""
    assert file_name(given) == kept


@pytest.mark.parametrize(
    ("path", "kind", "element"),
    [
        ("data.source_status.code", "status.changed", "statusChanged/sourceStatus/code"),
        ("data.files[2].id", "result.issued", "resultIssued/files[3]/id"),
        ("occurred_at", "", "occurredAt"),
        ("", "status.changed", "."),
    ],
)
def test_a_faults_path_becomes_the_senders_elements(path, kind, element):
    assert place(path, kind) == element


def test_names_are_in_camel_case():
    assert camel("dossier.submitted") == "dossierSubmitted"
    assert camel("source_event_id") == "sourceEventId"


def test_text_for_xml_has_no_control_characters():
    assert clean("a\x00b\tc\x1fd") == "ab\tcd"


def test_numbers_that_are_hard_to_round_hold_up_no_plug_in_call():
    """G6: each object of a call is read by itself; msgspec alone takes ten microseconds for each such number."""
    number = b"2.2250738585072011e-308"
    body = b'{"data": [{"a": [' + b",".join([number] * 300_000) + b"]}]}"
    began = time.process_time()
    (given,) = Call(value={}, body=body).objects()
    assert time.process_time() - began < 1
    assert given.value == {"a": [float(number)] * 300_000}


def test_names_that_strangers_make_up_do_not_stay_where_a_message_is_held_against_the_schema():
    """G6: a large message is parsed in another thread, and libxml2 takes no more names in one past 100 MB of them."""
    with ThreadPoolExecutor(1) as reads, ThreadPoolExecutor(1) as judges:
        judges.submit(parse, b"<a/>").result()
        for number in range(26):
            names = (b' n%d-%d%s=""' % (number, one, b"x" * 18_500) for one in range(250))
            root = reads.submit(parse, b"<a><b" + b"".join(names) + b"/></a>").result()
            assert judges.submit(schema_faults, root[0]).result()
