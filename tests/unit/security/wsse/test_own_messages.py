"""What we write is what the other side's rules ask for."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from lxml import etree

from gateway.ports.secrets import Secret
from gateway.security.certificates import CertificateUnfit, read_certificates, read_key_pair
from gateway.security.wsse.believing import believe
from gateway.security.wsse.names import PASSWORD_TEXT, SECURITY, WSA, WSSE, WSU, ds, wsu
from gateway.security.wsse.policy import Expected, Sending, Signing
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.security.wsse.signing import NoValidKey
from gateway.security.wsse.usernames import Account, Login
from gateway.testing.certificates import certified
from gateway.testing.secured import NOON, PARTNER, SIGNED, Counter, a_message, secured
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import XmlLimits

N = {"e": WSSE, "u": WSU, "d": ds("")[1:-1], "a": WSA}
ELLIPTIC = read_key_pair(certified("elliptic", kind="ec")[0])
P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  #: how many points the curve has
LOGIN = Login(user="tỉnh", password=Secret("mật khẩu"))
ACCOUNT = Account(user="tỉnh", passwords=(Secret("mật khẩu"),), kinds=frozenset({"text", "digest"}))


def read(root, expected, now=NOON):
    return believe(root, expected, now=now, limits=XmlLimits())


def with_keys(*pairs, **more):
    return replace(SIGNED, signing=Signing(pairs=pairs, **more))


@pytest.mark.parametrize("version", SoapVersion)
@pytest.mark.parametrize("pair", [PARTNER, ELLIPTIC], ids=["rsa", "elliptic"])
def test_what_we_sign_is_believed_in_both_versions_with_both_kinds_of_keys(version, pair):
    root = secured(a_message(version=version), with_keys(pair))
    assert read(root, Expected(certificates=(pair.certificate,))).signer == pair.certificate.name
    assert root.find(f"*/{SECURITY}").get(version.tag("mustUnderstand")) == "1"


@pytest.mark.parametrize("name", ["rsa-sha256", "rsa-sha384", "rsa-sha512"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_every_algorithm_that_we_may_be_told_to_use_is_one_that_we_believe(name, digest):
    root = secured(sending=with_keys(PARTNER, algorithm=name, digest=digest))
    assert read(root, Expected(certificates=(PARTNER.certificate,))).signer


def test_nothing_is_written_where_nothing_was_agreed():
    assert secured(sending=Sending()).find(f".//{SECURITY}") is None


def test_the_new_key_signs_from_the_day_on_which_it_is_valid():
    """Both are in the file: nobody has to be awake at midnight."""
    old = read_key_pair(certified("old", ends=NOON + timedelta(days=2))[0])
    new = read_key_pair(certified("new", begins=NOON + timedelta(days=1))[0])
    expected = Expected(certificates=(old.certificate, new.certificate))
    for days, pair in ((0, old), (1, new), (3, new)):
        now = NOON + timedelta(days=days)
        root = secured(sending=with_keys(new, old), now=now)
        assert read(root, expected, now).signer == pair.certificate.name


def test_without_a_valid_key_nothing_is_signed():
    ended = read_key_pair(certified("ended", ends=NOON - timedelta(days=1))[0])
    with pytest.raises(NoValidKey):
        secured(sending=with_keys(ended))


@pytest.mark.parametrize("kind", ["text", "digest"])
def test_a_name_with_its_password(kind):
    root = secured(sending=Sending(login=replace(LOGIN, kind=kind), timestamp=timedelta(minutes=5)))
    assert read(root, Expected(account=ACCOUNT, timestamp=True)).envelope is root
    shown = root.find(".//e:Password", N)
    assert (shown.text == "mật khẩu") is (kind == "text")
    assert (shown.get("Type") == PASSWORD_TEXT) is (kind == "text")


def test_no_two_messages_have_the_same_nonce_or_the_same_proof():
    random, expected = Counter(), Expected(account=ACCOUNT)
    seen = {read(secured(sending=Sending(login=LOGIN), random=random), expected).once.token for _ in range(3)}
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("path", "change", "breach"),
    [
        ("//e:Nonce", lambda shown: shown.getparent().remove(shown), Breach.MISSING),
        ("//e:UsernameToken/u:Created", lambda shown: shown.getparent().remove(shown), Breach.MISSING),
        ("//e:UsernameToken", lambda shown: shown.getparent().remove(shown), Breach.MISSING),
        ("//e:Nonce", lambda shown: shown.set("EncodingType", "urn:mine"), Breach.MALFORMED),
        ("//e:Nonce", lambda shown: setattr(shown, "text", ""), Breach.MALFORMED),
    ],
)
def test_a_digest_without_a_nonce_and_its_time_proves_nothing(path, change, breach):
    root = secured(sending=Sending(login=LOGIN))
    change(root.xpath(path, namespaces=N)[0])
    with pytest.raises(Unbelievable) as refused:
        read(root, Expected(account=ACCOUNT))
    assert refused.value.breach is breach


def test_a_nonce_belongs_to_the_body_that_it_came_with():
    """Whoever has seen one and puts another body below it is found out by what is kept of the first."""
    expected = Expected(account=ACCOUNT)
    first, other = (read(secured(a_message(text), Sending(login=LOGIN)), expected).once for text in ("1", "2"))
    assert first.token == other.token
    assert first.content != other.content


def test_a_signature_is_used_up_however_its_value_is_written():
    """G7: of (r, s) on a curve anybody makes (r, n - s), which holds as well: a message could be shown twice."""
    root = secured(sending=with_keys(ELLIPTIC))
    expected = Expected(certificates=(ELLIPTIC.certificate,))
    once = read(root, expected).once
    (value,) = root.xpath("//d:SignatureValue", namespaces=N)
    octets = base64.b64decode(value.text)
    turned = octets[:32] + (P256 - int.from_bytes(octets[32:])).to_bytes(32)
    value.text = base64.b64encode(turned).decode()
    assert read(root, expected).once == once


@pytest.mark.parametrize("blank", [" ", "\n", "\t"])
def test_a_blank_at_the_end_of_a_nonce_is_no_part_of_the_time(blank):
    """The digest mixes both one after the other: moved over, it would be another nonce with the same proof."""
    nonce = b"fifteen octets." + blank.encode()
    root = secured(sending=Sending(login=LOGIN), random=lambda size: nonce if size == 16 else bytes(size))
    (shown,), (created,) = (root.xpath(path, namespaces=N) for path in ("//e:Nonce", "//e:UsernameToken/u:Created"))
    expected = Expected(account=ACCOUNT)
    assert read(root, expected).once
    created.text = f"\n  {created.text}\n"
    assert read(root, expected).once, "a document may be set out in lines"
    shown.text, created.text = base64.b64encode(nonce[:-1]).decode(), blank + created.text.strip()
    with pytest.raises(Unbelievable) as refused:
        read(root, expected)
    assert refused.value.breach is Breach.CREDENTIALS


def test_addressing_and_tokens_are_signed_along_where_that_was_agreed():
    message = a_message()
    for name in ("Action", "MessageID"):
        etree.SubElement(message.header(), f"{{{WSA}}}{name}").text = "urn:x"
    sending = replace(with_keys(PARTNER, also=("addressing", "username", "token")), login=LOGIN)
    root = secured(message, sending)
    expected = Expected(certificates=(PARTNER.certificate,), account=ACCOUNT)
    assert read(root, expected).signer
    assert len(root.findall(".//d:Reference", N)) == 6
    root.find(".//a:MessageID", N).text = "urn:y"
    with pytest.raises(Unbelievable) as refused:
        read(root, expected)
    assert refused.value.breach is Breach.SIGNATURE


def test_ids_of_one_message_differ_from_those_of_the_next():
    random = Counter()
    first, second = (secured(random=random).xpath("//@u:Id", namespaces=N) for _ in range(2))
    assert len({*first, *second}) == len(first) + len(second)


def test_a_certificate_says_until_when_it_counts():
    pinned = read_certificates(certified("dated", ends=NOON + timedelta(days=1))[1])[0]
    assert pinned.is_valid(NOON)
    assert not pinned.is_valid(NOON + timedelta(days=2))
    assert pinned.subject == "CN=dated"


def of_an_unknown_curve(pem):
    """Return a certificate, or a key, that names a curve that nobody has."""
    first, *lines, last = pem.splitlines()
    der = base64.b64decode(b"".join(lines)).replace(
        bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f")
    )
    return b"\n".join((first, base64.b64encode(der), last))


def key_of(pem):
    return pem.partition(b"-----BEGIN CERT")[0]


def behind_a_password(pem):
    key = load_pem_private_key(pem, password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "no certificate"),
        (of_an_unknown_curve(certified("elliptic", kind="ec")[1]), "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no certificate"),
        (certified("weak", bits=1024)[1], "1024 bits"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_named_with_the_remedy(pem, problem):
    with pytest.raises(CertificateUnfit, match=problem):
        read_certificates(pem)


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (certified("partner")[1], "no private key"),
        (key_of(certified("partner")[0]) + certified("other")[1], "belongs to"),
        (of_an_unknown_curve(key_of(certified("elliptic", kind="ec")[0])), "no private key"),
        (behind_a_password(certified("partner")[0]), "no private key"),
        (certified("partner")[0][:1200], "no private key"),
    ],
)
def test_a_key_pair_that_is_none_is_named_with_the_remedy(pem, problem):
    with pytest.raises(CertificateUnfit, match=problem) as told:
        read_key_pair(pem)
    assert "PRIVATE KEY-----" not in str(told.value)


def test_keys_and_passwords_cannot_print_themselves():
    assert "mật khẩu" not in repr(LOGIN) + repr(ACCOUNT) + repr(SIGNED)
    assert "key=" not in repr(PARTNER)


def test_ids_that_a_message_has_already_are_kept():
    message = a_message()
    message.body().set(wsu("Id"), "mine")
    root = secured(message)
    assert read(root, Expected(certificates=(PARTNER.certificate,))).signer
    assert root.xpath("//d:Reference[@URI='#mine']", namespaces=N)
