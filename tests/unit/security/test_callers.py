"""How a partner that calls us shows who it is: what holds, and everything close to it that does not."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.ports.callers import Shown
from gateway.ports.secrets import Secret
from gateway.security.callers import ApiKey, Authorization, Hmac

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WORD = "một bí mật đủ dài"
BODY = b'{"ma": "H01-1"}'


def word() -> Secret:
    return Secret(WORD)


def shown(*, body: bytes = BODY, at: datetime = AT, query: dict[str, str] | None = None, **headers: str) -> Shown:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Shown(
        method="POST", url="http://gw.example/", path="trang-thai", query=query or {}, headers=named, body=body, at=at
    )


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        (shown(x_key=WORD), True),
        (shown(x_key=WORD + " "), False),
        (shown(x_key=""), False),
        (shown(query={"X-Key": WORD}), False),
        (shown(), False),
    ],
)
def test_a_key_in_a_header(given, holds):
    assert ApiKey(place="header", name="X-Key", key=word).holds(given) is holds


def test_a_key_in_the_query():
    proof = ApiKey(place="query", name="k", key=word)
    assert proof.holds(shown(query={"k": WORD}))
    assert not proof.holds(shown(k=WORD))


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (basic(f"bộ:{WORD}"), True),
        (basic(f"bộ:{WORD}").replace("Basic", "bASIC"), True),
        (basic(f"bộ:{WORD}x"), False),
        (basic(f"bo:{WORD}"), False),
        (basic(WORD), False),
        ("Basic %%%", False),
        ("Basic bộ", False),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), False),
        ("Basic", False),
        (f"Bearer {WORD}", False),
        ("", False),
    ],
)
def test_basic(header, holds):
    proof = Authorization(scheme="basic", username=lambda: Secret("bộ"), secret=word)
    assert proof.holds(shown(authorization=header)) is holds


def test_bearer():
    proof = Authorization(scheme="bearer", secret=word)
    assert proof.holds(shown(authorization=f"Bearer {WORD}"))
    assert not proof.holds(shown(authorization=WORD))
    assert not proof.holds(shown(authorization="Bearer "))
    assert not proof.holds(shown(authorization=f"Token {WORD}"))


def signature(*parts: bytes, join: bytes = b"", algorithm: str = "sha256") -> bytes:
    return hmac.digest(WORD.encode(), join.join(parts), algorithm)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signature_over_the_body(algorithm, encoding):
    """Over these bytes and no others, in the encoding that was agreed."""
    raw = signature(BODY, algorithm=algorithm)
    text = raw.hex() if encoding == "hex" else base64.b64encode(raw).decode()
    proof = Hmac(header="X-Sig", key=word, prefix="v=", algorithm=algorithm, encoding=encoding)
    assert proof.holds(shown(x_sig=f"v={text}"))
    for other in (shown(x_sig=text), shown(x_sig=f"v={text}", body=BODY + b" "), shown(x_sig="v="), shown()):
        assert not proof.holds(other)
    assert not proof.holds(shown(x_sig=f"v={hashlib.sha256(BODY).hexdigest()}"))


def test_a_signed_time_ends_a_call_and_names_it():
    """G7: a copy is worth nothing after five minutes, and is recognised before, however its signature is written."""
    stamp = str(int(AT.timestamp()))
    over = ("method", "path", "header:X-Time", "body")
    proof = Hmac(header="X-Sig", key=word, over=over, join="\n", timestamp="X-Time")
    text = signature(b"POST", b"trang-thai", stamp.encode(), BODY, join=b"\n").hex()
    good = shown(x_sig=text, x_time=stamp)
    assert proof.holds(good)
    assert proof.once(good)
    assert proof.once(good) != proof.once(shown(x_sig="00", x_time=stamp))
    for same in (text.upper(), f" {text} ", f"{text[:8]} {text[8:]}"):
        assert proof.holds(shown(x_sig=same, x_time=stamp))
        assert proof.once(shown(x_sig=same, x_time=stamp)) == proof.once(good)
    for at in (AT + timedelta(minutes=6), AT - timedelta(minutes=6)):
        assert not proof.holds(shown(x_sig=text, x_time=stamp, at=at))
    assert not proof.holds(shown(x_sig=text, x_time=str(int(stamp) + 1)))
    for time in ("", "hôm nay", "9" * 30, "2026-03-02T08:00:00"):
        signed = signature(b"POST", b"trang-thai", time.encode(), BODY, join=b"\n").hex()
        assert not proof.holds(shown(x_sig=signed, x_time=time))


def test_a_query_is_signed_as_it_stands_in_the_address():
    proof = Hmac(header="X-Sig", key=word, over=("query", "body"))
    asked = replace(shown(x_sig=signature(b"ma=H01-1&x=%20", BODY).hex()), url="http://gw.example/a?ma=H01-1&x=%20")
    assert proof.holds(asked)
    assert not proof.holds(replace(asked, url=asked.url.replace("H01-1", "H01-2")))
    assert not proof.holds(replace(asked, url="http://gw.example/a"))


def test_a_time_may_be_written_as_text():
    proof = Hmac(header="X-Sig", key=word, over=("header:X-Time", "body"), timestamp="X-Time")
    time = "2026-03-02T15:00:00+07:00"
    assert proof.holds(shown(x_sig=signature(time.encode(), BODY).hex(), x_time=time))


def test_a_body_without_a_time_may_honestly_come_again():
    """What is said again is said again: only a signed time makes a call the only one."""
    assert not Hmac(header="X-Sig", key=word).once(shown(x_sig="00"))
    assert not ApiKey(place="header", name="X-Key", key=word).once(shown(x_key=WORD))


def test_nothing_prints_a_secret():
    proofs = (ApiKey(place="header", name="X", key=word), Hmac(header="X", key=word), shown(authorization=WORD))
    assert all(WORD not in repr(proof) for proof in proofs)
