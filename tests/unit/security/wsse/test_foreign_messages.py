"""What Apache WSS4J and npm `soap` have written is believed, or refused, as it deserves."""

import base64
import re
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1

from gateway.ports.secrets import Secret
from gateway.security.certificates import read_certificates, read_key_pair
from gateway.security.wsse.algorithms import Allowed
from gateway.security.wsse.believing import believe
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.security.wsse.usernames import Account
from gateway.testing.certificates import certified
from gateway.wire.xml import XmlLimits, parse

SAMPLES = Path(__file__).parents[3] / "samples" / "wsse"
PARTNER = read_certificates((SAMPLES / "partner.cert.pem").read_bytes())
OURS = read_key_pair((SAMPLES / "gateway.pem").read_bytes())
STRANGER = read_key_pair(certified("stranger")[0])
ACCOUNT = Account(user="register", passwords=(Secret("mật khẩu thử"),), kinds=frozenset({"text", "digest"}))
SIGNED, NAMED = Expected(certificates=PARTNER), Expected(account=ACCOUNT)
SECRET = replace(SIGNED, keys=(OURS,))
CREATED = re.compile(rb"Created>([^<]+)<")
ZERO = timedelta()


def read(name, expected, *, later=ZERO):
    data = (SAMPLES / f"{name}.xml").read_bytes()
    found = CREATED.search(data)
    now = datetime.fromisoformat((found[1] if found else b"2026-11-26T04:20:32Z").decode())
    return believe(parse(data), expected, now=now + later, limits=XmlLimits())


@pytest.mark.parametrize("kind", ["direct", "issuer-serial", "ski", "thumbprint", "embedded"])
def test_every_way_to_name_a_certificate_picks_the_pinned_one(kind):
    believed = read(f"signed-{kind}", SIGNED)
    assert believed.signer == PARTNER[0].name
    assert believed.envelope.findtext(".//{urn:invented:register}name") == "Nguyễn Văn Thử & con"


@pytest.mark.parametrize("kind", ["direct", "issuer-serial", "ski", "thumbprint", "embedded"])
def test_none_of_them_brings_a_key_along(kind):
    with pytest.raises(Unbelievable) as refused:
        read(f"signed-{kind}", Expected(certificates=(STRANGER.certificate,)))
    assert refused.value.breach is Breach.UNKNOWN_KEY


@pytest.mark.parametrize("name", ["node-signed", "node-signed-plain-id"])
def test_a_node_client_is_believed_whichever_attribute_it_calls_its_id(name):
    assert read(name, SIGNED).signer


def test_of_two_pinned_certificates_either_signs():
    """The partner changes its key: the new one is pinned beside the old one."""
    assert read("signed-direct", Expected(certificates=(STRANGER.certificate, *PARTNER))).signer == PARTNER[0].name


@pytest.mark.parametrize(
    ("name", "breach"),
    [
        ("signed-sha1", Breach.ALGORITHM),
        ("node-two-transforms", Breach.ALGORITHM),
        ("node-without-timestamp", Breach.MISSING),
        ("username-digest", Breach.MISSING),
    ],
)
def test_what_is_weak_or_half_is_refused(name, breach):
    with pytest.raises(Unbelievable) as refused:
        read(name, SIGNED)
    assert refused.value.breach is breach


def test_sha1_counts_only_for_a_partner_that_was_allowed_it():
    allowed = Allowed.of(("rsa-sha1",), ("sha1",))
    assert read("signed-sha1", replace(SIGNED, allowed=allowed)).signer


@pytest.mark.parametrize(
    ("later", "breach"),
    [(timedelta(seconds=361), Breach.EXPIRED), (timedelta(seconds=-61), Breach.EARLY)],
)
def test_what_is_too_old_or_from_the_future_is_refused(later, breach):
    for name, expected in (("signed-direct", SIGNED), ("username-digest", NAMED)):
        with pytest.raises(Unbelievable) as refused:
            read(name, expected, later=later)
        assert refused.value.breach is breach


def test_a_clock_that_is_a_little_wrong_does_no_harm():
    assert read("signed-direct", SIGNED, later=timedelta(seconds=-59)).signer
    assert read("signed-direct", SIGNED, later=timedelta(seconds=359)).signer


@pytest.mark.parametrize("name", ["username-digest", "username-text", "node-username-digest", "node-username-text"])
def test_a_name_with_its_password_is_believed(name):
    assert read(name, NAMED).envelope.findtext(".//{urn:invented:register}code") == "H01-26-0001"


@pytest.mark.parametrize("name", ["username-digest", "username-text"])
def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nobody(name):
    wrong = (replace(ACCOUNT, user="other"), replace(ACCOUNT, passwords=(Secret("other"),)))
    refused = []
    for account in wrong:
        with pytest.raises(Unbelievable) as told:
            read(name, Expected(account=account))
        refused.append(str(told.value))
    assert refused == [str(Breach.CREDENTIALS)] * 2


def test_an_old_password_works_beside_the_new_one():
    both = replace(ACCOUNT, passwords=(Secret("new"), *ACCOUNT.passwords))
    assert read("username-digest", Expected(account=both)).once


