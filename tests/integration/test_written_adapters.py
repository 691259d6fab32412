"""Adapters that somebody wrote and installed: what their code lacks is a problem of the system's file."""

import tomllib

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.sdk import build
from tests.adapters import context_of

WHOLE = """
class Adapter:
    async def send(self, delivery, *, deadline):
        raise NotImplementedError


def build(config, context):
    return Adapter()
"""


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Return what builds a system by this code, installed as a distribution of its own."""
    name = tmp_path.name  # of this test alone: what is imported stays
    monkeypatch.syspath_prepend(tmp_path)

    def build_by(code):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        about = tmp_path / f"{name}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[gateway.adapters]\nland_office = {name}\n", encoding="utf-8")
        file = 'id = "land"\nrole = "system"\nadapter = "land_office"\nmode = "sandbox"\nname = { vi = "Đất đai" }'
        return build(msgspec.convert(tomllib.loads(file), SystemConfig), context_of())

    return build_by


def test_an_installed_adapter_is_found_by_what_it_announces(built):
    """Its distribution names the module; the system's file says no more than its name."""
    assert type(built(WHOLE)).__name__ == "Adapter"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(WHOLE.replace("class", "clas"), r"SyntaxError: invalid syntax \(.*, line 2\)", id="not Python"),
        pytest.param("from gateway.sdk import Retriable", "ImportError: cannot import name 'Retriable'", id="import"),
        pytest.param(WHOLE.replace("def build", "def built"), r"has no build\(config, context\)", id="no build"),
        pytest.param(
            WHOLE.replace("return Adapter()", "return {}[config.id]"), r"KeyError at .*\.py:8 build", id="build fails"
        ),
        pytest.param(WHOLE.replace("def send", "def sends"), "its build returns Adapter, which cannot send", id="send"),
    ],
)
def test_what_an_adapters_code_lacks_names_the_system_and_the_place(built, code, said):
    """Its traceback would end a start, and `config apply` would call it an error of the gateway's."""
    with pytest.raises(ConfigError, match=said) as caught:
        built(code)
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == ("systems/land.toml", "adapter")
    assert "`land_office`" in problem.text


def test_what_a_build_says_of_its_options_is_told_as_it_is(built):
    """A ConfigError names its own file and key."""
    code = """
from gateway.sdk import ConfigError, Problem


def build(config, context):
    raise ConfigError(Problem(file="systems/land.toml", key="options.office", text="is missing", remedy="name it"))
"""
    with pytest.raises(ConfigError) as caught:
        built(code)
    assert caught.value.problems[0].key == "options.office"
