"""Whoever moves, repeats, weakens or wraps what was signed is refused."""

import base64
import hashlib
import hmac
import tracemalloc
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from gateway.security.certificates import read_key_pair
from gateway.security.wsse.believing import believe
from gateway.security.wsse.canonical import canonical
from gateway.security.wsse.names import DS, EXC_C14N, WSSE, WSU, ds, wsse, wsu
from gateway.security.wsse.policy import Expected, Sending, Signing
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.testing.certificates import certified
from gateway.testing.secured import NOON, PARTNER, SIGNED, a_message, secured
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import XmlLimits, parse

SOAP = SoapVersion.V11.namespace
N = {"s": SOAP, "e": WSSE, "u": WSU, "d": DS}
EXPECTED = Expected(certificates=(PARTNER.certificate,))
STRANGER = read_key_pair(certified("stranger")[0])


def at(root, path):
    return root.xpath(path, namespaces=N)[0]


def refusal(root, expected=EXPECTED, **at):
    with pytest.raises(Unbelievable) as refused:
        believe(root, expected, now=at.get("now", NOON), limits=XmlLimits())
    return refused.value.breach


def evil_body(root, identifier=None):
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    etree.SubElement(body, "{urn:invented:register}ping").text = "evil"
    if identifier:
        body.set(wsu("Id"), identifier)
    return body


def test_an_honest_message_is_believed():
    root = secured()
    assert believe(root, EXPECTED, now=NOON, limits=XmlLimits()).envelope is root


@pytest.mark.parametrize("where", ["s:Header", "s:Header/e:Security", "s:Header/e:Security/d:Signature"])
@pytest.mark.parametrize("takes_the_id", ["none", "same", "other"])
def test_a_body_that_was_moved_away_covers_no_other(where, takes_the_id):
    """XML signature wrapping: the signed Body stands somewhere, and another in its place."""
    root = secured()
    body = at(root, "s:Body")
    wrapper = etree.SubElement(at(root, where), "{urn:evil}wrapper")
    wrapper.append(body)
    evil_body(root, {"none": None, "same": body.get(wsu("Id")), "other": "evil"}[takes_the_id])
    assert refusal(parse(etree.tostring(root))) in {Breach.UNSIGNED, Breach.REPEATED, Breach.MALFORMED}


@pytest.mark.parametrize("keeps_its_id", [True, False])
def test_a_timestamp_that_was_moved_away_covers_no_other(keeps_its_id):
    root = secured()
    old = at(root, "//u:Timestamp")
    new = deepcopy(old)
    etree.SubElement(at(root, "s:Header"), "{urn:evil}wrapper").append(old)
    if not keeps_its_id:
        del new.attrib[wsu("Id")]
    at(root, "s:Header/e:Security").insert(0, new)
    assert refusal(parse(etree.tostring(root))) in {Breach.UNSIGNED, Breach.REPEATED}


def test_an_id_that_anything_else_has_too_is_refused():
    for name in ("Id", "ID", "id", wsu("Id"), "{http://www.w3.org/XML/1998/namespace}id"):
        root = secured()
        at(root, "s:Body/*").set(name, at(root, "s:Body").get(wsu("Id")))
        assert refusal(root) is Breach.REPEATED


def test_ids_of_the_applications_own_document_are_its_own_affair():
    message = a_message()
    for _ in range(2):
        etree.SubElement(message.body()[0], "row", id="1")
    assert believe(secured(message), EXPECTED, now=NOON, limits=XmlLimits()).signer


def test_a_signed_document_inside_the_body_is_content():
    """An invoice with a signature of its own is nobody's proof here."""
    message = a_message()
    etree.SubElement(message.body()[0], ds("Signature"), Id="own")
    assert believe(secured(message), EXPECTED, now=NOON, limits=XmlLimits()).signer


@pytest.mark.parametrize("left", ["Body", "Timestamp"])
def test_a_signature_that_leaves_one_of_the_two_out_is_refused(left):
    """Rule of the doors: who signs a time only has said nothing."""
    root = secured()
    name = at(root, f"//*[local-name()='{left}']").get(wsu("Id"))
    reference = at(root, f"//d:Reference[@URI='#{name}']")
    reference.getparent().remove(reference)
    resign(root, PARTNER)
    assert refusal(root) is Breach.UNSIGNED


def resign(root, pair):
    """Sign SignedInfo as it stands now, with a key that may well be the partner's own."""
    value = pair.key.sign(canonical(at(root, "//d:SignedInfo")), PKCS1v15(), SHA256())
    at(root, "//d:SignatureValue").text = base64.b64encode(value).decode()


def drop(path):
    def change(root):
        found = at(root, path)
        found.getparent().remove(found)

    return change


