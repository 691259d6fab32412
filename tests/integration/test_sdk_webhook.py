"""Signed webhooks to the portal."""

import base64
import hashlib
import hmac
import json

import pytest

from gateway.core.errors import ConfigError
from gateway.core.outcome import Ambiguous, Retryable
from gateway.core.reason import Reason, Why
from gateway.sdk import build
from gateway.testing.adapter_contract import AdapterContract, opened
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.partner import LoopbackPartner, Says
from tests.adapters import context_of, system_of

NEW, OLD = (f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in (1, 2))
SYSTEM = """
id = "portal"
role = "portal"
adapter = "webhook"
name = { vi = "Cổng dịch vụ công" }
secrets = { signing = "env:NEW", signing_previous = "env:OLD" }
doubt = { "*" = { doubt = "resend" } }
[options]
path = "/webhooks/gateway"
secrets = ["signing", "signing_previous"]
"""


def a_portal(address, clock, *, old=OLD, **options):
    context = context_of(clock=clock, secrets={"env:NEW": NEW, "env:OLD": old})
    return build(system_of(SYSTEM, address, **options), context)


def news():
    data = {"status": 4, "source_status": {"table": "TrangThaiHoSo", "code": "4"}}
    return a_delivery(a_message("status.changed", data=data, text="Đang xử lý"))


async def told(**options):
    clock = FakeClock()
    async with (
        LoopbackPartner(Says(status=204)) as partner,
        opened(a_portal(partner.address, clock, **options)) as adapter,
    ):
        for _ in range(2):
            await adapter.send(news(), deadline=clock.monotonic() + 5)
            clock.advance(60)
    return partner.seen


async def test_what_would_be_told_is_shown():
    """Nothing is signed for it."""
    [shown] = await a_portal("http://127.0.0.1:9", FakeClock()).outline(news())
    assert shown[":address"] == "POST http://127.0.0.1:9/webhooks/gateway"
    assert shown["data.data.status"] == "4"


class TestWebhookContract(AdapterContract):
    """The webhook adapter keeps what every adapter keeps."""

    def build(self, address, clock):
        return a_portal(address, clock)

    def delivery(self):
        return news()

    def accepted(self):
        return Says(status=204)


async def test_tells_the_canonical_event_under_the_same_id_on_every_try():
    """The id is what the receiver deduplicates by; only the time of the try changes."""
    first, second = await told()
    assert first.path == "/webhooks/gateway"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "0195-delivery-1"
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.body == second.body
    body = json.loads(first.body)
    assert (body["type"], body["timestamp"]) == ("status.changed", "2026-03-02T01:00:00Z")
    assert body["data"]["dossier"]["code"] == CODE
    assert body["data"]["data"]["status"] == 4


async def test_signs_the_bytes_with_every_secret():
    """A receiver that knows the old or the new secret can check, as the standard's libraries do."""
    seen = (await told())[0]
    signed = f"{seen.headers['webhook-id']}.{seen.headers['webhook-timestamp']}.".encode() + seen.body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in (NEW, OLD)]
    expected = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    assert seen.headers["webhook-signature"] == " ".join(f"v1,{one}" for one in expected)


async def test_speaks_national_names_where_the_file_says_so():
    """The same event under the names of the national interface."""
    seen = (await told(media_type="application/vnd.qcvn120+json"))[0]
    assert seen.headers["Content-Type"] == "application/vnd.qcvn120+json"
    assert "LoaiSuKien" in json.loads(seen.body)["data"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_who_sends_us_elsewhere_has_not_taken_it(status: int):
    """G4: it is not followed; once the file has the right address, that is where the next try goes."""
    clock = FakeClock()
    async with (
        LoopbackPartner(Says(status=status, headers={"Location": "/hooks/"})) as partner,
        opened(a_portal(partner.address, clock)) as adapter,
    ):
        outcome = await adapter.send(news(), deadline=clock.monotonic() + 5)
    assert isinstance(outcome, Retryable)
    assert outcome.reason == Reason(Why.REDIRECTED, "Location: /hooks/")
    assert len(partner.seen) == 1


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (Says(body=b"<!DOCTYPE html><title>Cong dich vu cong</title>"), Why.REPLY_UNREADABLE),
        (Says(body=b"x" * 9_000_000), Why.REPLY_TOO_LARGE),
    ],
)
async def test_a_page_or_a_reply_without_end_is_no_yes(says: Says, why: Why):
    """G5: whoever answers every address with its start page has not read a webhook."""
    clock = FakeClock()
    async with LoopbackPartner(says) as partner, opened(a_portal(partner.address, clock)) as adapter:
        outcome = await adapter.send(news(), deadline=clock.monotonic() + 5)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is why


def test_a_secret_that_cannot_sign_is_named_and_never_shown():
    """G9: the error names the secret's name, not the secret."""
    with pytest.raises(ConfigError, match=r"secrets\.signing_previous") as caught:
        a_portal("http://127.0.0.1:9", FakeClock(), old="hunter2-hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("status", [204, 404, 500, 502, 503])
async def test_a_probe_takes_any_answer_but_a_proxys(status: int):
    """It has no effect: HEAD, without a body, to the endpoint."""
    clock = FakeClock()
    async with LoopbackPartner(Says(status=status)) as partner, opened(a_portal(partner.address, clock)) as adapter:
        health = await adapter.probe(deadline=clock.monotonic() + 5)
    assert health.reachable is (status not in {502, 503})
    assert [(seen.method, seen.body) for seen in partner.seen] == [("HEAD", b"")]


async def test_a_probe_of_nobody_is_a_no():
    """Whoever does not listen is not there."""
    async with LoopbackPartner(Says()) as partner:
        address = partner.address
    clock = FakeClock()
    async with opened(a_portal(address, clock)) as adapter:
        health = await adapter.probe(deadline=clock.monotonic() + 5)
    assert (health.reachable, health.text) == (False, "refused")
