"""Partners that want to be vouched for, and that want us to show a certificate: a real TLS server on loopback."""

import asyncio
import socket
import ssl
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from gateway.app.secrets import UnknownSecrets
from gateway.cli import command_line
from gateway.core.errors import ConfigError
from gateway.core.outcome import Delivered, Retryable
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.deliveries import a_delivery
from tests.adapters import context_of, opened, system_of
from tests.mutual_tls import NOW, Authority, tls_server

SYSTEM = """
id = "labour"
role = "system"
adapter = "rest"
name = { vi = "Lao động" }
tls = { identity = "file:identity", authorities = "file:authorities" }
[options.operations."*"]
path = "/hoSo"
wrap = { id = "{delivery.id}" }
[[options.outcomes]]
path = "ok"
equals = [true]
then = "delivered"
"""


@pytest.fixture(scope="module")
def ministry():
    return Authority("CA of the ministry")


def a_config(address, text=SYSTEM):
    return system_of(text, address)


def a_context(identity, authorities):
    return context_of(secrets={"file:identity": identity, "file:authorities": authorities})


async def sent(address, context, text=SYSTEM):
    async with opened(a_config(address, text), context) as adapter:
        return await adapter.send(a_delivery(), deadline=context.clock.monotonic() + 5)


@pytest.mark.parametrize("above", ["", "# Chứng thư gốc của Bộ\n"])
async def test_a_partner_is_shown_our_certificate(ministry, tmp_path, above):
    """Mutual TLS: it knows us by name, we know it by the authority of our choice, whatever is noted above them."""
    async with tls_server(ministry, tmp_path) as (address, shown):
        outcome = await sent(address, a_context(above + ministry.pair("gateway"), above + ministry.pem))
    assert isinstance(outcome, Delivered)
    assert shown == ["gateway"]


async def test_a_partner_that_nobody_vouches_for_hears_nothing(ministry, tmp_path):
    """Another authority, or the machine's own alone: nothing is sent."""
    other = Authority("somebody else")
    async with tls_server(ministry, tmp_path) as (address, shown):
        outcomes = [
            await sent(address, a_context(ministry.pair("gateway"), other.pem)),
            await sent(address, a_context("", ""), SYSTEM.replace("tls =", "# tls =")),
        ]
    assert [outcome.reason.code for outcome in outcomes] == [Why.TLS, Why.TLS]
    assert all("signed certificate in certificate chain" in outcome.reason.detail for outcome in outcomes)
    assert shown == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_partner_that_refuses_our_certificate_has_taken_nothing(ministry, tmp_path, version):
    """TLS 1.3 says so after we have begun to send; what its TLS refuses it never passes on, so there is no doubt."""
    (tmp_path / "server.pem").write_text(ministry.pair("server"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=ministry.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.pem")
    context.maximum_version = version

    def refuse(door):
        connection, _ = door.accept()
        connection.settimeout(5)
        with connection.dup() as raw:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(4096):  # what was sent all the same: closing upon it would take the alert back
                pass

    with socket.create_server(("127.0.0.1", 0)) as door:
        refusing = asyncio.create_task(asyncio.to_thread(refuse, door))
        context_of_ours = a_context(Authority("somebody else").pair("gateway"), ministry.pem)
        outcome = await sent(f"https://127.0.0.1:{door.getsockname()[1]}", context_of_ours)
        await refusing
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.TLS


@pytest.mark.parametrize(
    ("spoil", "key", "problem"),
    [
        (lambda pair: pair.partition("-----BEGIN CERT")[0], "tls.identity", "holds no certificate"),
        (lambda pair: "-----BEGIN CERT" + pair.partition("-----BEGIN CERT")[2], "tls.identity", "no private key"),
        (lambda pair: pair.partition("-----BEGIN CERT")[0] + Authority("x").pem, "tls.identity", "belongs to its key"),
        (lambda _: "nothing of the kind", "tls.identity", "no private key"),
    ],
)
def test_what_cannot_be_shown_is_refused(ministry, spoil, key, problem):
    """At `check`, without a word of the key."""
    pair = ministry.pair("gateway")
    with pytest.raises(ConfigError) as caught:
        build(a_config("https://127.0.0.1:9"), a_context(spoil(pair), "no authority"))
    found = {one.key: one.text for one in caught.value.problems}
    assert problem in found[key]
    assert found["tls.authorities"] == "holds no certificate in PEM"
    assert pair.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(b"CA of", b"C\xb8 of", "OpenSSL cannot read", id="an issuer in TCVN3"),
        pytest.param(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04", "no certificate", id="no such version"),
    ],
)
def test_an_authority_that_cannot_be_read_is_named(ministry, old, new, problem):
    """Each of two libraries reads what the other refuses: it was a traceback of `check`."""
    der = ssl.PEM_cert_to_DER_cert(ministry.pem)
    assert old in der
    spoilt = ssl.DER_cert_to_PEM_cert(der.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        build(a_config("https://127.0.0.1:9"), a_context(ministry.pair("gateway"), spoilt))
    ((key, text),) = [(one.key, one.text) for one in caught.value.problems]
    assert key == "tls.authorities"
    assert problem in text


def test_what_is_missing_is_named_with_the_rest():
    """All at once: both texts, and an address without TLS."""
    with pytest.raises(ConfigError) as caught:
        build(a_config("http://127.0.0.1:9"), context_of())
    assert {one.key for one in caught.value.problems} == {"tls.identity", "tls.authorities", "endpoint.sandbox"}


def test_a_machine_without_secrets_can_check_the_rest():
    """`check --no-with-secrets`."""
    build(a_config("https://127.0.0.1:9"), replace(context_of(), secrets=UnknownSecrets()))


@pytest.mark.parametrize(
    ("dates", "status", "words"),
    [
        ({"ends": NOW - timedelta(days=1)}, 2, "ended on"),
        ({"begins": NOW + timedelta(days=1)}, 2, "begins to count on"),
        ({"ends": NOW + timedelta(days=20)}, 0, "ends on"),
        ({}, 0, ""),
    ],
)
def test_check_names_a_certificate_whose_days_are_counted(ministry, tmp_path, dates, status, words):
    """Over: exit status 2. Over soon: a warning."""
    folder = tmp_path / "config"
    (folder / "systems").mkdir(parents=True)
    (folder / "identity").write_text(ministry.pair("gateway", **dates))
    (folder / "authorities").write_text(ministry.pem)
    live = SYSTEM.replace('role = "system"', 'role = "portal"\nendpoint = { sandbox = "https://127.0.0.1:9" }')
    (folder / "systems" / "labour.toml").write_text(live)
    for name in ("gateway.toml", "routes.toml", "services.toml"):
        (folder / name).write_text("")
    result = CliRunner().invoke(command_line("check"), ["check", "--config", str(folder)])
    assert (result.exit_code, words in result.output) == (status, True), result.output
    if words:
        assert "labour.toml" in result.output
        assert "tls.identity" in result.output
