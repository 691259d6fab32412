"""What a system's file agrees with a partner: read, or named as wrong."""

from datetime import timedelta

import msgspec
import pytest

from gateway.config.security import Security
from gateway.ports.secrets import Withheld
from gateway.security.wsse.agreement import AgreementReader
from gateway.testing.certificates import certified
from gateway.testing.secrets import FakeSecrets


class Nothing:
    """The secrets of a machine that must not know them."""

    def get(self, reference):
        return Withheld(f"looks like {reference}")


@pytest.fixture
def reader(tmp_path):
    (tmp_path / "good.pem").write_bytes(certified("good")[1])
    secrets = FakeSecrets({"env:KEY": certified("ours")[0].decode(), "env:PASSWORD": "p"})
    return AgreementReader(
        file="systems/tax.toml",
        key="options.security",
        references={"wss_key": "env:KEY", "wss_password": "env:PASSWORD"},
        secrets=secrets,
        directory=tmp_path,
    )


def read(reader, **tables):
    return reader.read(msgspec.convert(tables, Security))


def test_a_machine_that_must_not_know_the_keys_can_check_the_rest(reader):
    reader.secrets = Nothing()
    send = {"signature": {}, "username": {"user": "u"}}
    agreed = read(reader, send=send, expect={"certificates": ["good.pem", "lost.pem"]})
    assert agreed.sending.signing
    assert [problem.key for problem in reader.problems] == ["options.security.expect.certificates"]


def test_what_the_file_says_is_what_counts(reader):
    expected = read(
        reader,
        expect={
            "username": {"user": "u", "kinds": ["text", "digest"]},
            "algorithms": ["rsa-sha1"],
            "digests": ["sha1"],
            "skew": "5s",
            "lifetime": "1m",
            "ciphers": ["aes256-cbc"],
        },
    ).expected
    assert expected.account.user == "u"
    assert expected.account.kinds == {"text", "digest"}
    assert [method.uri.rpartition("#")[2] for method in expected.allowed.signatures.values()] == ["rsa-sha1"]
    assert (expected.window.skew, expected.window.lifetime) == (timedelta(seconds=5), timedelta(minutes=1))
    assert expected.ciphers == ("aes256-cbc",)


@pytest.mark.parametrize(
    "expect",
    [
        {"certificates": ["good.pem"]},
        {"username": {"user": "u"}},
        {"timestamp": True},
        {"keys": ["wss_key"]},
    ],
)
def test_whatever_is_asked_for_alone_is_asked_for(reader, expect):
    """What counts as nothing is let through unread: a reply that is only encrypted would stay so."""
    assert not read(reader, expect=expect).expected.is_empty
    assert reader.problems == []


def test_a_key_that_can_open_nothing_is_named(reader):
    """What is encrypted for us is so by RSA: with another kind of key every message would be refused, one by one."""
    reader.secrets = FakeSecrets({"env:KEY": certified("ours", kind="ec")[0].decode()})
    read(reader, send={"signature": {}})
    assert reader.problems == []
    read(reader, expect={"keys": ["wss_key"]})
    assert [(problem.key, problem.remedy) for problem in reader.problems] == [
        ("options.security.expect.keys", "name one that has an RSA key")
    ]
