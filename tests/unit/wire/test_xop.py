"""References from a document to its parts: each part once, nothing beside a reference, nothing put back inline."""

import base64

import pytest

from gateway.wire.xml import parse, to_bytes
from gateway.wire.xop import (
    XopError,
    attach_includes,
    content_id_of,
    detach,
    reference_to,
)

XOP = 'xmlns:x="http://www.w3.org/2004/08/xop/include"'


def document(*contents):
    return parse(f"<a {XOP}>{''.join(f'<f>{content}</f>' for content in contents)}</a>".encode())


def test_an_include_becomes_a_marker_that_fits_the_schema():
    """The marker is base64, and no two are alike."""
    root = document('<x:Include href="cid:1"/>', ' <x:Include href="cid:2%40host"/>\n', "plain")
    found = detach(root)
    texts = [element.text for element in root]
    assert [found[text] for text in texts[:2]] == ["1", "2@host"]
    assert all(base64.b64decode(text, validate=True) for text in found)
    assert texts[2] == "plain"
    assert b"Include" not in to_bytes(root)


@pytest.mark.parametrize(
    ("contents", "problem"),
    [
        (['<x:Include href="cid:1"/>'] * 2, "twice"),
        (['<x:Include href="cid:%31"/>', '<x:Include href="cid:1"/>'], "twice"),
        (['<x:Include href="cid:1"/><x:Include href="cid:2"/>'], "only child"),
        (['<x:Include href="cid:1"/><b/>'], "only child"),
        (['text<x:Include href="cid:1"/>'], "only child"),
        (['<x:Include href="cid:1"/>text'], "only child"),
        (['<x:Include href="cid:1"><x:Include href="cid:2"/></x:Include>'], "not empty"),
        (['<x:Include href="cid:1">text</x:Include>'], "not empty"),
        (["<x:Include/>"], "no href"),
        (['<x:Include href=""/>'], "no href"),
        (['<x:Include href="cid:"/>'], "no href"),
        (['<x:Include href="cid:%ff"/>'], "no href"),
        (['<x:Include href="http://ministry.example/a"/>'], "no href"),
        (['<x:Include href="file:///etc/passwd"/>'], "no href"),
        ([f'<x:Include href="cid:{"a" * 3000}"/>'], "no href"),
    ],
)
def test_refuses_references_that_cannot_be_followed(contents, problem):
    with pytest.raises(XopError, match=problem):
        detach(document(*contents))


def test_refuses_a_document_that_is_an_include():
    with pytest.raises(XopError, match="only child"):
        detach(parse(f'<x:Include {XOP} href="cid:1"/>'.encode()))


def test_many_references_take_no_longer_than_one_each():
    """100,000 includes of as many parts: refused for the parts that are missing, not after minutes of comparing."""
    root = document(*(f'<x:Include href="cid:{number}"/>' for number in range(40_000)))
    assert len(detach(root)) == 40_000


FIELD = "f"


def test_references_by_text_and_by_attribute_become_markers_too():
    """SOAP with Attachments: swaRef, and the older href, where a file is expected."""
    root = parse(b'<a><f>cid:1</f><f href="cid:2%40x"/><f> cid:3 </f><f>QUJD</f><f href="#id"/><f>cid:4<b/></f></a>')
    assert detach(root) == {}
    found = detach(root, FIELD)
    assert sorted(found.values()) == ["1", "2@x", "3"]
    assert [root[1].get("href"), root[3].text, root[4].get("href")] == [None, "QUJD", "#id"]


@pytest.mark.parametrize(
    "contents", [["cid:1", "CID:1"], ["cid:1", '<x:Include href="cid:1"/>'], ['<x:Include href="cid:%31"/>', "cid:1"]]
)
def test_refuses_a_part_that_two_elements_refer_to(contents):
    with pytest.raises(XopError, match="twice"):
        detach(document(*contents), FIELD)


def test_refuses_an_include_where_no_file_is_expected():
    with pytest.raises(XopError, match="put it into g"):
        detach(document('<x:Include href="cid:1"/>'), "{urn:x}g")


def test_content_ids_survive_a_url():
    """Whatever a Content-ID holds, its URL leads back to it."""
    for content_id in ("1@gateway", "http://tempuri.org/1", "a b%/?#é"):
        assert content_id_of(reference_to(content_id)) == content_id


def test_markers_become_includes():
    """Only where a marker is all there is."""
    root = parse(b'<a><f>bWFyaw==</f><f>bWFyaw== too</f><f b="bWFyaw=="/></a>')
    assert attach_includes(root, {"bWFyaw==": "1@gateway", "b3RoZXI=": "2"}) == {"bWFyaw=="}
    assert [root[1].text, root[2].get("b")] == ["bWFyaw== too", "bWFyaw=="]
    assert list(detach(parse(to_bytes(root))).values()) == ["1@gateway"]
