"""Kill the gateway (kill -9) again and again while the demo runs; its last line must hold all the same.

Run by ``make kill-demo``; a short round of it is part of the tests.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gateway.cli.demo.processes import Stage
from gateway.cli.demo.run import Finished, play, playing

_ROOT = Path(__file__).resolve().parents[2]
_PACE = 3.0  #: seconds of handing over per kill: on a busy machine, too, some of it is still to come at the last one


def run(*, kills: int, count: int, data: Path, seed: int = 1) -> Finished:
    """Play the demo, slowly enough for so many kills, in ``data``."""
    stage = Stage(root=_ROOT, data=data, count=count, per_second=count / (kills * _PACE), seed=seed)
    with playing(stage):
        return play(stage, kills=kills, limit=60 + kills * 8, watch=lambda _report, _kills: None)


def main() -> int:
    """Print the counts; exit 0 only if the promise held and enough kills met a delivery in flight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument(
        "--in-flight", type=int, default=15, help="at least so many kills must meet a delivery in flight"
    )
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=_ROOT / "var" / "kill-demo")
    asked = parser.parse_args()
    finished = run(kills=asked.kills, count=asked.count, data=asked.data, seed=asked.seed)
    kills = finished.kills
    print(f"kill-demo: kills={kills.done} in_flight={kills.in_flight} seconds={finished.seconds:.0f}")  # noqa: T201 - the result
    print(finished.report.line())  # noqa: T201 - the result
    enough = kills.done >= asked.kills and kills.in_flight >= asked.in_flight
    return 0 if finished.report.holds and enough else 1


if __name__ == "__main__":
    sys.exit(main())
