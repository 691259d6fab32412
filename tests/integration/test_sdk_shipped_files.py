"""The province's own files build, and so does the sample that the guide shows."""

import re
import tomllib
from pathlib import Path

import msgspec

from gateway.config.settings import SystemConfig
from gateway.ports.secrets import Secret
from gateway.sdk import Context, build
from gateway.security.links import FileLinks
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.secrets import FakeSecrets

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
SIGNING = "whsec_" + "A" * 43 + "="


def tables(folder):
    files = sorted(folder.rglob("*.toml"))
    return {file.relative_to(folder).with_suffix("").as_posix(): tomllib.loads(file.read_text()) for file in files}


def a_context(systems, mappings):
    references = {reference: SIGNING for system in systems for reference in system.secrets.values()}
    return Context(
        clock=FakeClock(),
        secrets=FakeSecrets(references),
        blobs=MemoryBlobs(),
        mappings=mappings,
        directory=CONFIG,
        links=FileLinks(keys=(Secret(SIGNING),)),
    )


async def test_the_shipped_systems_build_and_open():
    """WSDL and mapping tables fit the files that name them."""
    systems = {name: msgspec.convert(table, SystemConfig) for name, table in tables(CONFIG / "systems").items()}
    context = a_context(systems.values(), tables(CONFIG / "mappings"))
    adapters = {name: build(config, context) for name, config in systems.items()}
    assert set(adapters) == set(systems) != set()
    for adapter in adapters.values():
        async with opened(adapter):
            pass


def test_the_guides_sample_builds():
    """What the guide shows can be copied."""
    guide = (ROOT / "docs" / "how-to" / "connect-a-ministry.md").read_text(encoding="utf-8")
    system, mapping = (tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[:2])
    config = msgspec.convert(system, SystemConfig)
    build(config, a_context([config], {f"{config.id}/dossier": mapping}))