def repeat(path):
    def change(root):
        found = at(root, path)
        copy = deepcopy(found)
        for element in copy.iter(etree.Element):
            element.attrib.pop(wsu("Id"), None)
        found.addnext(copy)

    return change


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (drop("//e:Security"), Breach.MISSING),
        (drop("s:Header"), Breach.MISSING),
        (drop("//d:Signature"), Breach.MISSING),
        (drop("//u:Timestamp"), Breach.MISSING),
        (drop("//d:KeyInfo"), Breach.MISSING),
        (drop("//d:SignatureValue"), Breach.MALFORMED),
        (drop("//u:Created"), Breach.MALFORMED),
        (drop("s:Body"), Breach.MALFORMED),
        (repeat("//e:Security"), Breach.REPEATED),
        (repeat("//d:Signature"), Breach.REPEATED),
        (repeat("//u:Timestamp"), Breach.REPEATED),
        (repeat("//u:Created"), Breach.REPEATED),
        (repeat("//d:SignedInfo"), Breach.REPEATED),
        (repeat("//d:SignatureMethod"), Breach.REPEATED),
        (repeat("s:Header"), Breach.REPEATED),
        (repeat("s:Body"), Breach.REPEATED),
        (repeat("//d:Transform"), Breach.ALGORITHM),
        (drop("//d:Transforms"), Breach.ALGORITHM),
        (lambda root: etree.SubElement(at(root, "//u:Timestamp"), "{urn:evil}Created"), Breach.MALFORMED),
    ],
)
def test_what_is_missing_or_twice_there_or_strange_is_refused(change, breach):
    root = secured()
    change(root)
    assert refusal(root) is breach


