"""The SOAP door: whatever is posted, an answer that fits the WSDL or a Fault that says what to do; never our error."""

import pytest
from hypothesis import strategies as st
from lxml import etree

from gateway.ingress.soap import wsdl
from gateway.testing.books import CIVIL_STATUS

from .corpus import BAD_XML, GOOD_XML, NS, RELATED, SOAP, TEXT, Sent, package, part
from .mutation import cut, grown

SEEDS = {**GOOD_XML, **BAD_XML}
SMALL = [sent.body for sent in SEEDS.values() if len(sent.body) < 20_000]
TREES = [sent.body for sent in GOOD_XML.values() if sent.content_type != RELATED]
TYPES = [
    TEXT,
    SOAP,
    "text/xml",
    'application/soap+xml; action="a"',
    RELATED,
    "multipart/related",
    "",
    "text/xml; charset=x",
]
TOKENS = [
    b"<",
    b">",
    b"</",
    b"/>",
    b"&#0;",
    b"&lt;",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"-->",
    b"<?a?>",
    b"<!DOCTYPE a>",
    b'"',
]
TOKENS += [b"xmlns:a='u'", b"\xff\xfe", b"\xef\xbb\xbf", b"s:Body", b"\r\n--edge\r\n", b"--edge--", b"cid:1", b"\0"]


def check(doors, sent):
    before = doors.accepted()
    headers = {"Content-Type": sent.content_type, **sent.headers}
    answer = doors.post("/soap/v1/events", sent.body, headers=headers, who=CIVIL_STATUS)
    body = next(element for element in etree.fromstring(answer.body) if element.tag.endswith("}Body"))
    if answer.status == 200:
        assert wsdl.compiled().validate(body[0])
        return True
    assert answer.status == 500
    assert body[0].tag.endswith("}Fault")
    assert body[0].findtext(f".//{{{NS}}}code") != "internal"
    assert doors.accepted() in (before, 0, 1)  # nothing of it, unless a new gateway has just taken its first dossier
    return False


@pytest.mark.parametrize("name", SEEDS)
def test_every_seed_is_answered_as_it_deserves(doors, name):
    """Honest ones are taken; of the others an item may be answered with a problem, and none is our own error."""
    taken = check(doors, SEEDS[name])
    assert taken or not SEEDS[name].honest


def packages():
    roots = grown(TREES) | st.just(GOOD_XML["mtom"].body)
    whole = st.builds(lambda root, content: package(root, (part(), content)), roots, st.binary(max_size=50))
    return st.builds(lambda body: Sent(body=body, content_type=RELATED), whole)


@pytest.mark.slow
def test_no_message_breaks_the_door(doors, fuzz):
    plain = st.builds(lambda body, kind: Sent(body=body, content_type=kind), cut(SMALL, TOKENS), st.sampled_from(TYPES))
    trees = st.builds(lambda body: Sent(body=body), grown(TREES))
    fuzz("soap", plain | trees | packages(), lambda sent: check(doors, sent))
