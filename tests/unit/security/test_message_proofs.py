"""HTTP message signatures of partners (RFC 9421): the RFC's own, and everything close to ours that does not hold."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.ports.callers import Shown
from gateway.ports.secrets import Secret
from gateway.security.message_proofs import MessageSignature
from gateway.security.message_signatures import MessageSigner, SignatureUnfit, Terms, content_digest

RSA = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
"""
ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
"""
P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----
"""
HMAC = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
THEN = datetime.fromtimestamp(1618884473, UTC)  #: when the RFC's examples were signed
BODY = b'{"hello": "world"}'
QUERY = {"param": "Value", "Pet": "dog"}
B_2 = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": f"sha-512=:{base64.b64encode(hashlib.sha512(BODY).digest()).decode()}:",
    "content-length": "18",
}
CERTIFICATE = (
    ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0"
    "ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUg"
    "mnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgB"
    "Rm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGU"
    "uY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4h"
    "BVZ1yhk=:"
)


def a_proof(algorithm="rsa-pss-sha512", key=RSA, key_id="test-key-rsa-pss", components=(), **more):
    text = more.pop("key_text", "pem")
    return MessageSignature(
        algorithm=algorithm, key_id=key_id, key=lambda: Secret(key), key_text=text, components=components, **more
    )


def of_the_rfc(example, *, headers=B_2, query=QUERY, body=BODY, host="example.com"):
    """The request of appendix B.2, or one like it, with one of the RFC's signatures."""
    label, signed, signature = example
    shown = {"signature-input": f"{label}={signed}", "signature": f"{label}=:{signature}:"}
    url = f"https://{host}/foo?param=Value&Pet=dog"
    return Shown(method="POST", url=url, path="foo", query=query, headers={**headers, **shown}, body=body, at=THEN)


B_2_2 = (
    "sig-b22",
    (
        '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss"'
        ';tag="header-example"'
    ),
    (
        "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8r"
        "tAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZ"
        "UJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw"
        "=="
    ),
)
B_2_3 = (
    "sig-b23",
    (
        '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")'
        ';created=1618884473;keyid="test-key-rsa-pss"'
    ),
    (
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN"
        "0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipw"
        "vKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA"
        "=="
    ),
)
B_2_5 = (
    "sig-b25",
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
)
B_2_6 = (
    "sig-b26",
    (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    ),
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
)
B_3 = (
    "ttrp",
    '("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256"',
    "xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==",
)
BARE = {name: text for name, text in B_2.items() if name != "content-digest"}
BESIDE = {**BARE, "client-cert": CERTIFICATE}
INNER = "service.internal.example"


@pytest.mark.parametrize(
    ("proof", "shown"),
    [
        (a_proof(components=("@query", "content-digest")), of_the_rfc(B_2_3)),
        (a_proof(tag="header-example"), of_the_rfc(B_2_2, query={})),
        (
            a_proof("hmac-sha256", HMAC, "test-shared-secret", ("date",), key_text="base64"),
            of_the_rfc(B_2_5, headers=BARE, query={}, body=b""),
        ),
        (
            a_proof("ed25519", ED25519, "test-key-ed25519", ("@path",)),
            of_the_rfc(B_2_6, headers=BARE, query={}, body=b""),
        ),
        (
            a_proof("ecdsa-p256-sha256", P256, "test-key-ecc-p256", ("@query",)),
            of_the_rfc(B_3, headers=BESIDE, body=b"", host=INNER),
        ),
    ],
    ids=["B.2.3", "B.2.2", "B.2.5", "B.2.6", "B.3"],
)
def test_the_signatures_of_rfc_9421_hold(proof, shown):
    """Appendix B: every algorithm that it shows on requests, as printed; a minute's skew, five minutes' age."""
    proof.check()
    assert proof.holds(shown)
    for seconds, holds in ((-61, False), (-60, True), (300, True), (301, False)):
        assert proof.holds(replace(shown, at=THEN + timedelta(seconds=seconds))) is holds


def test_what_a_signature_does_not_cover_may_not_count():
    """G9: B.2.6 covers neither query nor body, B.2.2 one parameter: with the others there they do not hold."""
    ed25519 = a_proof("ed25519", ED25519, "test-key-ed25519")
    assert not ed25519.holds(of_the_rfc(B_2_6, headers=BARE, query=QUERY, body=b""))
    assert not ed25519.holds(of_the_rfc(B_2_6, headers=B_2, query={}))
    assert not ed25519.holds(of_the_rfc(B_2_6, headers=BARE, query={}))
    assert not a_proof(tag="header-example").holds(of_the_rfc(B_2_2))


AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
URL = "https://gw.example/callbacks/land/moi"
SAID = b'{"ma": "H01-1"}'
COVERED = ("@method", "@target-uri", "content-digest")
WORD = "một bí mật đủ dài"
NONE: dict[str, str] = {}


def ours(**changes):
    return a_proof(
        **{"algorithm": "hmac-sha256", "key": WORD, "key_id": "k", "key_text": "text", "components": COVERED, **changes}
    )


def signed(components=COVERED, *, at=AT, nonce=None, key=WORD, headers=NONE, **terms):
    """A call as a partner would sign it."""
    digest = {"content-digest": content_digest(hashlib.sha256(SAID).digest())} if "content-digest" in components else {}
    shown = {**digest, **headers}
    told = Terms(**{"algorithm": "hmac-sha256", "key_id": "k", "components": components, **terms})
    signer = MessageSigner.of(told, Secret(key), "text" if told.algorithm == "hmac-sha256" else "pem")
    made = signer.sign("POST", URL, shown, at=at, nonce=nonce)
    shown |= {name.lower(): value for name, value in made.items()}
    return Shown(method="POST", url=URL, path="moi", query={}, headers=shown, body=SAID, at=AT)


