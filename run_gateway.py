#!/usr/bin/env python3
"""Start the gateway's command line in the project's own environment, from any directory."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
MISSING = """\
The package {name!r} is not installed. In {root}, run: make setup
Chưa cài gói {name!r}. Trong thư mục {root}, hãy chạy: make setup
"""


def enter_venv() -> None:
    """Replace this process by the same command under ``.venv``, if that exists and is not running already."""
    python = VENV / "bin" / "python"
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not inside and (VENV / "pyvenv.cfg").is_file() and os.access(python, os.X_OK):
        os.execv(python, [str(python), str(ROOT / "run_gateway.py"), *sys.argv[1:]])  # noqa: S606 -- no shell is wanted


def run() -> None:
    """Hand over to the command line; exit with status 2 if a package is missing."""
    try:
        from gateway.cli import main  # noqa: PLC0415 -- third-party packages may be missing until `make setup`
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in {"gateway", "adapters"}:
            raise
        sys.stderr.write(MISSING.format(name=package, root=ROOT))
        sys.exit(2)
    main()


if __name__ == "__main__":
    enter_venv()
    run()
