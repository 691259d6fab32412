"""Simulate the whole relay on a virtual clock: ``python -m tools.simulate [--seeds N] [--seed N [--sqlite] --trace]``.

Each seed is a world of its own: a portal, partners of every declaration, an operator, and a gateway whose store fails,
whose process dies and whose clock is set. The guarantees are held against true books after every step. The last line
counts what was broken; a line ``control:`` before it says what the same auditor finds in gateways broken on purpose.
Exit status 1 where a promise was broken, a control went unnoticed, or (from 2,000 seeds on) a fault met too little.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from gateway.testing.simulation.auditor import Broken
from gateway.testing.simulation.controls import OF_TWO, Control
from gateway.testing.simulation.faults import OFTEN, required
from gateway.testing.simulation.run import PAIR_SHARE, SQLITE_SHARE, Job, Tally, run, run_all

_CONTROL_SEEDS = 12
#: What each gateway broken on purpose must be found out by.
_TRIPS = {
    Control.PLAIN_RETRY: Broken.DOUBLED,
    Control.SETTLE_BEFORE_SEND: Broken.DOUBLED,
    Control.IGNORE_LANES: Broken.REORDERED,
    Control.NO_RECLAIM: Broken.STUCK,
    Control.ANSWER_BEFORE_COMMIT: Broken.LOST,
    Control.IGNORE_GATES: Broken.UNRULY,
    Control.SEND_IN_SHADOW: Broken.UNRULY,
    Control.SHARE_LEASES: Broken.DOUBLED,
    Control.NEVER_FENCED: Broken.UNRULY,
}
_SHOWN = 10
_SOME = 100  #: seeds below which each broken gateway lives half as many worlds
_MANY = 2000  #: seeds from which on every fault must have met everything that it can meet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return the exit status."""
    options = _options().parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets of strings is part of what a seed repeats
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tools.simulate", *(arguments or sys.argv[1:])])  # noqa: S606 - ourselves
    if options.seed is not None:
        return _one(options)
    return _many(options)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.simulate", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--seeds", type=int, default=2000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="of each, at least (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--no-controls", dest="controls", action="store_false", help="leave out the broken gateways")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--relays", type=int, default=1, help="that one with so many over one memory store")
    parser.add_argument("--sqlite", action="store_true", help="that one on SQLite")
    parser.add_argument("--control", type=Control, choices=list(Control), help="that one on a gateway broken so")
    parser.add_argument("--trace", action="store_true", help="and tell every step of it")
    return parser


def _one(options: argparse.Namespace) -> int:
    job = Job(
        seed=options.seed,
        steps=options.steps,
        sqlite=options.sqlite,
        relays=options.relays,
        control=options.control,
    )
    tally = run(job, print if options.trace else None)
    _print_failures(tally)
    print(_summary(tally))
    return 0 if tally.is_sound else 1


def _many(options: argparse.Namespace) -> int:
    began = time.monotonic()
    tally = Tally()
    for one in run_all(_jobs(options), options.workers):
        if len(tally.failed) < _SHOWN:
            _print_failures(one)
        tally.add(one)
    missing = _print_met(tally)
    controls = _controls(options) if options.controls else {}
    too_little = missing if options.seeds >= _MANY else []
    if too_little:
        print(f"simulate: met fewer than {OFTEN} times: {', '.join(too_little)}")
    if controls:
        _print_controls(controls)
    print(
        f"simulate: {time.monotonic() - began:.0f} s, {tally.steps / max(tally.seeds, 1):.0f} steps per seed, "
        f"at least {tally.fewest}"
    )
    print(_summary(tally))
    unnoticed = any(not count for count in controls.values())
    return 1 if not tally.is_sound or unnoticed or too_little else 0


def _jobs(options: argparse.Namespace) -> Iterator[Job]:
    for seed in range(options.first, options.first + options.seeds):
        is_sqlite = seed % SQLITE_SHARE == SQLITE_SHARE - 1  # which has one relay
        relays = 1 if is_sqlite or seed % PAIR_SHARE else 2
        yield Job(seed=seed, steps=options.steps, sqlite=is_sqlite, relays=relays)


def _controls(options: argparse.Namespace) -> dict[Control, int]:
    """Return how often the auditor found what is broken in each gateway broken on purpose."""
    found = dict.fromkeys(Control, 0)
    seeds = range(_CONTROL_SEEDS if options.seeds >= _SOME else _CONTROL_SEEDS // 2)
    jobs = [
        Job(seed=seed, control=control, relays=2 if control in OF_TWO else 1)
        for control in Control
        for seed in (range(_CONTROL_SEEDS) if control in OF_TWO else seeds)  # two must come together for it
    ]
    for tally in run_all(jobs, options.workers):
        for failed, _ in tally.failed:
            if failed.control is not None:
                found[failed.control] += tally.broken[_TRIPS[failed.control]]
    return found


def _print_met(tally: Tally) -> list[str]:
    """Print how often each fault met each outcome and state; return what was met too rarely."""
    faults = dict.fromkeys(fault for fault, _ in sorted(tally.met))
    for fault in faults:
        cells = "  ".join(f"{what} {count}" for (name, what), count in sorted(tally.met.items()) if name == fault)
        print(f"  {fault:27} {cells}")
    return [
        f"{fault} x {what}: {tally.met[fault, what]}" for fault, what in required() if tally.met[fault, what] < OFTEN
    ]


def _print_failures(tally: Tally) -> None:
    for job, violation in tally.failed:
        store = " --sqlite" if job.sqlite else ""
        store += f" --relays {job.relays}" if job.relays > 1 else ""
        steps = f" --steps {job.steps}" if job.steps != Job(seed=0).steps else ""
        control = f" --control {job.control}" if job.control else ""
        print(f"seed {job.seed} at {violation.at:.3f} s: {violation.broken}: {violation.what}")
        print(f"  replay it: python -m tools.simulate --seed {job.seed}{store}{steps}{control} --trace", flush=True)


def _print_controls(found: dict[Control, int]) -> None:
    print(f"control: plain_retry doubled={found[Control.PLAIN_RETRY]}")
    print(f"control: send_in_shadow unruly={found[Control.SEND_IN_SHADOW]}")
    print(f"control: share_leases doubled={found[Control.SHARE_LEASES]}")
    print(f"control: never_fenced unruly={found[Control.NEVER_FENCED]}")
    print(
        f"control: doubled={found[Control.SETTLE_BEFORE_SEND]} reordered={found[Control.IGNORE_LANES]} "
        f"stuck={found[Control.NO_RECLAIM]} lost={found[Control.ANSWER_BEFORE_COMMIT]} "
        f"unruly={found[Control.IGNORE_GATES]}"
    )


def _summary(tally: Tally) -> str:
    counts = " ".join(
        f"{broken}={tally.broken[broken]}" for broken in (Broken.LOST, Broken.DOUBLED, Broken.REORDERED, Broken.STUCK)
    )
    unruly = f" unruly={tally.broken[Broken.UNRULY]}" if tally.broken[Broken.UNRULY] else ""
    return (
        f"simulate: seeds={tally.seeds} steps={tally.steps} {counts}{unruly} "
        f"held={tally.held} held_expected={tally.expected}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
