"""Every adapter's folder is whole, and its golden exchanges are really played."""

import importlib
import inspect
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from gateway.testing.adapter_contract import AdapterContract

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(file.parent for file in (ROOT / "adapters").glob("*/__init__.py"))
#: The other side only: the gateway's own doors, and systems that a file of configuration speaks to, in its demo.
SIMULATORS = {"demo_land", "demo_portal", "demo_rest", "demo_soap", "plug_in_portal"}
ADAPTERS = [folder for folder in FOLDERS if folder.name not in SIMULATORS]


def told_of(folder):
    manifest = folder / "manifest.toml"
    return tomllib.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}


def module_of(folder):
    return importlib.import_module(f"tests.integration.test_{folder.name}")


@pytest.mark.parametrize("folder", ADAPTERS, ids=lambda folder: folder.name)
def test_an_adapter_has_the_other_side_a_manifest_a_page_and_golden_exchanges(folder):
    """What the guide in adapters/README.md asks for."""
    assert {"manifest.toml", "simulator.py", "README.md"} <= {file.name for file in folder.iterdir()}
    assert told_of(folder)["name"] == folder.name
    assert list((folder / "exchanges").glob("*.json"))


@pytest.mark.parametrize("folder", ADAPTERS, ids=lambda folder: folder.name)
def test_every_golden_exchange_is_played(folder):
    """No file lies there that nobody reads: its test is parametrised by all of them."""
    tests = module_of(folder)
    assert sorted((folder / "exchanges").glob("*.json")) == tests.EXCHANGES
    played = [
        mark.args[1]
        for _, test in inspect.getmembers(tests, inspect.isfunction)
        for mark in getattr(test, "pytestmark", [])
        if mark.name == "parametrize"
    ]
    assert tests.EXCHANGES in played


@pytest.mark.parametrize("folder", [one for one in ADAPTERS if "sends" in told_of(one)], ids=lambda folder: folder.name)
def test_an_adapter_that_sends_keeps_what_every_adapter_keeps(folder):
    """One that only answers questions has nothing to deliver."""
    classes = [one for _, one in inspect.getmembers(module_of(folder), inspect.isclass) if one is not AdapterContract]
    assert any(issubclass(one, AdapterContract) for one in classes)


def test_no_two_systems_have_the_same_sandbox():
    """Simulators are started side by side, each at the address of its shipped file."""
    files = sorted((ROOT / "config" / "systems").glob("*.toml"))
    places = Counter(tomllib.loads(file.read_text("utf-8"))["endpoint"]["sandbox"].split("/")[2] for file in files)
    assert [place for place, count in places.items() if count > 1] == []
