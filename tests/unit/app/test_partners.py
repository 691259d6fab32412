"""What is agreed with each system about its calls: one certificate and one name belong to one system."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from gateway.app.certificates import dated
from gateway.app.partners import partners_of
from gateway.config.loader import load
from gateway.config.security import Security
from gateway.core.errors import ConfigError
from gateway.security.certificates import read_certificates
from gateway.testing.certificates import certified
from gateway.testing.secrets import FakeSecrets
from gateway.testing.secured import NOON

ONE, TWO = "civil_status", "driver_licence"
SECRETS = FakeSecrets({"env:PASSWORD": "p"})
NAMED = {"username": {"user": "u"}}


@pytest.fixture
def configured(tmp_path):
    """Two systems of the shipped configuration, each with what its calls must carry."""
    base = load(Path(__file__).parents[3] / "config")
    (tmp_path / "one.pem").write_bytes(certified("one")[1])
    (tmp_path / "two.pem").write_bytes(certified("two", ends=NOON + timedelta(days=3))[1])

    def make(**expected):
        systems = {
            name: msgspec.structs.replace(
                base.systems[name],
                secrets={"wss_password": "env:PASSWORD"},
                security=msgspec.convert({"expect": table}, Security),
            )
            for name, table in expected.items()
        }
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        return msgspec.structs.replace(base, systems=systems, directory=str(tmp_path), files=files)

    return make


def test_each_system_is_known_by_its_own(configured):
    partners = partners_of(configured(civil_status={"certificates": ["one.pem"]}, driver_licence=NAMED), SECRETS)
    assert partners.can_name
    assert partners.of(ONE).expected.certificates == read_certificates(certified("one")[1])
    assert partners.of(TWO).expected.account.user == "u"
    assert partners.of("portal").expected.is_empty


def test_nobody_is_known_by_a_timestamp(configured):
    assert not partners_of(configured(civil_status={"timestamp": True}), SECRETS).can_name


@pytest.mark.parametrize(
    ("table", "key"),
    [({"certificates": ["one.pem"]}, "security.expect.certificates"), (NAMED, "security.expect.username.user")],
)
def test_what_two_systems_share_is_refused(configured, table, key):
    with pytest.raises(ConfigError) as refused:
        partners_of(configured(civil_status=table, driver_licence=table), SECRETS)
    assert [problem.key for problem in refused.value.problems] == [key]


def test_what_is_wrong_is_named_by_file_and_key(configured):
    with pytest.raises(ConfigError) as refused:
        partners_of(configured(civil_status={"certificates": ["lost.pem"]}), SECRETS)
    (problem,) = refused.value.problems
    assert (problem.file, problem.key) == (f"systems/{ONE}.toml", "security.expect.certificates")


def test_a_pinned_certificate_that_ends_soon_is_told(configured):
    configuration = configured(civil_status={"certificates": ["one.pem", "two.pem"]})
    told = [one.problem for one in dated(configuration, SECRETS, NOON)]
    assert [(one.file, one.key) for one in told] == [(f"systems/{ONE}.toml", "certificates (two.pem)")]
    assert "ends on 2026-11-29" in told[0].text