def altered(shown, headers):
    return replace(shown, headers={**shown.headers, **headers})


GOOD = signed()
INPUT = GOOD.headers["signature-input"]
SIGNATURE = ("signature-input", "signature")


@pytest.mark.parametrize(
    "shown",
    [
        replace(GOOD, body=b'{"ma": "H01-2"}'),
        replace(GOOD, body=b""),
        replace(GOOD, body=None),
        replace(GOOD, method="PUT"),
        replace(GOOD, url=URL.replace("moi", "khac")),
        replace(GOOD, url=URL.replace("https", "http")),
        altered(GOOD, {"content-digest": content_digest(hashlib.sha256(b"x").digest())}),
        altered(GOOD, {"content-digest": "md5=:rL0Y20zC+Fzt72VPzMSk2A==:"}),
        altered(GOOD, {"content-digest": "nonsense"}),
        altered(GOOD, {"signature": "sig1=:AAAA:"}),
        altered(GOOD, {"signature": "sig1=?1"}),
        altered(GOOD, {"signature": "\udcff"}),
        altered(GOOD, {"signature-input": INPUT.replace("sig1", "sig2")}),
        altered(GOOD, {"signature-input": INPUT.replace("1772438400", "1772438401")}),
        altered(GOOD, {"signature-input": INPUT.replace("1772438400", "99999999999999999")}),
        altered(GOOD, {"signature-input": INPUT.replace(";created=1772438400", "")}),
        altered(GOOD, {"signature-input": INPUT.replace('"@method" ', "")}),
        altered(GOOD, {"signature-input": INPUT.replace('"@method"', '"@method" "@method"')}),
        altered(GOOD, {"signature-input": INPUT.replace('"@method"', '"@signature-params"')}),
        altered(
            GOOD, {"signature-input": INPUT + ", sig2=()", "signature": GOOD.headers["signature"] + ", sig2=:AA==:"}
        ),
        altered(
            GOOD, {name: f"{GOOD.headers[name]}, {GOOD.headers[name].replace('sig1', 'sig2')}" for name in SIGNATURE}
        ),
        altered(GOOD, {"signature-input": "(" * 4000}),
        signed(("@method", "@target-uri")),
        altered(signed(("@method", "@target-uri")), {"content-digest": GOOD.headers["content-digest"]}),
        signed(("@method", "content-digest")),
        signed(key_id="other"),
        signed(key="một bí mật khác, đủ dài"),
        signed(at=AT - timedelta(minutes=6)),
        signed(at=AT + timedelta(seconds=61)),
        signed(at=AT - timedelta(minutes=2), lifetime=timedelta(minutes=1)),
    ],
)
def test_nothing_else_holds(shown):
    assert not ours().holds(shown)


def test_an_agreed_signature_holds():
    """With a nonce, an expiry, more than is agreed, and no algorithm named."""
    for shown in (
        GOOD,
        signed(nonce="n", lifetime=timedelta(minutes=1), tells_algorithm=False),
        signed((*COVERED, "content-type"), headers={"content-type": "application/json"}),
    ):
        assert ours().holds(shown)


def test_the_algorithm_is_the_agreed_one():
    """A public key is no shared secret, whatever the signature calls itself (the confusion of algorithms)."""
    confused = signed(key=ED25519.strip(), key_id="test-key-ed25519")
    proof = a_proof("ed25519", ED25519, "test-key-ed25519", COVERED)
    assert not proof.holds(confused)
    assert not proof.holds(signed(key=ED25519.strip(), key_id="test-key-ed25519", tells_algorithm=False))


def test_one_signature_among_several_is_picked_by_its_tag():
    """A proxy adds its own."""
    mine = signed(tag="hoso")
    both = altered(
        mine,
        {
            "signature-input": f'{mine.headers["signature-input"]}, proxy=();created=1772438400;keyid="p"',
            "signature": f"{mine.headers['signature']}, proxy=:AAAA:",
        },
    )
    assert ours(tag="hoso").holds(both)
    assert not ours().holds(both)
    assert not ours(tag="other").holds(both)


def test_a_call_is_known_again_however_its_signature_is_written():
    """G7: another label, and the second of the two signatures that ECDSA has for everything, are the same call."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    proof = a_proof("ecdsa-p256-sha256", public, "k", COVERED)
    first = signed(algorithm="ecdsa-p256-sha256", key=key)
    other = altered(
        first,
        {
            "signature-input": first.headers["signature-input"].replace("sig1", "x"),
            "signature": f"x=:{base64.b64encode(mirrored(first)).decode()}:",
        },
    )
    later = signed(algorithm="ecdsa-p256-sha256", key=key, at=AT + timedelta(seconds=1))
    assert proof.holds(first)
    assert proof.holds(other)
    assert proof.once(first) == proof.once(other) != proof.once(later)


def mirrored(shown):
    """The same point of the curve with -s."""
    raw = base64.b64decode(shown.headers["signature"].removeprefix("sig1=:").removesuffix(":"))
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return r.to_bytes(32) + (order - s).to_bytes(32)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"algorithm": "ed25519", "key_text": "pem"}, "no public key"),
        ({"algorithm": "ed25519", "key_text": "pem", "key": RSA}, "no public key"),
        ({"key_text": "base64"}, "not base64"),
    ],
)
def test_a_key_that_does_not_fit_is_found_at_check(changes, problem):
    with pytest.raises(SignatureUnfit, match=problem):
        ours(**changes).check()


def test_a_short_key_is_found_at_check():
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - what must be refused
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(SignatureUnfit, match="only 1024 bits"):
        ours(algorithm="rsa-pss-sha512", key_text="pem", key=public).check()
