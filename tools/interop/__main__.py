"""Run every case with every peer, print one line per peer and direction and the matrix; 0 if all went well.

`python -m tools.interop [PEER …]`
"""

import asyncio
import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tools.gateway_process import GatewayFailed
from tools.interop.cases import Case, Feature, Result, Way, matrix
from tools.interop.keys import Keys
from tools.interop.ours import FILES, Door, called, door
from tools.interop.peer import TOOLS, Asked, Peer, PeerFailed
from tools.interop.peers import peers

_TEXT = "Đang xử lý «thử» & <con>"
_LONGEST_ID = 200  #: characters of a sourceEventId in the WSDL


def cases(peer: Peer, way: Way) -> list[Case]:
    """Return what is tried."""
    table = peer.calls if way is Way.CALLS_US else peer.serves
    return [
        Case(peer=peer.name, way=way, feature=feature, version=version, detail=detail)
        for feature in Feature
        for version in table.get(feature, ())
        for detail in (peer.proves.get(way, ()) if feature is Feature.SECURITY else ("",))
    ]


def calls_us(case: Case, peer: Peer, gate: Door, file: Path, keys: Keys) -> str:
    """Let the peer's client call the door; return what is wrong."""
    code = f"H99.99-260101-{int(hashlib.sha256(str(case).encode()).hexdigest()[:8], 16) % 10_000:04d}"
    is_fault = case.feature is Feature.FAULT
    event = (
        "x" * (_LONGEST_ID + 1)
        if is_fault
        else f"{case.peer}-{case.version}-{case.feature}{case.detail}".replace(" ", "-")
    )
    gate.submit(code)
    asked = Asked(
        url=gate.url,
        key=gate.ministry,
        version=case.version,
        dossier=code,
        event=event,
        text=_TEXT,
        file=file,
        feature=case.feature,
        keys=keys,
        detail=case.detail,
    )
    said = peer.call(asked)
    if is_fault:
        return "" if said.get("fault") == "body.invalid" else f"it did not read our fault: {said}"
    items = [str(item) for item in said.get("items", ())]
    if len(items) != 2 or any(item.startswith("problem") for item in items):  # noqa: PLR2004 -- as every client sends
        return f"not both events were taken: {said}"
    expected: list[tuple[str, list[str]]] = [
        (f"status.changed {_TEXT}", []),
        (f"result.issued {_TEXT}", [hashlib.sha256(FILES[0]).hexdigest()]),
    ]
    told = [one for one in gate.arrived(code) if one in expected]
    return "" if told == expected else f"the portal was told something else: {gate.arrived(code)}"


def attempt(case: Case, act: Callable[[], str]) -> Result:
    """Run one case; whatever goes wrong is its problem."""
    try:
        problem = act()
    except (PeerFailed, GatewayFailed, OSError, ValueError, KeyError) as error:
        problem = f"{type(error).__name__}: {error}"
    print(f"  {'FAILED' if problem else 'ok    '} {case}{': ' if problem else ''}{problem[:600]}", flush=True)
    return Result(case=case, problem=problem)


def run_clients(peer: Peer, gate: Door, file: Path, keys: Keys) -> Iterator[Result]:
    """Yield the results of the peer's client."""
    for case in cases(peer, Way.CALLS_US):
        yield attempt(case, lambda case=case: calls_us(case, peer, gate, file, keys))  # type: ignore[misc]


def run_server(peer: Peer, keys: Keys) -> Iterator[Result]:
    """Yield the results of the peer's server."""
    tried = cases(peer, Way.CALLED)
    if not tried:
        return
    with ExitStack() as stack:
        served = stack.enter_context(peer.serving(keys))
        for case in tried:
            url = served.url(case)
            yield attempt(case, lambda case=case, url=url: asyncio.run(called(case, url, keys)))  # type: ignore[misc]


def run(peer: Peer, gate: Door, file: Path, keys: Keys) -> list[Result]:
    """Return the results of one peer; one that cannot be installed or started has failed in every case."""
    print(f"{peer.name}: {peer.stack}", flush=True)
    results: list[Result] = []
    try:
        peer.install()
        results += run_clients(peer, gate, file, keys)
        results += run_server(peer, keys)
    except PeerFailed as error:
        done = {one.case for one in results}
        missed = [case for way in Way for case in cases(peer, way) if case not in done]
        results += [Result(case=case, problem=f"the peer could not be started: {error}") for case in missed]
        print(f"  FAILED {len(missed)} cases: {error}", flush=True)
    return results


def report(chosen: Sequence[Peer], results: Sequence[Result]) -> int:
    """Print the lines, the matrix and the sum; return the exit status."""
    for peer in chosen:
        for way in Way:
            own = [one for one in results if one.case.peer == peer.name and one.case.way is way]
            failed = sum(1 for one in own if one.problem)
            print(f"{peer.name} {way}: cases={len(own)} failed={failed}")
        for feature, why in peer.absent.items():
            print(f"{peer.name}: no {feature}: {why}")
    print(matrix([peer.name for peer in chosen], results))
    failed = sum(1 for one in results if one.problem)
    print(f"interop: peers={len(chosen)} cases={len(results)} failed={failed} skipped=0")
    return 1 if failed or not results else 0


def main(names: Sequence[str]) -> int:
    """Run the peers that are named, or all."""
    chosen = [peer for peer in peers() if not names or peer.name in names]
    TOOLS.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="run-", dir=TOOLS) as name:
        folder = Path(name)
        file = folder / "result.pdf"
        file.write_bytes(FILES[0])
        keys = Keys(folder / "keys")
        keys.write()
        try:
            with door(folder, keys) as gate:
                for peer in chosen:
                    results += run(peer, gate, file, keys)
        except GatewayFailed as error:
            print(f"interop: {error}", file=sys.stderr)
            return 1
    return report(chosen, results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
