"""Standard Webhooks 1.0: signatures equal those of the reference libraries."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk.webhook import signature_headers, signing_key

VECTORS = [
    (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
]


@pytest.mark.parametrize(("secret", "message_id", "timestamp", "body", "signature"), VECTORS)
def test_signs_as_the_reference_libraries_do(secret, message_id, timestamp, body, signature):
    """The vectors are equal in the Python and the JavaScript library."""
    at = datetime.fromtimestamp(timestamp, UTC)
    headers = signature_headers([signing_key(secret)], message_id, at, body)
    assert headers == {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


def the_documentations() -> dict[str, Any]:
    """Return the names of the receiver's code that a portal's developer copies."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "connect-a-portal.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(import base64.*?)```", page, re.DOTALL)
    known: dict[str, Any] = {}
    exec(source, known)  # noqa: S102 - our own page
    return known


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "-1"},
        {"webhook-signature": "v1,\u00e9"},
        {"webhook-signature": ""},
    ],
)
def test_the_receivers_code_in_the_documentation_says_no_to_headers_that_nobody_signs(headers):
    """Anybody can call a portal's address: a forged call is refused, and no fault of its own."""
    known = the_documentations()
    now = str(int(datetime.now(UTC).timestamp()))
    forged = {"webhook-id": "m-1", "webhook-timestamp": now, "webhook-signature": "v1,x"} if headers else {}
    assert known["proves"](VECTORS[0][0], forged | headers, b"{}") is False


def test_the_receivers_code_in_the_documentation_proves_what_we_sign_and_nothing_else():
    """Every secret of a change is enough, and no other body or time."""
    known = the_documentations()
    keys = [signing_key(secret) for secret, *_ in VECTORS]
    now = datetime.now(UTC)
    signed = signature_headers(keys, "m-1", now, b"{}")
    for secret, *_ in VECTORS:
        assert known["proves"](secret, signed, b"{}")
        assert not known["proves"](secret, signed, b"{ }")
    late = signature_headers(keys, "m-1", now - timedelta(minutes=6), b"{}")
    assert not known["proves"](VECTORS[0][0], late, b"{}")


def test_signs_with_old_and_new_secret_during_a_change():
    """A receiver that knows either of them can check."""
    keys = [signing_key(vector[0]) for vector in VECTORS]
    headers = signature_headers(keys, "m", datetime.fromtimestamp(0, UTC), b"{}")
    alone = [signature_headers([key], "m", datetime.fromtimestamp(0, UTC), b"{}") for key in keys]
    assert headers["webhook-signature"] == " ".join(one["webhook-signature"] for one in alone)


@pytest.mark.parametrize("secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_***", "whsec_c2hvcnQ=", "whsec_"])
def test_refuses_what_is_no_signing_secret(secret):
    """The text says what is wrong and never the secret."""
    with pytest.raises(ValueError, match=r"secret|Base64") as caught:
        signing_key(secret)
    assert secret.removeprefix("whsec_") not in str(caught.value) or len(secret) == 6