def test_a_password_in_the_open_is_taken_only_where_that_was_agreed():
    with pytest.raises(Unbelievable) as refused:
        read("username-text", Expected(account=replace(ACCOUNT, kinds=frozenset({"digest"}))))
    assert refused.value.breach is Breach.ALGORITHM


@pytest.mark.parametrize("name", ["signed-then-encrypted-gcm", "encrypted-then-signed"])
def test_what_was_encrypted_for_us_is_read_whichever_came_first(name):
    believed = read(name, replace(SECRET, keys=(STRANGER, OURS)))
    assert believed.signer
    assert believed.envelope.findtext(".//{urn:invented:register}name") == "Nguyễn Văn Thử & con"


def test_encryption_alone_proves_nothing_and_is_read_where_nothing_is_asked():
    assert read("encrypted-gcm-128", Expected(keys=(OURS,))).signer == ""
    with pytest.raises(Unbelievable) as refused:
        read("encrypted-gcm-128", SECRET)
    assert refused.value.breach is Breach.MISSING


def test_cbc_is_read_only_where_it_was_allowed():
    """Whoever may try at will reads CBC without the key: it counts only for partners that know no better."""
    assert read("signed-then-encrypted-cbc", replace(SECRET, ciphers=("aes256-cbc",))).signer
    with pytest.raises(Unbelievable) as refused:
        read("signed-then-encrypted-cbc", SECRET)
    assert refused.value.breach is Breach.ALGORITHM


CIPHER_VALUE = re.compile(r"(?<=CipherValue>)[^<]+(?=<)")


def altered(change, *, at=1):
    """Return the CBC sample with other octets in its Body, or, at 0, in its key."""
    text = (SAMPLES / "signed-then-encrypted-cbc.xml").read_text()
    places = list(CIPHER_VALUE.finditer(text))
    octets = change(base64.b64decode(places[at][0]), base64.b64decode(places[0][0]))
    return (text[: places[at].start()] + base64.b64encode(octets).decode() + text[places[at].end() :]).encode()


def flip(place, bits=1):
    return lambda octets, _: octets[:place] + bytes([octets[place] ^ bits]) + octets[place:][1:]


def rewrite(old, new):
    """Write something else of the same length, as CBC lets whoever is lucky do without the key."""

    def change(octets, wrapped):
        key = OURS.key.decrypt(wrapped, OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None))  # noqa: S303
        cipher = Cipher(AES(key), CBC(octets[:16]))
        opened = cipher.decryptor()
        plain = (opened.update(octets[16:]) + opened.finalize()).replace(old, new)
        sealed = cipher.encryptor()
        return octets[:16] + sealed.update(plain) + sealed.finalize()

    return change


def refusal_of(data, later=ZERO):
    allowing = replace(SECRET, ciphers=("aes256-cbc",))
    now = datetime.fromisoformat(CREATED.search(data)[1].decode()) + later
    with pytest.raises(Unbelievable) as refused:
        believe(parse(data), allowing, now=now, limits=XmlLimits())
    return refused.value.breach, refused.value.place, refused.value.__cause__


PADDING = [altered(flip(-17, bits)) for bits in range(1, 256, 16)]
LETTER, GARBAGE, NO_KEY = altered(rewrite(b"con", b"cod")), altered(flip(40)), altered(flip(10), at=0)
TORN = altered(rewrite(b"</", b"<?"))


def test_nothing_tells_whose_padding_was_wrong_from_whose_signature():
    """Whoever alters CBC and hears a difference reads it octet by octet, without the key."""
    assert altered(rewrite(b"", b"")) == (SAMPLES / "signed-then-encrypted-cbc.xml").read_bytes()
    assert {refusal_of(data) for data in (*PADDING, LETTER, GARBAGE, NO_KEY, TORN)} == {
        (Breach.UNDECRYPTABLE, "", None)
    }


def work_of(data):
    """Return how many calls of functions it takes to refuse a message: the least of three, as some calls are chance."""
    return min(calls_of(data) for _ in range(3))


def calls_of(data):
    counted = Counter()
    sys.setprofile(lambda _frame, what, _about: counted.update([what]))
    try:
        refusal_of(data)
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


def test_neither_is_refused_with_less_work():
    """G9: the time it takes would tell as much as words do."""
    works = [work_of(data) for data in (LETTER, PADDING[0], GARBAGE, NO_KEY)]
    assert min(works) > 0.9 * max(works)


def test_what_is_told_of_the_time_is_told_before_anything_is_opened():
    """Else an old message that opens would be told from one that does not."""
    assert {refusal_of(data, later=timedelta(hours=1))[0] for data in (PADDING[0], LETTER)} == {Breach.EXPIRED}


@pytest.mark.parametrize("keys", [(), (STRANGER,)])
def test_what_none_of_our_keys_opens_is_refused(keys):
    with pytest.raises(Unbelievable) as refused:
        read("signed-then-encrypted-gcm", replace(SECRET, keys=keys))
    assert refused.value.breach in {Breach.UNDECRYPTABLE, Breach.UNKNOWN_KEY}


def test_the_same_message_is_used_up_by_the_same_token_and_another_by_another():
    first, again, other = (read(name, SIGNED).once for name in ("signed-direct", "signed-direct", "signed-ski"))
    assert first == again
    assert first.token != other.token
    assert read("username-text", NAMED).once is None