@pytest.mark.parametrize(
    ("path", "algorithm"),
    [
        ("//d:CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("//d:SignatureMethod", DS + "rsa-sha1"),
        ("//d:SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
        ("//d:DigestMethod", DS + "sha1"),
        ("//d:Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("//d:Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        ("//d:Transform", DS + "enveloped-signature"),
        ("//d:Transform", EXC_C14N + "WithComments"),
    ],
)
def test_no_algorithm_counts_but_those_allowed_whoever_signed_it(path, algorithm):
    root = secured()
    at(root, path).set("Algorithm", algorithm)
    resign(root, PARTNER)
    assert refusal(root) is Breach.ALGORITHM


def test_a_certificate_is_no_shared_secret():
    """The public key taken for the key of an HMAC, which a verifier may be talked into."""
    root = secured()
    at(root, "//d:SignatureMethod").set("Algorithm", DS + "hmac-sha1")
    value = hmac.new(PARTNER.certificate.der, canonical(at(root, "//d:SignedInfo")), hashlib.sha1).digest()
    at(root, "//d:SignatureValue").text = base64.b64encode(value).decode()
    assert refusal(root) is Breach.ALGORITHM


@pytest.mark.parametrize("uri", ["", "#", "#nobody", "http://127.0.0.1/x", "#xpointer(/)", "file:///etc/passwd"])
def test_a_reference_to_anything_else_is_refused_and_nothing_is_fetched(uri):
    root = secured()
    at(root, "//d:Reference").set("URI", uri)
    resign(root, PARTNER)
    assert refusal(root) is Breach.UNSIGNED


def test_a_stranger_who_signs_properly_is_a_stranger():
    signed = replace(SIGNED, signing=Signing(pairs=(STRANGER,)))
    assert refusal(secured(sending=signed)) is Breach.UNKNOWN_KEY
    root = secured(sending=signed)
    at(root, "//e:BinarySecurityToken").text = base64.b64encode(PARTNER.certificate.der).decode()
    assert refusal(root) is Breach.SIGNATURE


@pytest.mark.parametrize(
    "change",
    [
        lambda root: setattr(at(root, "s:Body/*/*"), "text", "H01-26-0002"),
        lambda root: at(root, "s:Body/*").set("a", "1"),
        lambda root: etree.SubElement(at(root, "s:Body"), "more"),
        lambda root: setattr(at(root, "//u:Expires"), "text", "2026-11-26T05:05:01.000Z"),
        lambda root: setattr(at(root, "//d:DigestValue"), "text", base64.b64encode(b"0" * 32).decode()),
        lambda root: setattr(at(root, "//d:SignatureValue"), "text", base64.b64encode(b"0" * 256).decode()),
        lambda root: setattr(at(root, "//d:SignatureValue"), "text", ""),
    ],
)
def test_what_was_changed_does_not_fit(change):
    root = secured()
    change(root)
    assert refusal(root) is Breach.SIGNATURE


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-11-26T05:00:00", "2026-11-26", "", "2026-11-26T24:61:00Z", "9999-12-31T23:59:59-23:59"]
)
def test_a_time_that_is_none_or_has_no_zone_is_refused(text):
    root = secured(sending=Sending(timestamp=timedelta(minutes=5)))
    at(root, "//u:Created").text = text
    assert refusal(root, Expected(timestamp=True)) in {Breach.MALFORMED, Breach.EARLY}


def test_what_its_sender_says_has_expired_is_refused_though_it_is_new():
    """It may give itself less time than we would; an end before its beginning is none."""
    root = secured(sending=replace(SIGNED, timestamp=timedelta(minutes=1)))
    assert refusal(root, now=NOON + timedelta(seconds=120)) is Breach.EXPIRED
    at(root, "//u:Expires").text = "2026-01-01T00:00:00Z"
    assert refusal(root) is Breach.MALFORMED


def test_a_certificate_that_has_ended_or_not_begun_signs_nothing():
    for begins, ends in ((-20, -10), (10, 20)):
        dates = {"begins": NOON + timedelta(days=begins), "ends": NOON + timedelta(days=ends)}
        pair = read_key_pair(certified("dated", **dates)[0])
        root = secured(sending=replace(SIGNED, signing=Signing(pairs=(PARTNER,))))
        token = at(root, "//e:BinarySecurityToken")
        token.text = base64.b64encode(pair.certificate.der).decode()
        resign(root, pair)
        assert refusal(root, Expected(certificates=(pair.certificate,))) is Breach.CERTIFICATE


def test_namespaces_cannot_be_made_to_multiply_without_bound():
    """One long namespace that 100 000 elements would each be written with again: only a pinned key gets so far."""
    message = a_message()
    holder = etree.SubElement(message.body()[0], "holder", nsmap={"long": "urn:" + "x" * 100_000})
    for _ in range(2_000):
        etree.SubElement(holder, f"{{{holder.nsmap['long']}}}a")
    root = message.envelope
    with pytest.raises(Unbelievable):
        secured(message)
    assert etree.iselement(root)


def test_too_much_to_look_at_is_refused_before_it_is_looked_at():
    root = secured()
    info = at(root, "//d:SignedInfo")
    for _ in range(10):
        info.append(deepcopy(at(root, "//d:Reference")))
    assert refusal(root) is Breach.MALFORMED
    root = secured()
    kept = etree.SubElement(at(root, "//d:CanonicalizationMethod"), f"{{{EXC_C14N}}}InclusiveNamespaces")
    kept.set("PrefixList", " ".join(f"p{number}" for number in range(101)))
    assert refusal(root) is Breach.MALFORMED
    root = secured()
    at(root, "//e:BinarySecurityToken").text = "A" * 20_000
    assert refusal(root) is Breach.MALFORMED


def test_a_list_of_prefixes_costs_no_more_memory_than_it_is_long():
    """G6: whoever knows nothing but the path had 430 MB taken by a message of 15 MB: a text for each word of a list."""
    root = secured()
    kept = etree.SubElement(at(root, "//d:Reference/d:Transforms/d:Transform"), f"{{{EXC_C14N}}}InclusiveNamespaces")
    kept.set("PrefixList", "ab " * 1_000_000)
    tracemalloc.start()
    assert refusal(root) is Breach.MALFORMED
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def key_info(inside, pair=PARTNER):
    """Return a message whose signature names its key so; no signature covers that."""
    root, one = secured(), pair.certificate
    facts = {"der": base64.b64encode(one.der).decode(), "ski": base64.b64encode(one.key_identifier).decode()}
    place = at(root, "//d:KeyInfo")
    place[:] = etree.fromstring(f'<x xmlns:d="{DS}" xmlns:e="{WSSE}">{inside.format(**facts)}</x>')
    return root


EMBEDDED = "<e:Embedded><e:BinarySecurityToken>{der}</e:BinarySecurityToken></e:Embedded>"


@pytest.mark.parametrize(
    "inside",
    [
        "<d:X509Data><d:X509SubjectName/><d:X509SKI>{ski}</d:X509SKI></d:X509Data>",
        "<d:X509Data><d:X509Certificate>{der}</d:X509Certificate></d:X509Data>",
        f"<e:SecurityTokenReference>{EMBEDDED}</e:SecurityTokenReference>",
    ],
)
def test_whichever_way_it_is_named_a_key_is_one_that_we_know(inside):
    root = key_info(inside)
    assert believe(root, EXPECTED, now=NOON, limits=XmlLimits()).envelope is root
    assert refusal(key_info(inside, STRANGER)) is Breach.UNKNOWN_KEY


@pytest.mark.parametrize(
    "inside",
    [
        "<d:X509Data/>",
        "<d:X509Data><d:X509IssuerSerial/></d:X509Data>",
        "<d:X509Data><d:X509IssuerSerial><d:X509SerialNumber>-1</d:X509SerialNumber></d:X509IssuerSerial></d:X509Data>",
        "<d:X509Data/><d:X509Data/>",
        '<e:SecurityTokenReference><e:KeyIdentifier ValueType="urn:mine"/></e:SecurityTokenReference>',
    ],
)
def test_what_names_no_key_is_refused(inside):
    assert refusal(key_info(inside)) is Breach.MALFORMED


def test_a_reference_to_a_token_elsewhere_in_the_message_picks_nothing():
    root = secured()
    token = at(root, "//e:BinarySecurityToken")
    at(root, "s:Header").append(token)
    assert refusal(root) is Breach.MALFORMED
    assert token.tag == wsse("BinarySecurityToken")
