"""The ground on which a life is lived: configuration, environment, and what lies about in its data folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.testing.sample_secrets import sample_secrets

ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).parent
PLUGINS = _HERE / "plugins"  #: what somebody outside has written
LOG = "gateway.log"  #: what a gateway prints
_CACHE = ROOT / ".tools" / "bytecode"  #: compiled once, as an installed gateway is
_SECRET = os.environ.setdefault("PORTAL_WEBHOOK_SECRET", "whsec_" + "A" * 43 + "=")  # the portal here checks with it

_QUICK = (
    ("systems/business_registry.toml", 'quiet = "2s"', 'quiet = "700ms"'),
    ("systems/business_registry.toml", 'first_wait = "500ms"', 'first_wait = "100ms"'),
    ("systems/driver_licence.toml", 'first_wait = "500ms"', 'first_wait = "100ms"'),
    ("systems/portal.toml", 'first_wait = "500ms"', 'first_wait = "100ms"'),
    ("systems/driver_licence.toml", "concurrency = 16", "concurrency = 3"),
    ("systems/driver_licence.toml", "[retry]", '[breaker]\nfirst_open = "500ms"\n\n[retry]'),
    ("gateway.toml", "[codes.patterns]", '[store]\nreserve = 0\n\n[relay]\nlease = "20s"\n\n[codes.patterns]'),
)

#: Leases of seconds, which a stopped gateway outlives; no exchange may ask for a longer one.
SHARED = (
    ("gateway.toml", 'lease = "20s"', 'lease = "4s"'),
    *((f"systems/{name}.toml", 'total = "10s"', 'total = "3s"') for name in ("driver_licence", "business_registry")),
    ("systems/criminal_record.toml", 'total = "10s"', 'total = "3s"'),
    ("systems/portal.toml", 'total = "15s"', 'total = "3s"'),
    *((f"systems/{name}.toml", 'longest_wait = "5m"', 'longest_wait = "2s"') for name in ("driver_licence", "portal")),
    ("systems/business_registry.toml", 'longest_wait = "5m"', 'longest_wait = "2s"'),
)


def configure(folder: Path, changes: Sequence[tuple[str, str, str]] = ()) -> None:
    """Lay out the shipped configuration with two more ministries, shorter waits and few seats at one of them.

    ``changes`` are made besides: file, what it says, and what it says instead.
    """
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copytree(_HERE / "config" / "systems", folder / "config" / "systems", dirs_exist_ok=True)
    for name in ("routes.toml", "services.toml"):
        with (folder / "config" / name).open("a", encoding="utf-8") as file:
            file.write((_HERE / "config" / name).read_text(encoding="utf-8"))
    for name, old, new in (*_QUICK, *changes):
        path = folder / "config" / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"config/{name} has no `{old}` any more: correct tests/crash/grounds.py")
        path.write_text(text.replace(old, new), encoding="utf-8")


def environment() -> Mapping[str, str]:
    """Return what a gateway of this test runs with."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        **sample_secrets(),
        "PORTAL_WEBHOOK_SECRET": _SECRET,
        "GATEWAY_LINK_KEY": _SECRET,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(PLUGINS))),
        "PYTHONPYCACHEPREFIX": str(_CACHE),
    }


def leave_old_object(blobs: Path) -> None:
    """Leave an object that no row names, older than anything that may still be in use: the sweep asks about it."""
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / "forgotten").touch()
    os.utime(blobs / "forgotten", (0, 0))
