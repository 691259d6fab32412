"""Whatever is done to a signed message: it is refused, or Body and Timestamp are still what was signed."""

from copy import deepcopy
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.security.wsse.believing import believe
from gateway.security.wsse.canonical import canonical
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Unbelievable
from gateway.testing.secured import NOON, PARTNER, a_message, secured
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import XmlError, XmlLimits, parse

BODY, STAMP = "{*}Body", "{*}Header/{*}Security/{*}Timestamp"
HONEST = secured()
OTHER = secured(a_message("H01-26-0002"), now=NOON + timedelta(seconds=1))


def said(root):
    """Return what a signature must cover, of one message."""
    return canonical(root.find(BODY)), canonical(root.find(STAMP))


SIGNED = {said(HONEST), said(OTHER)}
EXPECTED = Expected(certificates=(PARTNER.certificate,))
NAMES = sorted({element.tag for element in HONEST.iter("*")} | {"{urn:evil}x"})
ATTRIBUTES = sorted({name for element in HONEST.iter("*") for name in element.attrib} | {"ID", "id"})
VALUES = sorted({value for element in HONEST.iter("*") for value in element.attrib.values()} | {"", "#evil"})


def swap(one, *_):
    """Put a part of another message by the same partner here."""
    foreign = OTHER.find(f".//{one.tag}")
    if foreign is not None and one.getparent() is not None:
        one.getparent().replace(one, deepcopy(foreign))


#: Ways to spoil an element, given another one, a name, an attribute and its value.
SPOIL = {
    "move": lambda one, other, *_: one in other.iterancestors() or one is other or other.append(one),
    "copy": lambda one, other, *_: other.insert(0, deepcopy(one)),
    "drop": lambda one, *_: one.getparent() is not None and one.getparent().remove(one),
    "rename": lambda one, *with_: setattr(one, "tag", with_[1]),
    "set": lambda one, *with_: one.set(*with_[2:]),
    "unset": lambda one, *with_: one.attrib.pop(with_[2], None),
    "text": lambda one, *with_: setattr(one, "text", with_[3]),
    "swap": swap,
}
#: What an attacker does: how, to which element, with which other, and with what.
ACTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(SPOIL)),
        st.integers(0, 30),
        st.integers(0, 30),
        st.sampled_from(NAMES),
        st.sampled_from(ATTRIBUTES),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200)
@given(acts=ACTS)
def test_nothing_is_believed_that_was_not_signed(acts):
    root = deepcopy(HONEST)
    for act, first, second, *details in acts:
        every = list(root.iter("*"))
        SPOIL[act](every[first % len(every)], every[second % len(every)], *details)
    try:
        root = parse(etree.tostring(root))
        believed = believe(root, EXPECTED, now=NOON, limits=XmlLimits()).envelope
    except (Unbelievable, XmlError):
        return
    assert said(believed) in SIGNED


@settings(max_examples=150)
@given(data=st.binary(max_size=400), at=st.integers(0, 6000), length=st.integers(0, 40))
def test_bytes_that_were_spoilt_end_in_a_refusal_and_in_nothing_else(data, at, length):
    raw = etree.tostring(HONEST)
    spoilt = raw[: at % len(raw)] + data + raw[at % len(raw) + length :]
    try:
        believed = believe(parse(spoilt), EXPECTED, now=NOON, limits=XmlLimits()).envelope
    except (Unbelievable, XmlError):
        return
    assert said(believed) in SIGNED


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"])),
    v=st.sampled_from(SoapVersion),
)
def test_whatever_is_said_is_still_believed_after_it_was_written_and_read(text, v):
    root = secured(a_message(text, v))
    assert believe(root, EXPECTED, now=NOON, limits=XmlLimits()).signer
    assert (root.find(BODY)[0][0].text or "") == text
