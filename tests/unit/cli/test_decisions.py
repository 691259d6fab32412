"""``judge``, ``held`` and ``dead`` where no gateway serves: the same answers and refusals as over HTTP."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.core.delivery import State
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.ports.store import KeyRole
from gateway.security.keys import new_key
from gateway.testing.books import a_draft
from gateway.testing.clock import FakeClock

from .books import on_the_store, stop

WHY = ("--reason", "Bộ xác nhận qua điện thoại")


@pytest.fixture
def config(config: Path) -> Path:
    """Land is called, not read from a feed."""
    land = config / "systems" / "land.toml"
    text = land.read_text(encoding="utf-8").replace('adapter = "feed"', 'adapter = "webhook"')
    land.write_text(text + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n', encoding="utf-8")
    return config


class Shell:
    def __init__(self, config: Path, data: Path) -> None:
        self.places = ["--config", str(config), "--data", str(data)]

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(command_line(), [*arguments, *self.places], env=environment)

    def json(self, *arguments: str, **environment: str):
        result = self.run(*arguments, "--json", **environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)["items"]

    def failure(self, *arguments: str, **environment: str) -> str:
        result = self.run(*arguments, **environment)
        assert isinstance(result.exception, Failed), result.output
        return str(result.exception)


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    return Shell(config, data)


def test_what_is_held_is_listed_and_judged_and_its_lane_goes_on(shell: Shell, config: Path, data: Path):
    """G3, G4: after a person's word the next one of the dossier is ready."""
    amended = a_draft(text="2", kind="dossier.amended")
    (delivery,) = stop(config, data, a_draft(), amended)
    (held,) = shell.json("held", "list", "--system", "land")
    assert held["id"] == delivery.id
    assert held["in_doubt_since"]
    assert delivery.id in shell.run("held").output
    (done,) = shell.json("judge", delivery.id, "--delivered", "--code", "national=G01", *WHY)
    assert done["delivery"]["state"] == "delivered"
    states = {item["state"] for item in json.loads(shell.run("show", "G01", "--json").stdout)["deliveries"]}
    assert states == {"delivered", "ready"}
    shown = shell.run("show", "G01").output
    assert "kết luận: «Bộ xác nhận qua điện thoại»" in shown


def test_what_is_dead_is_listed_sent_again_and_skipped(shell: Shell, config: Path, data: Path):
    (delivery,) = stop(config, data, state=State.DEAD, doubt=False)
    assert [item["id"] for item in shell.json("dead", "list")] == [delivery.id]
    (again,) = shell.json("dead", "retry", delivery.id, *WHY)
    assert again["delivery"]["state"] == "ready"
    assert shell.json("dead", "list") == []
    assert "vẫn đang trên đường" in shell.failure("dead", "skip", delivery.id, *WHY)


def test_what_is_in_doubt_is_not_sent_again_without_a_verdict(shell: Shell, config: Path, data: Path):
    """G4: the refusal says what to do instead."""
    (delivery,) = stop(config, data)
    for command in ("retry", "skip"):
        assert "judge --delivered" in shell.failure("held", command, delivery.id, *WHY)


def test_wrong_use_is_said_before_anything_is_opened(shell: Shell):
    assert "exactly one" in shell.failure("judge", "x", *WHY)
    assert "exactly one" in shell.failure("judge", "x", "--absent", "--delivered", *WHY)
    assert "SCHEME=VALUE" in shell.failure("judge", "x", "--delivered", "--code", "G01", *WHY)
    assert "--delivered only" in shell.failure("judge", "x", "--absent", "--code", "a=b", *WHY)
    assert shell.run("judge", "x", "--absent").exit_code == 2


def test_an_act_has_the_name_of_the_key_that_is_given(shell: Shell, config: Path, data: Path):
    """G10: a person's own key, not the account of the machine."""
    (delivery,) = stop(config, data)
    keys = {role: new_key(KeyId(f"k-{role}"), role=role, name="Lan", created_at=FakeClock().now()) for role in KeyRole}

    async def keep(store, _plan):
        for key in keys.values():
            await store.add(key.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))

    on_the_store(config, data, keep)
    judge = ("judge", delivery.id, "--cancelled", *WHY)
    assert "key of a system" in shell.failure(*judge, GATEWAY_OPERATOR_KEY=keys[KeyRole.SYSTEM].text)
    assert "no live key" in shell.failure(*judge, GATEWAY_OPERATOR_KEY="gw_x_" + "A" * 43)
    (done,) = shell.json(*judge, GATEWAY_OPERATOR_KEY=keys[KeyRole.OPERATOR].text)
    assert (done["act"]["actor"], done["act"]["key_id"]) == ("Lan", "k-operator")
