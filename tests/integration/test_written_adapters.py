"""Adapters that somebody wrote and installed: what their code lacks is a problem of the system's file."""

import re
import sys
import tomllib
import types

import msgspec
import pytest

from gateway.app.adapters import faults
from gateway.config.loader import load
from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.sdk import build
from gateway.testing.secrets import FakeSecrets
from tests.adapters import context_of

WHOLE = """
class Adapter:
    async def send(self, delivery, *, deadline):
        raise NotImplementedError


def build(config, context):
    return Adapter()
"""


LAND = 'id = "land"\nrole = "system"\nadapter = "land_office"\nmode = "sandbox"\nname = { vi = "Đất đai" }\n'


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return what installs this code as a distribution of its own."""
    name = tmp_path.name  # of this test alone: what is imported stays
    monkeypatch.syspath_prepend(tmp_path)

    def install_code(code):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        about = tmp_path / f"{name}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[gateway.adapters]\nland_office = {name}\n", encoding="utf-8")

    return install_code


@pytest.fixture
def built(install):
    """Return what builds a system by this code."""

    def build_by(code):
        install(code)
        return build(msgspec.convert(tomllib.loads(LAND), SystemConfig), context_of())

    return build_by


@pytest.fixture
def found(install, tmp_path):
    """Return what looks for faults in a configuration with a system by this code, as `check` does."""

    def faults_with(code):
        install(code)
        portal = 'id = "portal"\nrole = "portal"\nadapter = "feed"\nname = { vi = "Cổng" }\n'
        (tmp_path / "config" / "systems").mkdir(parents=True)
        for name in ("gateway", "routes"):
            (tmp_path / "config" / f"{name}.toml").touch()
        for name, text in {"portal": portal, "land": LAND + 'endpoint = { sandbox = "http://127.0.0.1:9" }\n'}.items():
            (tmp_path / "config" / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
        return faults(load(tmp_path / "config"), FakeSecrets({}))

    return faults_with


def test_an_installed_adapter_is_found_by_what_it_announces(built):
    """Its distribution names the module; the system's file says no more than its name."""
    assert type(built(WHOLE)).__name__ == "Adapter"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(WHOLE.replace("class", "clas"), r"imported: SyntaxError at .*\.py:2 \(", id="not Python"),
        pytest.param("\nfrom gateway.sdk import Retriable", r"imported: ImportError at .*\.py:2 <module>", id="import"),
        pytest.param("import court_of_2031", "ModuleNotFoundError of court_of_2031 at .*:1 <module>", id="module"),
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


@pytest.mark.parametrize(
    "raised", ["RuntimeError", "SystemExit", "asyncio.CancelledError", "BaseException", "ImportError"]
)
@pytest.mark.parametrize("place", ["module", "build", "queries", "open", "close"])
async def test_what_an_adapters_code_raises_is_told_without_its_text(found, place, raised):
    """G9: wherever it is raised. The text may hold a secret, and sys.exit() ended `check` and gateways."""
    raises = f'raise {raised}("S3CRET")'
    code = f"""
import asyncio
{raises if place == "module" else ""}

class Adapter:
    async def send(self, delivery, *, deadline):
        raise NotImplementedError

    async def open(self):
        {raises if place == "open" else "pass"}

    async def close(self):
        {raises if place == "close" else "pass"}

    def queries(self):
        {raises if place == "queries" else "return {}"}

    async def query(self, query, *, deadline):
        raise NotImplementedError


def build(config, context):
    {raises if place == "build" else "return Adapter()"}
"""
    (problem,) = await found(code)
    where = "<module>" if place == "module" else place
    assert (problem.file, problem.key) == ("systems/land.toml", "adapter")
    assert re.search(rf": {raised.rpartition('.')[2]} at .*\.py:\d+ {where}$", problem.text), problem.text
    assert "S3CRET" not in str(problem)


def test_two_distributions_that_announce_one_name_are_a_problem(built, tmp_path):
    """Which of them sent was left to the order of folders: an old one that was never uninstalled, say."""
    older = tmp_path / "older-1.dist-info"
    older.mkdir()
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: older\nVersion: 1\n", encoding="utf-8")
    (older / "entry_points.txt").write_text("[gateway.adapters]\nland_office = older\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=f"is announced more than once: older, {tmp_path.name}"):
        built(WHOLE)


def test_an_import_that_looks_like_the_adapters_folder_is_told_as_what_it_is(monkeypatch, tmp_path):
    """`import adapter` in a file beside it: the adapter was said not to be installed."""
    package = types.ModuleType("adapters.land_desk")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "adapters.land_desk", package)
    (tmp_path / "adapter.py").write_text("import adapter\n", encoding="utf-8")
    config = msgspec.convert(tomllib.loads(LAND.replace("land_office", "land_desk")), SystemConfig)
    said = r"cannot be imported: ModuleNotFoundError of adapter at .*adapter\.py:1 <module>"
    with pytest.raises(ConfigError, match=said):
        build(config, context_of())


def test_a_configuration_error_that_names_nothing_is_none(built):
    """The system was left out without a word, and a start ended in a traceback."""
    code = "from gateway.sdk import ConfigError\n\n\ndef build(config, context):\n    raise ConfigError\n"
    with pytest.raises(ConfigError, match=r"cannot be built: ConfigError at .*\.py:5 build"):
        built(code)


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
